// A client, and the way of its calls. Private to the client. One thread.
#ifndef LIB_RPC_SENT_H
#define LIB_RPC_SENT_H

#include "lib/rpc/client.h"
#include "lib/rpc/pool.h"

struct unsent { // a call that failed at once; reported in the next rpc_client_process
    uint64_t id;
    rpc_done *done; // NULL: cancelled
    void *arg;
    struct err err;
    struct unsent *next;
};

struct rpc_client {
    char service[32];
    Conse__Asker__Value self;
    int epoll_fd, event_fd, timer_fd;
    int64_t tend_ms;  // when a link must be looked after
    int64_t alarm_ms; // what the timer is set to; INT64_MAX: not set
    struct rpc_pool pool;
    struct rpc_calls calls;
    struct rpc_waiting *patient, *last_patient; // calls that wait for a connection, oldest first
    size_t patient_bytes;
    int64_t lost_ms; // when a connection was last lost, or the first one begun
    struct unsent *unsent, **unsent_end;
    uint64_t unsent_id;
    struct arena arena;     // of one reply
    const Rpc__Reply *told; // the reply that is being told; NULL: none is
};

// Fills in that the call may come again in a second; false.
static inline bool rpc_retry_soon(struct err *err)
{
    err->retry_after_s = 1;
    return false;
}

// Adds the call to the messages of this turn; it may be asked once more when the client can go elsewhere, or
// has a key that makes it happen once. False without memory.
MUST_CHECK bool rpc_sent_send(struct rpc_client *client, struct rpc_waiting *call, struct rpc_link *link,
                              Rpc__Request *envelope);
// Lets the call wait for a connection. False without memory.
MUST_CHECK bool rpc_sent_keep(struct rpc_client *client, struct rpc_waiting *call,
                              const Rpc__Request *envelope);
void rpc_sent_end(struct rpc_client *client, struct rpc_waiting *call); // without calling back
void rpc_sent_fail(struct rpc_client *client, struct rpc_waiting *call, const struct err *err);
void rpc_sent_fail_late(struct rpc_client *client, struct rpc_waiting *call); // at its deadline

// Once; false when it can't be. The stream's next calls go to the winner too; when that one is not known or
// not connected, the peer that named it decides after all.
MUST_CHECK bool rpc_sent_ask_another(struct rpc_client *client, struct rpc_waiting *call);
MUST_CHECK bool rpc_sent_ask_winner(struct rpc_client *client, struct rpc_waiting *call, const char *winner);
// Likewise, of what the peer that answered did not begin, so it may be any call.
MUST_CHECK bool rpc_sent_ask_elsewhere(struct rpc_client *client, struct rpc_waiting *call);
// Likewise, of what the peer that answered is too old for: its writer, or another peer when that one is not
// known. Nothing was done, so it may be any call.
MUST_CHECK bool rpc_sent_ask_newer(struct rpc_client *client, struct rpc_waiting *call, const char *writer);
// Asks the link's calls from before its loss once more, or fails them.
void rpc_sent_lose(struct rpc_client *client, struct rpc_link *link);
// Sends what waits for a connection; fails what has waited long enough.
void rpc_sent_take_patient(struct rpc_client *client, int64_t now_ms);

#endif
