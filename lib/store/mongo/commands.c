// Commands that documents carry: by id, and those of a stream.
#include <stdio.h>
#include <string.h>

#include "lib/store/mongo/mongo.h"

enum { SAME_COMMAND = 16 };

struct sought {
    const uint8_t *id;
    struct arena *arena;
    bool *found;
    struct store_command *command;
};

// Of several of one id, which can be when it was used again after a day, the newest counts.
static bool look_at_command(void *arg, const bson_t *item, struct err *err)
{
    struct sought *sought = arg;
    struct store_command *command = sought->command;
    ProtobufCBinaryData hash = mongo_bytes(item, "h"), reply = mongo_bytes(item, "r");
    if (!mongo_bytes_equal(item, "i", sought->id, 32)) return true;
    if (hash.len != 32) return err_fail(err, STORE_CORRUPT, "a command's hash has %zu bytes", hash.len);
    if (*sought->found && command->time_ms > mongo_number(item, "t")) return true;
    *sought->found = true;
    memcpy(command->id, sought->id, sizeof command->id);
    memcpy(command->request_hash, hash.data, sizeof command->request_hash);
    command->time_ms = mongo_number(item, "t");
    command->reply = (ProtobufCBinaryData){reply.len, arena_copy(sought->arena, reply.data, reply.len)};
    return command->reply.data || mongo_too_large(err);
}

bool mongo_command_find(void *backend, const struct store_model *model, const uint8_t id[32],
                        struct arena *arena, bool *found, struct store_command *command, struct err *err)
{
    struct sought sought = {id, arena, found, command};
    struct mongo_cursor cursor;
    const bson_t *document;
    char table[64];
    bson_t *filter = bson_new();
    bool ok = true;
    snprintf(table, sizeof table, "%s", ((struct mongo_store *)backend)->entries);
    if (model) mongo_table_name(backend, table, model->table);
    mongo_append_bytes(filter, "c.i", id, 32);
    if (!mongo_query(&cursor, backend, table, filter,
                     BCON_NEW("limit", BCON_INT64(SAME_COMMAND), "projection", "{", "c", BCON_INT32(1), "}"),
                     err))
        return false;
    while (ok && (ok = mongo_next(&cursor, &document, err)) && document)
        ok = mongo_each_item(document, "c", look_at_command, &sought, err);
    mongo_cursor_end(&cursor);
    return ok;
}

struct knowing {
    struct arena *arena;
    struct store_known *commands;
    size_t count, room;
    int64_t since_ms;
};

static bool know_command(void *arg, const bson_t *item, struct err *err)
{
    struct knowing *knowing = arg;
    return mongo_number(item, "t") < knowing->since_ms ||
           mongo_gather_command(knowing->arena, item, &knowing->commands, &knowing->count, &knowing->room,
                                err);
}

bool mongo_commands(void *backend, const char *stream, int64_t since_ms, struct arena *arena,
                    struct store_known **commands, size_t *count, struct err *err)
{
    struct mongo_store *store = backend;
    struct knowing knowing = {.arena = arena, .since_ms = since_ms};
    struct mongo_cursor cursor;
    const bson_t *document;
    bool ok = true;
    if (!mongo_query(&cursor, store, store->entries,
                     BCON_NEW("s", BCON_UTF8(stream), "t", "{", "$gte", BCON_INT64(since_ms), "}"),
                     BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}", "projection", "{", "c.i", BCON_INT32(1),
                              "c.h", BCON_INT32(1), "c.t", BCON_INT32(1), "c.n", BCON_INT32(1), "}"),
                     err))
        return false;
    while (ok && (ok = mongo_next(&cursor, &document, err)) && document)
        ok = mongo_each_item(document, "c", know_command, &knowing, err);
    mongo_cursor_end(&cursor);
    *commands = knowing.commands;
    *count = knowing.count;
    return ok;
}
