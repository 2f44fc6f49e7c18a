// One connection of a client to one address: a REQ socket with its dialer, the messages that are being
// filled, and the calls that wait on it. NNG keeps it connected; when the pipe is lost, what was sent through
// it is lost too. One thread, except for the pipe events, which only count and write to the client's eventfd.
#ifndef LIB_RPC_LINK_H
#define LIB_RPC_LINK_H

#include <nng/nng.h>
#include <stdatomic.h>

#include "lib/rpc/calls.h"
#include "lib/rpc/session.h"
#include "lib/rpc/trips.h"
#include "lib/rpc/nng/watch.h"

struct rpc_outgoing { // a message being filled
    nng_msg *message;
    uint32_t frames;
};

struct rpc_queued {
    nng_msg *message;
    uint64_t counter; // once it is sealed
    struct rpc_queued *next;
};

struct rpc_link {
    nng_socket socket;
    nng_dialer dialer;       // 0: nobody is there
    _Atomic uint32_t dialed; // the dialer whose connections count; 0: none does
    int event_fd;
    char address[256];
    int64_t complained_ms; // monotonic: of a session that did not begin
    int64_t redial_ms;     // monotonic: when to dial again if there is no connection by then
    int64_t away_ms;       // monotonic: since when nobody is there, 0 when somebody was at the last look
    struct rpc_trips trips;
    struct rpc_session session;

    _Atomic uint32_t pipe;   // of the connection, 0 when there is none
    _Atomic uint32_t losses; // connections lost so far
    struct rpc_watch watch;
    uint32_t gone_pipe; // lost before it was reported; only in pipe events
    _Atomic uint32_t seen_losses;

    struct rpc_outgoing reads, writes;
    struct rpc_queued *queue, **queue_end; // whole messages that wait for a round trip
    struct rpc_waiting *calls, *last_call; // oldest first
    uint32_t queued, calls_count;
    bool closed;       // no socket yet, or no longer
    _Atomic bool idle; // NNG holds nothing that was meant for a connection
};

// The seals must outlive it.
MUST_CHECK bool rpc_link_open(struct rpc_link *link, const char *address, struct rpc_seals *seals,
                              int event_fd, struct err *err);
// False when NNG does not release the socket within a second (see rpc_watch): the link must then stay in
// memory.
MUST_CHECK bool rpc_link_close(struct rpc_link *link);

bool rpc_link_connected(const struct rpc_link *link); // and its session has begun
// Checks whether the connection's other side is gone though NNG has not reported it. Returns when to check
// again.
int64_t rpc_link_watch(struct rpc_link *link, int epoll_fd, int64_t now_ms);
// NNG 1.5.2 stops dialling for good when a peer dies within the handshake (it takes EPIPE for a close of its
// own), so a link without a connection is dialled again from time to time; and where nobody is, it is not
// dialled until somebody is there (rpc_socket_is_bound). Returns when to check again.
int64_t rpc_link_redial(struct rpc_link *link, int64_t now_ms);
// True once after a connection was lost: the caller must fail its calls and call rpc_link_forget.
bool rpc_link_lost(const struct rpc_link *link);
void rpc_link_forget(struct rpc_link *link);

// Adds a frame to this turn's message of its class. False without memory.
MUST_CHECK bool rpc_link_add(struct rpc_link *link, Conse__Class class, const ProtobufCMessage *request);
// True when the peer is so far behind that it gets no more calls.
bool rpc_link_full(const struct rpc_link *link);
// Sends what it can; the rest waits for replies.
void rpc_link_flush(struct rpc_link *link);
// Ends the connection.
void rpc_link_cut(struct rpc_link *link);
// The next reply message that has arrived, or NULL. The caller frees it.
nng_msg *rpc_link_receive(struct rpc_link *link);

void rpc_link_attach(struct rpc_link *link, struct rpc_waiting *call);
void rpc_link_detach(struct rpc_link *link, struct rpc_waiting *call);

#endif
