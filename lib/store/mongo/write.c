// The commit of a group: choose, send, settle, until every write is decided.
#include <stdlib.h>

#include "lib/store/mongo/group.h"

enum { FIRST_PAUSE_MS = 5, LONGEST_PAUSE_MS = 500 };

static void group_make(struct mongo_group *group, struct store_job *jobs)
{
    for (const struct store_job *job = jobs; job; job = job->next) group->count++;
    group->works = calloc(group->count + 1, sizeof *group->works);
    if (!group->works) abort();
    for (struct store_job *job = jobs; job; job = job->next)
        group->works[group->undecided++] = (struct mongo_work){.job = job};
}

// Before an operation is sent again. A store that is being closed waits for none.
static void group_pause(struct mongo_group *group, int64_t *pause_ms)
{
    if (!group->waits) {
        *pause_ms = FIRST_PAUSE_MS;
        return;
    }
    bool resent = false;
    for (const struct mongo_op *op = group->ops; op; op = op->next) resent |= op->unsure || op->tries > 2;
    if (!resent) return;
    mongo_wait_back(group->store, *pause_ms);
    *pause_ms = *pause_ms * 2 < LONGEST_PAUSE_MS ? *pause_ms * 2 : LONGEST_PAUSE_MS;
}

bool mongo_commit(void *backend, struct store_job *jobs, struct store_failures *failures)
{
    struct mongo_store *store = backend;
    struct mongo_group group = {.store = store, .failures = failures, .started_ms = mongo_boot_ms()};
    int64_t pause_ms = FIRST_PAUSE_MS;
    group.last_op = &group.ops;
    store->full = false;
    mongo_heads_trim(&store->heads);
    group_make(&group, jobs);
    while (group.undecided) {
        mongo_wave_choose(&group);
        mongo_send_all(&group);
        mongo_settle_all(&group);
        if (group.undecided) group_pause(&group, &pause_ms);
    }
    free(group.works);
    return !store->full;
}
