// Calls services over NNG. The calls of one loop turn to one peer travel in one message. One client belongs
// to one thread; its fd can sit in that thread's epoll set. A lost peer fails exactly its own calls, at once;
// READ and BULK calls are asked of another peer once, when there is one; so is any call that a peer refuses
// because it drains. When no peer is connected, a call waits half a second if one was in the last five. Every
// call has a deadline.
#ifndef LIB_RPC_CLIENT_H
#define LIB_RPC_CLIENT_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/schema/schema.h"
#include "rpc.pb-c.h"

struct bus_keys;
struct rpc_client; // to one service, all its peers

struct rpc_client_options {
    const char *service;      // "auth"
    Conse__Asker__Value self; // which program calls
    const char *address; // as the server's, or several joined by commas; tcp://name:port stands for all its
                         // addresses; a peer whose slow address is not beside it is "FAST SLOW", as
                         // rpc_address_join makes it
    struct bus_keys *bus_keys; // of the process; all but ipc:// and inproc:// need them
    uint32_t max_in_flight;    // beyond it a call fails with SERVICE_BUSY; 4096 when 0
};

MUST_CHECK bool rpc_client_create(struct rpc_client **client, const struct rpc_client_options *options,
                                  struct err *err);
// Fails what is in flight with SERVICE_DRAINING. NULL is fine.
void rpc_client_destroy(struct rpc_client *client);

// Readable when rpc_client_process has something to do.
int rpc_client_fd(const struct rpc_client *client);
// Handles replies, lost peers and passed deadlines, and calls back. Never blocks. now_ms is from
// clock_mono_ms.
void rpc_client_process(struct rpc_client *client, int64_t now_ms);
// Sends what the calls of this turn gathered.
void rpc_client_flush(struct rpc_client *client);
bool rpc_client_connected(const struct rpc_client *client);
uint32_t rpc_client_peers(const struct rpc_client *client); // connected ones
// For threads without a loop: waits until a peer is connected; false when none was in time.
bool rpc_client_wait(struct rpc_client *client, int64_t timeout_ms);

// payload is the packed reply (borrowed, valid during the callback) when ok, else err says why.
typedef void rpc_done(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err);

// Within the callback, of a reply that a stream continues: where the caller goes on; else "".
const char *rpc_client_cursor(const struct rpc_client *client);
// Likewise, of a read that waits: unix, when it has more without any news; 0: unknown.
int64_t rpc_client_again_ms(const struct rpc_client *client);

struct rpc_request {
    const struct schema_method *method;
    const char *name;          // NULL: method->name; "auth.feed.Read" for a service's own bus.Read
    const Rpc__Caller *caller; // NULL: nobody, and the operator
    ProtobufCBinaryData payload;
    const char *idempotency_key;
    const char *traceparent;
    const uint64_t *acts; // see rpc.proto
    size_t acts_count;
    const char *stream; // calls with the same stream go to the same peer; NULL: the least busy one
    bool fresh;         // there was news: the answer may not be older than the call
    int64_t timeout_ms;
};

// Copies what it needs; done is called exactly once, never from within this call. Returns an id for
// cancelling.
uint64_t rpc_client_call(struct rpc_client *client, const struct rpc_request *request, rpc_done *done,
                         void *arg);
// The callback will not be called any more; a late reply is dropped.
void rpc_client_cancel(struct rpc_client *client, uint64_t id);

// For threads without a loop: sends, waits, unpacks into the arena. Without a connection it waits up to
// 200 ms for one.
MUST_CHECK bool rpc_client_ask(struct rpc_client *client, const char *method, const Rpc__Caller *caller,
                               const ProtobufCMessage *request, int64_t timeout_ms, struct arena *arena,
                               ProtobufCMessage **reply, struct err *err);

// The same for a command that is carried out once, however often it is asked with its Idempotency-Key.
struct rpc_asked {
    const char *method, *key;
    const Rpc__Caller *caller;
    const ProtobufCMessage *request;
};
MUST_CHECK bool rpc_client_command(struct rpc_client *client, const struct rpc_asked *asked,
                                   int64_t timeout_ms, struct arena *arena, ProtobufCMessage **reply,
                                   struct err *err);

#endif
