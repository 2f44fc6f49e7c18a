// Another process at a shared store, for tests of a service: it holds all leases until it ends.
#ifndef LIB_REPLICA_TESTING_OTHER_H
#define LIB_REPLICA_TESTING_OTHER_H

#include "lib/replica/replica.h"
#include "lib/store/testing/shared.h"
#include "tests/test.h"

struct other {
    struct store *store;
    struct replica *replica;
};

static inline struct replica *other_join(struct store *store, const struct store_table *tables,
                                         const char *address, const char *const *leases)
{
    const struct replica_options options = {store, tables, "service", address, leases, {0}};
    struct replica *replica;
    struct err err;
    if (!replica_open(&replica, &options, &err)) fail_msg("%s", err.message);
    return replica;
}

// Until the process has the lease.
static inline void other_await(const struct replica *replica, const char *lease)
{
    while (!replica_holds(replica, lease)) usleep(1000);
}

static inline void other_begin(struct other *other, const char *url, const struct store_table *tables,
                               const char *const *leases)
{
    const struct store_options options = {.url = url, .tables = tables, .self = "ipc:///other"};
    struct err err;
    if (!store_open(&other->store, &options, &err)) fail_msg("%s", err.message);
    other->replica = other_join(other->store, tables, "ipc:///other", leases);
    if (!replica_start(other->replica, &err)) fail_msg("%s", err.message);
    for (; *leases; leases++) other_await(other->replica, *leases);
}

// A process of another program may live: so says its row.
static inline void other_was_there(struct store *store, const struct store_table *beats, uint32_t format)
{
    Replica__Beat row = REPLICA__BEAT__INIT;
    struct err err;
    row.id = "older";
    row.service = "service";
    row.format = format;
    if (!store_wait(store, store_put(store, beats, &row.base, 0, NULL), &err)) fail_msg("%s", err.message);
}

static inline void other_end(struct other *other)
{
    replica_close(other->replica);
    store_close(other->store);
    *other = (struct other){0};
}

#endif
