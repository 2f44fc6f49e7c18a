#include "services/events/live/quota.h"

#include "lib/base/arena.h"

enum { ARENA = 8 << 20 };

void quotas_init(struct quotas *quotas)
{
    pthread_mutex_init(&quotas->mutex, NULL);
    for (int i = 0; i < QUOTA_PLACES; i++) atomic_init(&quotas->on_the_way[i], 0);
}

void quotas_finish(struct quotas *quotas) { pthread_mutex_destroy(&quotas->mutex); }

static atomic_uint *place_of(struct quotas *quotas, const char *owner)
{
    uint32_t hash = 2166136261U;
    for (const char *c = owner; *c; c++) hash = (hash ^ (uint8_t)*c) * 16777619U;
    return &quotas->on_the_way[hash % QUOTA_PLACES];
}

static bool count_stored(struct store *store, const struct quota_rule *rule, const char *owner, size_t *count,
                         struct err *err)
{
    const struct store_query query = {.index = rule->index,
                                      .equal = {{.text = owner}},
                                      .equal_count = 1,
                                      .limit = rule->most,
                                      .page_token = ""};
    struct store_rows rows;
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_find(store, rule->table, &query, &arena, &rows, err);
    if (ok) *count = rows.count;
    arena_finish(&arena);
    return ok;
}

// One at a time, so that two rows do not both take the last place.
bool quota_take(struct quotas *quotas, struct store *store, const struct quota_rule *rule, const char *owner,
                atomic_uint **place, struct err *err)
{
    atomic_uint *mine = place_of(quotas, owner);
    size_t stored;
    pthread_mutex_lock(&quotas->mutex);
    size_t coming =
        atomic_load(mine); // the places before the rows: a row that arrives meanwhile counts twice, not never
    bool ok = count_stored(store, rule, owner, &stored, err);
    if (ok && stored + coming >= rule->most) {
        ok = false;
        err_set(err, rule->reason, NULL, "there may be at most %u %s", rule->most, rule->what);
    }
    if (ok) atomic_fetch_add(*place = mine, 1);
    pthread_mutex_unlock(&quotas->mutex);
    return ok;
}

void quota_done(void *place, bool durable)
{
    (void)durable;
    atomic_fetch_sub((atomic_uint *)place, 1);
}
