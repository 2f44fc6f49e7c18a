// The signs of life: this process's row, and the rows of the others with the time when each was last seen to
// change. One thread at a time; the owner locks.
#ifndef LIB_REPLICA_BEATS_H
#define LIB_REPLICA_BEATS_H

#include "lib/replica/health.h"
#include "lib/replica/statement.h"
#include "lib/store/store.h"

enum {
    BEATS_EVERY_MS = 2000,
    BEATS_LIVE_MS = 10000,  // since the last change; a row first seen may live
    BEATS_DEAD_MS = 60000,  // then it may be removed
    BEATS_APART_MS = 60000, // how far clocks may be apart
    BEATS_MOST = 1000,
    BEATS_ID = STATEMENT_ID,
};

struct beat { // of another process, or of this one
    char id[BEATS_ID], service[17], address[256], host[65], version[33];
    struct statement statement;
    struct health health;
    char *config; // NULL: unknown
    uint32_t format;
    uint64_t counter, row_version;
    int64_t changed_ms; // monotonic
    unsigned signs;     // that were seen since its row was first read
    int64_t ahead_ms;   // of its wall clock to ours, when it changed; 0 until it was seen to
    bool there;         // in the newest list of rows
};

struct beats {
    struct store *store;
    const struct store_table *table;
    const char *service, *address; // of this process
    char id[BEATS_ID], host[65];
    struct statement self;
    struct health_meter meter;     // of this process
    uint64_t counter, row_version; // of its row; 0: it is not there
    uint64_t ticket;               // of the write under way, 0: none
    bool ended;                    // no more signs are given
    int64_t sent_ms, seen_ms;      // monotonic: of the newest write, and of the newest list; 0: never
    struct beat *all;
    size_t count;
};

void beats_init(struct beats *beats); // store, table, service and address are set
void beats_finish(struct beats *beats);
// What this process says of itself; texts are borrowed.
void beats_fill(const struct beats *beats, Replica__Beat *row);
// Queues a sign of life, unless one is still under way.
void beats_give(struct beats *beats);
// Takes this process's row away, for good: the write's ticket, or 0 when there was none.
uint64_t beats_end(struct beats *beats);
// Reads all rows.
MUST_CHECK bool beats_see(struct beats *beats, struct err *err);
// Takes note of a process without a row, and forgets those that are silent.
void beats_hear(struct beats *beats, const Replica__Beat *row);
struct beat *beats_find(const struct beats *beats, const char *id); // NULL: unknown
// Whether it is this process's service. With processes of others no format and no clock is compared: they
// do not read what this service stores.
bool beats_is_own(const struct beats *beats, const char *service);
// The lowest format of those of this service that may live, this process included.
uint32_t beats_least_format(const struct beats *beats);
// Whether a program of a later format may live that has not looked since this process's row is there: each
// looks before it gives a sign, so after two signs it has.
bool beats_wait_for_newer(const struct beats *beats);
bool beat_lives(const struct beat *beat);
// One of this service that lives, and whose clock is too far from ours; NULL: none.
const struct beat *beats_find_apart(const struct beats *beats);
// How far our clock is ahead of the slowest of theirs, when that is too far; else 0.
int64_t beats_ahead_ms(const struct beats *beats);
// Removes rows of processes that are long dead.
void beats_sweep(struct beats *beats);

#endif
