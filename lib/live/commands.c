#include "lib/live/commands.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST = 16, ARENA = 64 << 20 };

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

// Of a full list the older half goes, whatever its times say: clocks differ.
static void drop_half(struct live_commands *commands)
{
    commands->whole = false;
    commands->count /= 2;
    memmove(commands->list, commands->list + commands->count, commands->count * sizeof *commands->list);
}

static bool make_room(struct live_commands *commands)
{
    size_t room = commands->room ? commands->room * 2 : LEAST;
    if (commands->count >= LIVE_COMMANDS) drop_half(commands);
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

// Those from before come before those that are there.
static void take_stored(struct live_commands *commands, const struct store_known *known, size_t count)
{
    struct live_commands now = *commands;
    *commands = (struct live_commands){.whole = true};
    live_commands_add(commands, known, count);
    live_commands_add(commands, now.list, now.count);
    commands->full = !commands->whole;
    free(now.list);
}

bool live_commands_complete(struct live_commands *commands, struct store *store, const char *stream,
                            struct err *err)
{
    struct store_known *known;
    size_t count;
    struct arena arena;
    if (commands->whole || commands->full) return true;
    arena_init(&arena, ARENA);
    bool ok = store_commands(store, stream, 0, &arena, &known, &count, err); // all that were not swept
    if (ok) take_stored(commands, known, count);
    arena_finish(&arena);
    return ok;
}

size_t live_commands_bytes(const struct live_commands *commands)
{
    return commands->room * sizeof *commands->list;
}
