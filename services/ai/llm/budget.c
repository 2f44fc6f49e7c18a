#include "services/ai/llm/budget.h"

#include "lib/base/log.h"
#include "services/ai/tables.h"
#include "spending.pb-c.h"

enum { ROW_ARENA = 16 << 10, TRIES = 8 };

#define ALL "all"

// Counts the tokens for one, unless that makes more than `most`. Others may count at the same time.
static bool count_once(const struct budget *budget, const char *id, int64_t tokens, int64_t most,
                       struct arena *arena, struct err *err)
{
    ProtobufCMessage *found;
    uint64_t version;
    Spending__SpentRow row = SPENDING__SPENT_ROW__INIT;
    if (!store_get(budget->store, &ai_tables[AI_SPENT], id, arena, &found, &version, err)) return false;
    const Spending__SpentRow *before = (const Spending__SpentRow *)found;
    row.id = id;
    row.day = budget->day;
    row.tokens = before && before->day == budget->day ? before->tokens : 0;
    row.tokens = row.tokens + tokens > 0 ? row.tokens + tokens : 0;
    if (tokens > 0 && row.tokens > most) return err_fail(err, RATE_LIMITED, "today's tokens are spent");
    const struct store_write write = {.after = 0};
    return store_wait(budget->store,
                      store_put(budget->store, &ai_tables[AI_SPENT], &row.base, version, &write), err);
}

static bool budget_count(const struct budget *budget, const char *id, int64_t tokens, int64_t most,
                         struct err *err)
{
    struct arena arena;
    bool ok = false;
    arena_init(&arena, ROW_ARENA);
    for (int i = 0; i < TRIES && !ok; i++) {
        *err = (struct err){0};
        arena_reset(&arena);
        ok = count_once(budget, id, tokens, most, &arena, err);
        if (!ok && !err_is(err, CONFLICT)) break;
    }
    arena_finish(&arena);
    return ok;
}

static void count_again(const struct budget *budget, const char *id, int64_t tokens)
{
    struct err err = {0};
    if (!budget_count(budget, id, tokens, INT64_MAX, &err))
        log_err(LOG_WARN, "tokens are counted as they were taken", &err);
}

bool budget_take(const struct budget *budget, int64_t tokens, struct err *err)
{
    if (!budget_count(budget, ALL, tokens, budget->settings->all_tokens, err)) return false;
    if (budget_count(budget, budget->user_id, tokens, budget->settings->user_tokens, err)) return true;
    count_again(budget, ALL, -tokens);
    return false;
}

void budget_settle(const struct budget *budget, int64_t taken, int64_t cost)
{
    if (cost == taken) return;
    count_again(budget, ALL, cost - taken);
    count_again(budget, budget->user_id, cost - taken);
}

bool budget_forget(struct store *store, const char *user_id, struct err *err)
{
    struct arena arena;
    ProtobufCMessage *found;
    uint64_t version;
    arena_init(&arena, ROW_ARENA);
    bool ok = store_get(store, &ai_tables[AI_SPENT], user_id, &arena, &found, &version, err);
    const struct store_write write = {.after = 0};
    if (ok && found) store_delete(store, &ai_tables[AI_SPENT], user_id, version, &write);
    arena_finish(&arena);
    return ok;
}
