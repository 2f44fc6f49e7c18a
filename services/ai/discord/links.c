#include "services/ai/discord/links.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "discord.pb-c.h"
#include "services/ai/tables.h"

enum { HASH = 16, ROW_ARENA = 64 << 10, PAGE = 100 };

static const struct store_table *const codes = &ai_tables[AI_CODES], *const links = &ai_tables[AI_LINKS];
static const char letters[] = "23456789BCDFGHJKMNPQRSTVWXYZ"; // none is taken for another

// ---- Codes

static void hash_code(char id[2 * HASH + 1], const char *code)
{
    uint8_t hash[HASH];
    char plain[LINK_CODE] = "";
    size_t len = 0;
    for (; *code && len < sizeof plain - 1; code++)
        if (isalnum((unsigned char)*code)) plain[len++] = (char)toupper((unsigned char)*code);
    if (*code) len = 0; // too long
    crypto_generichash(hash, sizeof hash, (const uint8_t *)plain, len, NULL, 0);
    hex_encode(id, hash, sizeof hash);
}

bool link_offer(struct store *store, const char *discord_id, int64_t now_ms, char code[LINK_CODE],
                struct err *err)
{
    char id[2 * HASH + 1];
    Discord__CodeRow row = DISCORD__CODE_ROW__INIT;
    const struct store_write write = {.after = 0};
    for (int i = 0; i < LINK_CODE - 1; i++) code[i] = letters[randombytes_uniform(sizeof letters - 1)];
    code[LINK_CODE - 1] = 0;
    hash_code(id, code);
    row.id = id;
    row.user_id = discord_id;
    row.until_ms = now_ms + LINK_CODE_MS;
    return store_wait(store, store_put(store, codes, &row.base, 0, &write), err);
}

bool link_find(struct store *store, const char *code, int64_t now_ms, char discord_id[SNOWFLAKE],
               struct arena *arena, struct err *err)
{
    char id[2 * HASH + 1];
    ProtobufCMessage *found;
    uint64_t version;
    hash_code(id, code);
    if (!store_get(store, codes, id, arena, &found, &version, err)) return false;
    const Discord__CodeRow *row = (const Discord__CodeRow *)found;
    return (row && row->until_ms > now_ms && snowflake_read(discord_id, row->user_id)) ||
           err_fail(err, OTP_INVALID, "there is no such code, or its time is over");
}

// ---- Links

static bool remove_others(struct store *store, const char *user_id, const char *but, uint64_t *ticket,
                          struct arena *arena, struct err *err)
{
    const struct store_query query = {
        .index = "by_user", .equal = {{.text = user_id}}, .equal_count = 1, .limit = PAGE};
    struct store_rows rows;
    if (!store_find(store, links, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const char *id = ((const Discord__LinkRow *)rows.messages[i])->id;
        const struct store_write write = {.after = *ticket};
        if (strcmp(id, but) != 0) *ticket = store_delete(store, links, id, rows.versions[i], &write);
    }
    return true;
}

bool link_make(struct store *store, const char *discord_id, const char *user_id, const char *code,
               const struct store_write *write, uint64_t *ticket, struct arena *arena, struct err *err)
{
    char id[2 * HASH + 1];
    Discord__LinkRow row = DISCORD__LINK_ROW__INIT;
    ProtobufCMessage *found, *old;
    uint64_t version, code_version;
    hash_code(id, code);
    if (!store_get(store, links, discord_id, arena, &found, &version, err) ||
        !store_get(store, codes, id, arena, &old, &code_version, err))
        return false;
    if (!old) return err_fail(err, OTP_INVALID, "there is no such code any more");
    const struct store_write spend = {.after = 0}; // first, so that of two who have it one gets the link
    struct store_write put = *write;
    put.after = store_delete(store, codes, id, code_version, &spend);
    row.id = discord_id;
    row.user_id = user_id;
    *ticket = store_put(store, links, &row.base, found ? version : 0, &put);
    return remove_others(store, user_id, discord_id, ticket, arena, err);
}

bool link_of(struct store *store, const char *discord_id, struct uuid *user_id, struct arena *arena,
             struct err *err)
{
    ProtobufCMessage *found;
    uint64_t version;
    user_id->text[0] = 0;
    if (!store_get(store, links, discord_id, arena, &found, &version, err)) return false;
    if (found)
        snprintf(user_id->text, sizeof user_id->text, "%s", ((const Discord__LinkRow *)found)->user_id);
    return true;
}

bool links_forget(struct store *store, const char *user_id, uint64_t *ticket, struct err *err)
{
    struct arena arena;
    *ticket = 0;
    arena_init(&arena, ROW_ARENA);
    bool ok = remove_others(store, user_id, "", ticket, &arena, err);
    arena_finish(&arena);
    return ok;
}

bool links_sweep(struct store *store, int64_t now_ms, bool *more, struct arena *arena, struct err *err)
{
    const struct store_value until = {.number = now_ms};
    const struct store_query query = {.index = "by_time", .to = &until, .limit = PAGE};
    struct store_rows rows;
    if (!store_find(store, codes, &query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_write write = {.after = 0};
        store_delete(store, codes, ((const Discord__CodeRow *)rows.messages[i])->id, rows.versions[i],
                     &write);
    }
    *more |= rows.more;
    return true;
}
