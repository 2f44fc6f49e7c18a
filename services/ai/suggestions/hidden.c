#include "services/ai/suggestions/hidden.h"

#include <stdio.h>

#include "lib/base/ids.h"
#include "queue.pb-c.h"
#include "services/ai/tables.h"

enum { ID = 2 * UUID_LEN + 2, FIRST_VERSION = 1 };

static const struct store_table *const table = &ai_tables[AI_HIDDEN];

uint64_t hidden_put(struct store *store, const char *user_id, const char *event_id, int64_t now_ms,
                    const struct store_write *write)
{
    char id[ID];
    Queue__HiddenRow row = QUEUE__HIDDEN_ROW__INIT;
    snprintf(id, sizeof id, "%.*s.%.*s", UUID_LEN, user_id, UUID_LEN, event_id);
    row.id = id;
    row.user_id = user_id;
    row.time_ms = now_ms;
    return store_put_made(store, table, &row.base, FIRST_VERSION, write);
}

static bool find_newest(struct store *store, const char *user_id, uint32_t most, struct arena *arena,
                        struct store_rows *rows, struct err *err)
{
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = user_id}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = most};
    return store_find(store, table, &query, arena, rows, err);
}

bool hidden_find(struct store *store, const char *user_id, struct arena *arena, struct hidden *hidden,
                 struct err *err)
{
    struct store_rows rows;
    if (!find_newest(store, user_id, HIDDEN_MOST, arena, &rows, err)) return false;
    const char **event_ids = arena_array(arena, rows.count + 1, sizeof *event_ids);
    if (!event_ids) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    for (size_t i = 0; i < rows.count; i++)
        event_ids[i] = ((const Queue__HiddenRow *)rows.messages[i])->id + UUID_LEN + 1;
    *hidden = (struct hidden){event_ids, rows.count};
    return true;
}

// ---- Removing

bool hidden_trim(struct store *store, const char *user_id, struct arena *arena, struct err *err)
{
    struct store_rows rows;
    if (!find_newest(store, user_id, HIDDEN_MOST + 1, arena, &rows, err)) return false;
    for (size_t i = HIDDEN_MOST; i < rows.count; i++)
        store_delete(store, table, store_row_id(table, rows.messages[i]), rows.versions[i],
                     &(struct store_write){0});
    return true;
}
