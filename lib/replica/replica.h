// The processes that share one store: which of them live, which of them does a work that only one should do
// (leases), and what all of them understand (formats). Correctness never rests on a lease: it saves work that
// would be done twice. All times are of the process's own monotonic clock. On an exclusive store the process
// is alone: it holds every lease and writes nothing. Thread-safe.
#ifndef LIB_REPLICA_REPLICA_H
#define LIB_REPLICA_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/replica/health.h"
#include "lib/store/store.h"
#include "replica.pb-c.h"

// The room's tables, for a service's list.
#define REPLICA_LEASES                                                                                       \
    {                                                                                                        \
        .name = "leases", .type = &replica__lease__descriptor, .key = "id", .version = 1                     \
    }
#define REPLICA_BEATS                                                                                        \
    {                                                                                                        \
        .name = "beats", .type = &replica__beat__descriptor, .key = "id", .version = 1                       \
    }

enum { REPLICA_LEASES_MOST = 8, REPLICA_STATEMENTS_MOST = 64 };

struct replica;

struct replica_options {
    struct store *store;
    const struct store_table *tables; // of the store, with the room's own
    const char *service;              // "auth"
    const char *address;              // where others call this process
    const char *const *leases;        // the works that it is ready to do, NULL-ended
    struct health_source health;      // what the others are told of how it does
};

// Reads who is there and tells the others of this process before it returns, so that they know of it before
// it reads anything else; on a shared store where a program of a later format lives, also until that one has
// seen it, which takes seconds. Takes no lease yet. Blocks.
MUST_CHECK bool replica_open(struct replica **replica, const struct replica_options *options,
                             struct err *err);
// The thread that beats, watches the others and takes leases; none on an exclusive store, and for NULL.
MUST_CHECK bool replica_start(struct replica *replica, struct err *err);
// The process's work has ended: its row is taken away, so that nobody counts on it, or waits for it. It keeps
// its leases. Blocks until that is decided; NULL is fine.
void replica_leave(struct replica *replica);
// Gives leases back and takes its row away, by writes that the store's close completes. NULL is fine.
void replica_close(struct replica *replica);

const char *replica_id(const struct replica *replica);
// Whether this process does the work now. A NULL replica is that of a tool, which is alone. Never blocks.
bool replica_holds(const struct replica *replica, const char *lease);
// Whether every process that may live knows this format (CONSE_FORMAT): only then a new kind of entry, a new
// form of snapshot or a new field of a row is written. False also when the others were not seen for a while.
// Never blocks.
bool replica_all_know(const struct replica *replica, uint32_t format);
// Whether this process's wall clock is within a minute of those of the others that live: else nothing is
// removed for its age, since nobody knows who is right. Never blocks.
bool replica_clock_agrees(const struct replica *replica);
// How far it is ahead of the slowest of theirs, when that is more than a minute; else 0. Never blocks.
int64_t replica_clock_ahead_ms(const struct replica *replica);
// The processes that live, and their leases; from the rows alone, by the writers' clocks, when replica is
// NULL.
MUST_CHECK bool replica_list(struct replica *replica, struct store *store, const struct store_table *tables,
                             struct arena *arena, Replica__ListReply *reply, struct err *err);
// Takes note of a process of another service: in the store that this service's processes share, so that all
// hear of it within seconds, or in memory when this one is alone. The reply waits for the ticket, unless it
// is 0. INVALID_FIELD when the id is taken, SERVICE_BUSY when 64 others live.
MUST_CHECK bool replica_hear(struct replica *replica, Replica__Statement *statement,
                             const Replica__TellRequest *request, uint64_t *ticket, struct err *err);

// Takes note of that process's wall clock as it was at now_ms of ours, and whether ours is off
// (lib/base/skew.h). Returns what the clocks that are heard of agree on: now_ms by the middle one of them.
int64_t replica_hear_clock(struct replica *replica, const char *id, int64_t clock_ms, int64_t now_ms);

struct replica_statements {
    Replica__Statement *all[REPLICA_STATEMENTS_MOST]; // by service and id
    size_t count;
};
// What the processes say of themselves that live, of all services that are heard of, this one included; none
// for a NULL replica. They are in the arena. Never blocks for long.
MUST_CHECK bool replica_statements(struct replica *replica, struct arena *arena,
                                   struct replica_statements *statements, struct err *err);
struct replica_known {
    Replica__Statement *statement;
    Replica__Health *health; // NULL: it did not say
    const char *config;      // as for health
    uint32_t format;
    int64_t age_ms; // since it was heard of
};
// The same with how they do.
MUST_CHECK bool replica_known(struct replica *replica, struct arena *arena, struct replica_known *known,
                              size_t *count, struct err *err); // REPLICA_STATEMENTS_MOST at most
// Whether a table holds what living processes write about themselves, which is no content to be kept.
bool replica_is_of_processes(const struct store_table *table);

#endif
