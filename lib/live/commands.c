#include "lib/live/commands.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

enum { LEAST = 16, READ_BYTES = 256, READ_LEAST = 1 << 20, DAY_MS = 24 * 3600 * 1000 };

void live_commands_init(struct live_commands *commands, size_t most)
{
    *commands = (struct live_commands){.most = most ? most : (size_t)LIVE_COMMANDS};
    commands->turned_ms = commands->lossless_ms = clock_mono_ms();
}

void live_commands_forget(struct live_commands *commands)
{
    free(commands->newer.slots);
    free(commands->older.slots);
    live_commands_init(commands, commands->most);
}

// ---- Half of them

static uint64_t print_of(const uint8_t id[32]) // which is a hash
{
    uint64_t print;
    memcpy(&print, id, sizeof print);
    return print ? print : 1;
}

static uint64_t *slot_of(const struct live_seen *seen, uint64_t print)
{
    size_t at = print & (seen->size - 1);
    while (seen->slots[at] && seen->slots[at] != print) at = (at + 1) & (seen->size - 1);
    return &seen->slots[at];
}

static bool seen_has(const struct live_seen *seen, uint64_t print)
{
    return seen->count && *slot_of(seen, print);
}

static bool seen_grow(struct live_seen *seen)
{
    struct live_seen grown = {.count = seen->count, .size = seen->size ? seen->size * 2 : LEAST};
    if (seen->count * 2 < seen->size) return true;
    grown.slots = calloc(grown.size, sizeof *grown.slots);
    if (!grown.slots) return false;
    for (size_t i = 0; i < seen->size; i++)
        if (seen->slots[i]) *slot_of(&grown, seen->slots[i]) = seen->slots[i];
    free(seen->slots);
    *seen = grown;
    return true;
}

// ---- All

static void lose_some(struct live_commands *commands)
{
    commands->whole = false;
    commands->lossless_ms = clock_mono_ms();
}

// By our own clock, since others' differ: what came a day ago is not asked for any more.
static void turn_halves(struct live_commands *commands)
{
    int64_t now_ms = clock_mono_ms();
    if (commands->older.count && now_ms - commands->turned_ms < DAY_MS) lose_some(commands);
    free(commands->older.slots);
    commands->older = commands->newer;
    commands->newer = (struct live_seen){0};
    commands->turned_ms = now_ms;
}

static bool has_print(const struct live_commands *commands, uint64_t print)
{
    return seen_has(&commands->newer, print) || seen_has(&commands->older, print);
}

static void add_print(struct live_commands *commands, uint64_t print)
{
    if (has_print(commands, print)) return;
    bool aged = commands->newer.count && clock_mono_ms() - commands->turned_ms >= DAY_MS;
    if (aged || commands->newer.count >= commands->most / 2) turn_halves(commands);
    if (!seen_grow(&commands->newer)) {
        lose_some(commands);
        return;
    }
    *slot_of(&commands->newer, print) = print;
    commands->newer.count++;
}

bool live_commands_has(const struct live_commands *commands, const uint8_t id[32])
{
    return has_print(commands, print_of(id));
}

bool live_commands_are_all(const struct live_commands *commands)
{
    return commands->whole || clock_mono_ms() - commands->lossless_ms >= DAY_MS;
}

void live_commands_add(struct live_commands *commands, const struct store_known *known, size_t count)
{
    for (size_t i = 0; i < count; i++) add_print(commands, print_of(known[i].id));
}

// ---- What is missing

static void add_seen(struct live_commands *commands, const struct live_seen *seen)
{
    for (size_t i = 0; i < seen->size; i++)
        if (seen->slots[i]) add_print(commands, seen->slots[i]);
}

// Those from before come before those that are there.
static void take_stored(struct live_commands *commands, const struct store_known *known, size_t count)
{
    struct live_commands now = *commands;
    live_commands_init(commands, now.most);
    commands->whole = true;
    live_commands_add(commands, known, count);
    add_seen(commands, &now.older);
    add_seen(commands, &now.newer);
    commands->full = !commands->whole;
    live_commands_forget(&now);
}

bool live_commands_complete(struct live_commands *commands, struct store *store, const char *stream,
                            struct err *err)
{
    struct store_known *known;
    size_t count, most = commands->most * READ_BYTES;
    struct arena arena;
    if (live_commands_are_all(commands) || commands->full) return true;
    arena_init(&arena, most > READ_LEAST ? most : (size_t)READ_LEAST);
    bool ok = store_commands(store, stream, 0, &arena, &known, &count, err); // all that were not swept
    if (ok) take_stored(commands, known, count);
    if (!ok && arena.failed) {
        *err = (struct err){0};
        commands->full = ok = true;
    }
    arena_finish(&arena);
    return ok;
}

size_t live_commands_bytes(const struct live_commands *commands)
{
    return (commands->newer.size + commands->older.size) * sizeof *commands->newer.slots;
}
