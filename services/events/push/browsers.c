#include "services/events/push/browsers.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/events/tables.h"

enum { ARENA = 1 << 20 };

static const struct store_table *const browsers = &events_tables[EVENTS_BROWSERS];

void browser_id(const char *endpoint, char id[BROWSER_ID])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)endpoint, strlen(endpoint));
    hex_encode(id, hash, sizeof hash);
}

bool browsers_of(struct events *events, const char *user_id, struct arena *arena, struct browser_rows *found,
                 struct err *err)
{
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = user_id}},
                                      .equal_count = 1,
                                      .limit = 2 * BROWSERS_MOST,
                                      .page_token = ""};
    struct store_rows rows;
    if (!store_find(events->store, browsers, &query, arena, &rows, err)) return false;
    *found = (struct browser_rows){(Push__BrowserRow **)rows.messages, rows.versions, rows.count};
    return true;
}

static bool forget_page(struct events *events, const char *user_id, size_t *count, struct err *err)
{
    struct browser_rows found;
    struct arena arena;
    uint64_t ticket = 0;
    arena_init(&arena, ARENA);
    bool ok = browsers_of(events, user_id, &arena, &found, err);
    *count = ok ? found.count : 0;
    for (size_t i = 0; ok && i < found.count; i++)
        if (found.rows[i])
            ticket = store_delete(events->store, browsers, found.rows[i]->id, found.versions[i],
                                  &(struct store_write){0});
    ok = ok && (!ticket || store_wait(events->store, ticket, err));
    arena_finish(&arena);
    return ok;
}

bool browsers_forget(struct events *events, const char *user_id, struct err *err)
{
    size_t count;
    do {
        if (!forget_page(events, user_id, &count, err)) return false;
    } while (count);
    return true;
}
