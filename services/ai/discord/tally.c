#include "services/ai/discord/tally.h"

#include "services/ai/tables.h"
#include "spending.pb-c.h"

enum { ROW_ARENA = 16 << 10, TRIES = 16 };

#define ID "discord.summaries"
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static const struct store_table *const table = &ai_tables[AI_SPENT];

static bool find_row(struct store *store, int64_t day, int64_t *count, uint64_t *version, struct arena *arena,
                     struct err *err)
{
    ProtobufCMessage *found;
    if (!store_get(store, table, ID, arena, &found, version, err)) return false;
    const Spending__SpentRow *row = (const Spending__SpentRow *)found;
    if (!row) *version = 0;
    *count = row && row->day == day ? row->tokens : 0;
    return true;
}

static bool add_once(struct store *store, int64_t day, struct arena *arena, struct err *err)
{
    const struct store_write write = {.after = 0};
    Spending__SpentRow row = SPENDING__SPENT_ROW__INIT;
    uint64_t version;
    int64_t count;
    if (!find_row(store, day, &count, &version, arena, err)) return false;
    row.id = ID;
    row.day = day;
    row.tokens = count + 1;
    return store_wait(store, store_put(store, table, &row.base, version, &write), err);
}

bool tally_add(struct store *store, int64_t now_ms, struct err *err)
{
    struct arena arena;
    bool ok = false;
    arena_init(&arena, ROW_ARENA);
    for (int i = 0; i < TRIES && !ok; i++) {
        *err = (struct err){0};
        arena_reset(&arena);
        ok = add_once(store, now_ms / DAY_MS, &arena, err);
        if (!ok && !err_is(err, CONFLICT)) break;
    }
    arena_finish(&arena);
    return ok;
}

bool tally_today(struct store *store, int64_t now_ms, int64_t *count, struct arena *arena, struct err *err)
{
    uint64_t version;
    return find_row(store, now_ms / DAY_MS, count, &version, arena, err);
}
