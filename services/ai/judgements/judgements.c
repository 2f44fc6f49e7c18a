#include "services/ai/judgements/judgements.h"

#include <stdio.h>

#include "services/ai/tables.h"
#include "standings.pb-c.h"

enum { TRIES = 8, ARENA = 1 << 20 };

static const struct store_table *const table = &ai_tables[AI_JUDGEMENTS];

struct judgement_id {
    char text[2 * UUID_LEN + 16];
};

static struct judgement_id id_of(const struct judged_tip *tip)
{
    struct judgement_id id;
    snprintf(id.text, sizeof id.text, "%s.%s.%u", tip->user_id, tip->event_id, tip->kind);
    return id;
}

static bool find_own(struct store *store, const struct judged_tip *tip, struct arena *arena,
                     const Standings__JudgementRow **row, uint64_t *version, struct err *err)
{
    const struct judgement_id id = id_of(tip);
    return store_get(store, table, id.text, arena, (ProtobufCMessage **)row, version, err);
}

static bool put_once(struct store *store, const struct judged_tip *tip, bool useful, int64_t now_ms,
                     struct arena *arena, struct err *err)
{
    const struct judgement_id id = id_of(tip);
    const Standings__JudgementRow *before;
    Standings__JudgementRow row = STANDINGS__JUDGEMENT_ROW__INIT;
    uint64_t version;
    if (!find_own(store, tip, arena, &before, &version, err)) return false;
    if (before && before->useful == useful) return true;
    row.id = id.text;
    row.user_id = tip->user_id;
    row.kind = tip->kind;
    row.useful = useful;
    row.time_ms = now_ms;
    const struct store_write write = {.after = 0};
    return store_wait(store, store_put(store, table, &row.base, before ? version : 0, &write), err);
}

bool judgements_put(struct store *store, const struct judged_tip *tip, bool useful, int64_t now_ms,
                    struct err *err)
{
    struct arena arena;
    bool ok = false;
    arena_init(&arena, ARENA);
    for (int i = 0; i < TRIES && !ok; i++) {
        *err = (struct err){0};
        arena_reset(&arena);
        ok = put_once(store, tip, useful, now_ms, &arena, err);
        if (!ok && !err_is(err, CONFLICT)) break;
    }
    arena_finish(&arena);
    return ok;
}

bool judgements_count(struct store *store, const struct judged_tip *tip, struct arena *arena,
                      struct judgement_count *count, struct err *err)
{
    const struct store_query query = {.index = "by_kind",
                                      .equal = {{.number = tip->kind}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = JUDGEMENTS_COUNTED};
    const Standings__JudgementRow *own;
    struct store_rows rows;
    uint64_t version;
    *count = (struct judgement_count){.answers = 0};
    if (!store_find(store, table, &query, arena, &rows, err) ||
        !find_own(store, tip, arena, &own, &version, err))
        return false;
    count->answers = (uint32_t)rows.count;
    for (size_t i = 0; i < rows.count; i++)
        count->useful += ((const Standings__JudgementRow *)rows.messages[i])->useful;
    count->own = own;
    count->own_useful = own && own->useful;
    return true;
}
