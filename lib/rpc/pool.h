// The peers of a client: a fast and a slow link to each address, added and dropped as the addresses change.
// One thread.
#ifndef LIB_RPC_POOL_H
#define LIB_RPC_POOL_H

#include "lib/net/peers.h"
#include "lib/rpc/leads.h"
#include "lib/rpc/link.h"

struct rpc_peer {
    char address[PEERS_ADDRESS]; // as listed: "FAST" or "FAST SLOW"
    struct rpc_link fast, slow;
    bool leaving; // no longer among the addresses: closed when its calls are done
    struct rpc_peer *next;
};

struct rpc_pool {
    struct peers *addresses;
    uint64_t version;
    struct rpc_peer *first;
    struct rpc_leads leads;
    struct rpc_seals seals;
    bool has_slow;
    int epoll_fd,
        event_fd; // the client's: one watches sockets, the other reports replies and pipe events
};

// The pool's seals and descriptors must be set before. When it fails, nothing is left open, but pool_close is
// called all the same.
MUST_CHECK bool rpc_pool_open(struct rpc_pool *pool, const char *addresses, struct err *err);
void rpc_pool_close(struct rpc_pool *pool);

// Follows the addresses; closes peers that have left and have no calls.
void rpc_pool_update(struct rpc_pool *pool);
// Notices peers that are gone though NNG has not reported it; returns when to look again, INT64_MAX when only
// the epoll set tells.
int64_t rpc_pool_watch(struct rpc_pool *pool, int64_t now_ms);
// Dials links without a connection anew when it is time; returns when to look again, INT64_MAX when all are
// connected.
int64_t rpc_pool_redial(struct rpc_pool *pool, int64_t now_ms);
// Sends what it can.
void rpc_pool_flush(struct rpc_pool *pool);

uint32_t rpc_pool_connected(const struct rpc_pool *pool); // peers
bool rpc_pool_has_link(const struct rpc_pool *pool);      // one of a peer's two, at least
bool rpc_pool_has_choice(const struct rpc_pool *pool);    // more than one peer
// The link for a call: to the peer that leads its stream, else by rendezvous hashing of it, without a stream
// the one with the fewest calls; never `but`. NULL: all are away.
struct rpc_link *rpc_pool_choose(const struct rpc_pool *pool, Conse__Class class, const char *stream,
                                 const struct rpc_link *but);
// The link to the peer at an address; NULL when it is not among the peers, or away.
struct rpc_link *rpc_pool_find(const struct rpc_pool *pool, Conse__Class class, const char *address);
// Calls `take` for each open link.
void rpc_pool_each(struct rpc_pool *pool, void (*take)(void *arg, struct rpc_link *link), void *arg);

#endif
