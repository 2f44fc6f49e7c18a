#include "lib/rpc/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/address.h"

static void close_peer(struct rpc_peer *peer)
{
    bool fast = rpc_link_close(&peer->fast), slow = rpc_link_close(&peer->slow);
    if (fast && slow) free(peer); // else NNG still knows it
}

static bool open_links(struct rpc_pool *pool, struct rpc_peer *peer, struct err *err)
{
    char fast[PEERS_ADDRESS], slow[PEERS_ADDRESS];
    bool both = rpc_address_split(peer->address, fast, slow, sizeof fast);
    if (!rpc_link_open(&peer->fast, fast, &pool->seals, pool->event_fd, err)) return false;
    if (!pool->has_slow) return true;
    if (!both) return err_fail(err, INVALID_FIELD, "%s is no address of a service", peer->address);
    return rpc_link_open(&peer->slow, slow, &pool->seals, pool->event_fd, err);
}

static bool add_peer(struct rpc_pool *pool, const char *address, struct err *err)
{
    struct rpc_peer *peer = calloc(1, sizeof *peer);
    if (!peer) return err_fail(err, INTERNAL_ERROR, "out of memory");
    peer->fast.closed = peer->slow.closed = true;
    snprintf(peer->address, sizeof peer->address, "%s", address);
    if (!open_links(pool, peer, err)) {
        close_peer(peer);
        return false;
    }
    peer->next = pool->first;
    pool->first = peer;
    return true;
}

static bool is_listed(const struct peers_list *list, const char *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->addresses[i], address) == 0) return true;
    return false;
}

static bool is_known(const struct rpc_pool *pool, const char *address)
{
    const struct rpc_peer *peer = pool->first;
    while (peer && strcmp(peer->address, address) != 0) peer = peer->next;
    return peer != NULL;
}

static bool pool_follow(struct rpc_pool *pool, struct err *err)
{
    struct peers_list list;
    if (!peers_changed(pool->addresses, &pool->version, &list)) return true;
    for (struct rpc_peer *peer = pool->first; peer; peer = peer->next)
        peer->leaving = !is_listed(&list, peer->address);
    for (size_t i = 0; i < list.count; i++)
        if (!is_known(pool, list.addresses[i]) && !add_peer(pool, list.addresses[i], err)) return false;
    return true;
}

static void pool_sweep(struct rpc_pool *pool)
{
    struct rpc_peer **at = &pool->first;
    while (*at) {
        struct rpc_peer *peer = *at;
        if (peer->leaving && peer->fast.calls_count + peer->slow.calls_count == 0) {
            *at = peer->next;
            close_peer(peer);
        } else {
            at = &peer->next;
        }
    }
}

void rpc_pool_update(struct rpc_pool *pool)
{
    struct err err;
    if (!pool_follow(pool, &err)) log_err(LOG_WARN, "peer not usable", &err);
    pool_sweep(pool);
}

bool rpc_pool_open(struct rpc_pool *pool, const char *addresses, struct err *err)
{
    return peers_open(&pool->addresses, addresses, pool->event_fd, err) && pool_follow(pool, err);
}

void rpc_pool_close(struct rpc_pool *pool)
{
    peers_close(pool->addresses);
    rpc_leads_finish(&pool->leads);
    while (pool->first) {
        struct rpc_peer *peer = pool->first;
        pool->first = peer->next;
        close_peer(peer);
    }
}

struct round { // over the links
    int epoll_fd;
    int64_t now_ms, next_ms;
};

static void again_at(struct round *round, int64_t next_ms)
{
    if (next_ms < round->next_ms) round->next_ms = next_ms;
}

static void watch_link(void *arg, struct rpc_link *link)
{
    struct round *round = arg;
    again_at(round, rpc_link_watch(link, round->epoll_fd, round->now_ms));
}

static void redial_link(void *arg, struct rpc_link *link)
{
    struct round *round = arg;
    again_at(round, rpc_link_redial(link, round->now_ms));
}

int64_t rpc_pool_watch(struct rpc_pool *pool, int64_t now_ms)
{
    struct round round = {pool->epoll_fd, now_ms, INT64_MAX};
    rpc_pool_each(pool, watch_link, &round);
    return round.next_ms;
}

int64_t rpc_pool_redial(struct rpc_pool *pool, int64_t now_ms)
{
    struct round round = {pool->epoll_fd, now_ms, INT64_MAX};
    rpc_pool_each(pool, redial_link, &round);
    return round.next_ms;
}

static void flush_link(void *arg, struct rpc_link *link)
{
    (void)arg;
    rpc_link_flush(link);
}

void rpc_pool_flush(struct rpc_pool *pool) { rpc_pool_each(pool, flush_link, NULL); }

void rpc_pool_each(struct rpc_pool *pool, void (*take)(void *arg, struct rpc_link *link), void *arg)
{
    for (struct rpc_peer *peer = pool->first; peer; peer = peer->next) {
        if (!peer->fast.closed) take(arg, &peer->fast);
        if (!peer->slow.closed) take(arg, &peer->slow);
    }
}

uint32_t rpc_pool_connected(const struct rpc_pool *pool)
{
    uint32_t count = 0;
    for (const struct rpc_peer *peer = pool->first; peer; peer = peer->next)
        count += !peer->leaving && rpc_link_connected(&peer->fast) &&
                 (!pool->has_slow || rpc_link_connected(&peer->slow));
    return count;
}

bool rpc_pool_has_link(const struct rpc_pool *pool)
{
    const struct rpc_peer *peer = pool->first;
    while (peer && !rpc_link_connected(&peer->fast) && !rpc_link_connected(&peer->slow)) peer = peer->next;
    return peer != NULL;
}

bool rpc_pool_has_choice(const struct rpc_pool *pool) { return pool->first && pool->first->next; }

// Rendezvous hashing: the same stream goes to the same peer, and only a gone peer's streams move. What is
// behind a dot does not count: an event's rooms go where it goes.
static uint64_t pool_weight(const char *stream, const char *address)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = stream; *c && *c != '.'; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    for (const char *c = address; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 33;
}

static struct rpc_link *link_of(struct rpc_peer *peer, Conse__Class class)
{
    struct rpc_link *link = class == CONSE__CLASS__SLOW ? &peer->slow : &peer->fast;
    return !peer->leaving && rpc_link_connected(link) ? link : NULL;
}

struct rpc_link *rpc_pool_find(const struct rpc_pool *pool, Conse__Class class, const char *address)
{
    struct rpc_peer *peer = pool->first;
    while (peer && strcmp(peer->fast.address, address) != 0) peer = peer->next;
    return peer ? link_of(peer, class) : NULL;
}

static struct rpc_link *leader_of(const struct rpc_pool *pool, Conse__Class class, const char *stream)
{
    if (!stream || !pool->leads.places) return NULL; // mostly
    const char *address = rpc_leads_find(&pool->leads, stream, clock_mono_ms());
    return address ? rpc_pool_find(pool, class, address) : NULL;
}

struct rpc_link *rpc_pool_choose(const struct rpc_pool *pool, Conse__Class class, const char *stream,
                                 const struct rpc_link *but)
{
    struct rpc_link *best = leader_of(pool, class, stream);
    uint64_t best_weight = 0;
    if (best && best != but) return best;
    best = NULL;
    for (struct rpc_peer *peer = pool->first; peer; peer = peer->next) {
        struct rpc_link *link = link_of(peer, class);
        if (!link || link == but) continue;
        uint64_t w = stream ? pool_weight(stream, peer->fast.address) : UINT64_MAX - link->calls_count;
        if (best && w <= best_weight) continue;
        best = link;
        best_weight = w;
    }
    return best;
}
