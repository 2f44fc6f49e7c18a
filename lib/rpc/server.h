// Answers calls over NNG: receives batches of frames, checks them, runs handlers on worker threads and sends
// the replies once the writes they rest on are durable. Fast methods share one address; SLOW ones have an
// address of their own. See proto/README.md.
#ifndef LIB_RPC_SERVER_H
#define LIB_RPC_SERVER_H

#include "lib/base/arena.h"
#include "lib/base/cursor.h"
#include "lib/base/err.h"
#include "lib/base/ids.h"
#include "lib/schema/schema.h"
#include "lib/store/store.h"
#include "rpc.pb-c.h"

// What a handler knows of its call. All of it, and the request, lives until the handler returns.
struct rpc_call {
    struct arena *arena; // for the reply and scratch
    void *service;       // rpc_server_options.service
    const struct schema_method *method;
    const ProtobufCMessage *request;
    Conse__Asker__Value asker; // the program that asks
    const Rpc__Caller *caller; // the user; user_id "" when the call is for nobody, and for the operator
    const char *traceparent;
    const uint64_t *acts; // a command on an event needs one of these to be its newest act; none: no condition
    size_t acts_count;
    int64_t now_ms;       // unix time, taken once per batch
    uint64_t ticket;      // the reply rests on this; raise it with rpc_after
    uint64_t rows_ticket; // the reply waits for this; raise it with rpc_wait_for
    enum { RPC_UNJUDGED, RPC_ALLOWED, RPC_REFUSED } judgement; // of the caller's right to the object
    char cursor[CURSOR_TEXT];    // of a read that a stream continues: where in it the caller goes on; or ""
    int64_t again_ms;            // of a read that waits: unix, when it has more without any news; 0: unknown
    struct rpc_command *command; // of an Idempotency-Key, or NULL
    bool repeated;               // an earlier call with the key succeeded: sealed is its reply, or names
    bool looked_up;              // whether there was one
    // Whether the object that was entered may carry the key's command already: then the store is asked. What
    // the store does not have yet rests on *ticket, unless that is 0. NULL: the store is asked in any case.
    bool (*knows)(void *object, const uint8_t id[32], bool *may_be, uint64_t *ticket, struct err *err);
    void *known_by;             // the object
    struct store_write write;   // what rpc_seal returns
    ProtobufCBinaryData sealed; // the packed reply; data NULL before rpc_seal

    // Of a store that other processes write too. A handler has no effect before its commit, so it may be run
    // again.
    int64_t arrived_ns;    // monotonic
    int64_t fresh_from_ns; // what the handler decides on was confirmed since; 0: any copy serves
    int64_t decided_on_ns; // when the oldest of it was confirmed; see rpc_decided_on. 0: nothing of that kind
    uint64_t parked;       // see rpc_park
    uint32_t tries;        // before this one
    bool fresh;   // the caller knows of news: also a read is decided on what is confirmed after its arrival
    bool movable; // the caller can ask another peer that WRONG_PEER names
    const char *winner; // with WRONG_PEER, or with STORE_NEWER when it is known: that peer's address
};

// The reply may not be sent before this ticket is durable, and fails with it.
void rpc_after(struct rpc_call *call, uint64_t ticket);
// The reply is not sent before this ticket is decided or the deadline passes, and is the same for every
// outcome. This is for rows made from what is already stored, so that lists show what the caller has just
// made.
void rpc_wait_for(struct rpc_call *call, uint64_t ticket);

// The handler decides on what was confirmed at this time. When it was before the call's arrival, a command is
// decided anew unless it is written, because only its write finds out whether others came between.
void rpc_decided_on(struct rpc_call *call, int64_t confirmed_ns);
// The handler met what a write that is on its way decides: it refuses the call, and is run again when the
// ticket is decided, if there is time.
void rpc_park(struct rpc_call *call, uint64_t ticket);

// Records the finding about the caller's right to the object that the method's passport names; the handler
// calls it before it changes or answers anything. Absence is a finding too. Then the Idempotency-Key is
// looked up, by call->knows when it is set. A command that succeeded before is answered here: an allowed
// caller gets its reply, others the names of what it made. True: go on. False: return false; err says why,
// and is empty when the call is answered. When the object has no owner, the call is allowed before its
// handler runs; the handler calls it all the same when it has entered the object of the method's route_key,
// which may know the command.
MUST_CHECK bool rpc_judge(struct rpc_call *call, bool allowed, struct err *err);

// A handler's write, completed by the call's Idempotency-Key and its reply. Seal after the reply is filled
// and before the write is queued: the reply is packed here, so that nothing refuses the call afterwards.
// Valid until the handler returns. When the arena has failed, also because the reply is too large or the
// caller's right was not judged, the call will be refused: write nothing then.
const struct store_write *rpc_seal(struct rpc_call *call, const ProtobufCMessage *reply,
                                   void (*done)(void *arg, bool durable), void *arg);

// The n-th id, from 0, that the Idempotency-Key gives to what the call makes, in a store that other processes
// write too: two of them that carry out the same command make the same thing, and the second write is
// refused. False without a key.
bool rpc_command_gives(const struct rpc_call *call, uint32_t n, struct uuid *id);
// The first of these; a new one without a key. See rpc_key_is_spent.
MUST_CHECK bool rpc_new_id(const struct rpc_call *call, struct uuid *id, struct err *err);
// IDEMPOTENCY_MISMATCH: what the key's command made is there, but nothing knows the command any more. Always
// false.
bool rpc_key_is_spent(struct err *err);

typedef bool rpc_handler(struct rpc_call *call, const ProtobufCMessage *request, ProtobufCMessage *reply,
                         struct err *err);

// Defines a handler: HANDLER(login, Auth__LoginRequest, Auth__Session) { ... return true; }
// It reads call, request; fills reply (initialised); returns false with err filled to refuse.
#define HANDLER(name, Request, Reply)                                                                        \
    static bool name(struct rpc_call *call, const Request *request, Reply *reply, struct err *err);          \
    static bool name##_erased(struct rpc_call *call, const ProtobufCMessage *request,                        \
                              ProtobufCMessage *reply, struct err *err)                                      \
    {                                                                                                        \
        return name(call, (const Request *)request, (Reply *)reply, err);                                    \
    }                                                                                                        \
    static const size_t name##_sizes[2] = {sizeof(Request), sizeof(Reply)};                                  \
    static bool name(__attribute__((unused)) struct rpc_call *call,                                          \
                     __attribute__((unused)) const Request *request, __attribute__((unused)) Reply *reply,   \
                     __attribute__((unused)) struct err *err)

struct rpc_method {
    const char *name; // "auth.Login"; NULL ends the table
    rpc_handler *handler;
    const size_t *sizes; // of request and reply, checked against the schema at start
};
#define RPC_METHOD(name, function)                                                                           \
    {                                                                                                        \
        name, function##_erased, function##_sizes                                                            \
    }

// Searches tables that end with NULL; NULL when none has it.
const struct rpc_method *rpc_method_find(const struct rpc_method *const *tables, const char *name);

// Runs a method without a socket as the server would, for tools on a service's files and for tests. The call
// has its arena, service, asker, caller (NULL: nobody, and the operator) and now_ms; afterwards it has the
// tickets that the reply waits for. NULL when it is refused. A write that meets another process's is not
// decided again here.
ProtobufCMessage *rpc_run_here(struct rpc_call *call, const struct rpc_method *const *tables,
                               const char *name, const ProtobufCMessage *request, struct err *err);

struct bus_keys;
struct metrics;
struct rpc_server;

struct rpc_server_options {
    const char *name; // "auth", for logs and metrics
    // Tables that end with NULL: every method of the .proto services the server claims.
    const struct rpc_method *const *methods;
    void *service;
    struct store *store; // for tickets and idempotency; NULL when the service stores nothing
    const char *address;
    const char *slow_address;  // of SLOW methods; NULL: rpc_slow_address(address)
    uint32_t workers;          // threads for fast methods
    uint32_t slow_workers;     // threads for SLOW methods
    uint32_t slow_queue;       // SLOW calls that may wait for a thread, in turns
    uint32_t queue;            // fast batches that may wait
    size_t arena_cap_bytes;    // per call; 8 MiB when 0
    struct bus_keys *bus_keys; // of the process; all but ipc:// and inproc:// need them
    struct metrics *metrics;   // or NULL
};

// Binds and starts. A bad method table fails an assertion.
MUST_CHECK bool rpc_server_start(struct rpc_server **server, const struct rpc_server_options *options,
                                 struct err *err);
// New calls get SERVICE_DRAINING; returns when those in flight are answered, or after timeout_ms.
void rpc_server_drain(struct rpc_server *server, int64_t timeout_ms);
void rpc_server_stop(struct rpc_server *server);

// Ends NNG's threads, as the last use of lib/rpc and lib/bus in a process.
void rpc_finish(void);

#endif
