#include "lib/live/commands.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST = 16, ARENA = 2 << 20 };

void live_commands_forget(struct live_commands *commands)
{
    free(commands->list);
    *commands = (struct live_commands){0};
}

bool live_commands_has(const struct live_commands *commands, const uint8_t id[32])
{
    for (size_t i = commands->count; i > 0; i--)
        if (memcmp(commands->list[i - 1].id, id, 32) == 0) return true;
    return false;
}

static bool make_room(struct live_commands *commands)
{
    size_t room = commands->room ? commands->room * 2 : LEAST;
    if (commands->count < commands->room) return true;
    struct store_known *list = realloc(commands->list, room * sizeof *list);
    if (!list) return false;
    commands->list = list;
    commands->room = room;
    return true;
}

void live_commands_add(struct live_commands *commands, const struct store_known *known, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (live_commands_has(commands, known[i].id)) continue;
        if (!make_room(commands)) {
            commands->whole = false;
            return;
        }
        commands->list[commands->count++] = known[i];
    }
}

static void drop_old(struct live_commands *commands, int64_t since_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < commands->count; i++)
        if (commands->list[i].time_ms >= since_ms) commands->list[kept++] = commands->list[i];
    commands->count = kept;
}

static bool read_stored(struct live_commands *commands, struct store *store, const char *stream,
                        int64_t since_ms, struct err *err)
{
    struct store_known *known;
    size_t count;
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_commands(store, stream, since_ms, &arena, &known, &count, err);
    if (ok) {
        commands->whole = true;
        live_commands_add(commands, known, count);
    }
    arena_finish(&arena);
    return ok && (commands->whole || err_fail(err, INTERNAL_ERROR, "out of memory"));
}

bool live_commands_complete(struct live_commands *commands, struct store *store, const char *stream,
                            int64_t now_ms, struct err *err)
{
    int64_t since_ms = now_ms - STORE_COMMAND_LIFE_MS;
    if (!commands->whole && !read_stored(commands, store, stream, since_ms, err)) return false;
    if (commands->count >= LIVE_COMMANDS) drop_old(commands, since_ms);
    if (commands->count < LIVE_COMMANDS) return true;
    err_fail(err, RATE_LIMITED, "more than %d commands with an Idempotency-Key within a day", LIVE_COMMANDS);
    err->retry_after_s = 60;
    return false;
}

size_t live_commands_bytes(const struct live_commands *commands)
{
    return commands->room * sizeof *commands->list;
}
