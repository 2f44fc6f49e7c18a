#include "services/ai/behaviour/behaviour.h"

#include <stdlib.h>
#include <string.h>

#include "services/ai/behaviour/behaviour_game.h"

struct behaviour {
    struct behaviour_entry *entries; // sorted by key
    uint32_t count, room;
};

struct behaviour *behaviour_create(uint32_t room)
{
    if (room == 0) return NULL;
    struct behaviour *graph = calloc(1, sizeof *graph);
    if (!graph) return NULL;
    graph->room = room;
    graph->entries = calloc(room, sizeof *graph->entries);
    if (graph->entries) return graph;
    free(graph);
    return NULL;
}

void behaviour_destroy(struct behaviour *graph)
{
    if (!graph) return;
    free(graph->entries);
    free(graph);
}

const struct behaviour_entry *behaviour_entries(const struct behaviour *graph, uint32_t *count)
{
    *count = graph->count;
    return graph->entries;
}

static int behaviour_compare(const struct behaviour_key *a, const struct behaviour_key *b)
{
    return memcmp(a, b, sizeof *a);
}

// The first entry that is not below the key.
static uint32_t lower_bound(const struct behaviour_entry *entries, uint32_t count,
                            const struct behaviour_key *key)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (behaviour_compare(&entries[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct behaviour_entry *behaviour_entry_of(const struct behaviour *graph,
                                                  const struct behaviour_key *key)
{
    uint32_t at = lower_bound(graph->entries, graph->count, key);
    return at < graph->count && behaviour_compare(&graph->entries[at].key, key) == 0 ? &graph->entries[at]
                                                                                     : NULL;
}

uint32_t behaviour_seek(const struct behaviour *graph, const struct behaviour_key *key)
{
    return lower_bound(graph->entries, graph->count, key);
}

const struct behaviour_entry *behaviour_find(const struct behaviour *graph, const struct behaviour_key *key)
{
    return behaviour_entry_of(graph, key);
}

static void add_counts(struct behaviour_entry *entry, const struct behaviour_entry *more)
{
    for (int i = 0; i < 3; i++) {
        uint32_t left = UINT32_MAX - entry->counts[i];
        entry->counts[i] += more->counts[i] < left ? more->counts[i] : left;
    }
}

static uint32_t count_missing(const struct behaviour *graph, const struct behaviour_entry *more,
                              uint32_t count)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < count; i++) missing += !behaviour_entry_of(graph, &more[i].key);
    return missing;
}

// Merges from the last entry down, so that each moves at most once.
static void merge_sorted(struct behaviour *graph, const struct behaviour_entry *more, uint32_t count,
                         uint32_t missing)
{
    uint32_t left = graph->count, to = graph->count + missing;
    graph->count = to;
    while (count > 0) {
        int order = left == 0 ? -1 : behaviour_compare(&graph->entries[left - 1].key, &more[count - 1].key);
        if (order < 0) {
            graph->entries[--to] = more[--count];
            continue;
        }
        graph->entries[--to] = graph->entries[--left];
        if (order == 0) add_counts(&graph->entries[to], &more[--count]);
    }
}

static enum behaviour_result take_in(struct behaviour *graph, const struct behaviour_entry *more,
                                     uint32_t count)
{
    uint32_t missing = count_missing(graph, more, count);
    if (missing > graph->room - graph->count) return BEHAVIOUR_NO_ROOM;
    if (missing > 0)
        merge_sorted(graph, more, count, missing);
    else
        for (uint32_t i = 0; i < count; i++) add_counts(behaviour_entry_of(graph, &more[i].key), &more[i]);
    return BEHAVIOUR_OK;
}

enum behaviour_result behaviour_add(struct behaviour *graph, const struct behaviour_game *game)
{
    struct behaviour_tally tally;
    if (!behaviour_tally_game(&tally, game)) return BEHAVIOUR_BAD_GAME;
    return take_in(graph, tally.entries, tally.count);
}

enum behaviour_result behaviour_merge(struct behaviour *graph, const struct behaviour *other)
{
    return take_in(graph, other->entries, other->count);
}

// The saved form: "CBG1", the number of entries, then each key's bytes and its counts; numbers are u32
// little-endian.
static const uint8_t magic[4] = {'C', 'B', 'G', '1'};

enum {
    HEAD_BYTES = sizeof magic + 4,
    KEY_BYTES = sizeof(struct behaviour_key),
    ENTRY_BYTES = KEY_BYTES + 3 * 4
};

_Static_assert(KEY_BYTES == 35, "a key is saved and compared as it lies in memory");

static void put_u32(uint8_t *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(number >> 8 * i);
}

static uint32_t get_u32(const uint8_t *bytes)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++) number |= (uint32_t)bytes[i] << 8 * i;
    return number;
}

size_t behaviour_saved_bytes(const struct behaviour *graph)
{
    return HEAD_BYTES + (size_t)graph->count * ENTRY_BYTES;
}

void behaviour_save(const struct behaviour *graph, uint8_t *bytes)
{
    memcpy(bytes, magic, sizeof magic);
    put_u32(bytes + sizeof magic, graph->count);
    for (uint32_t i = 0; i < graph->count; i++) {
        uint8_t *to = bytes + HEAD_BYTES + (size_t)i * ENTRY_BYTES;
        memcpy(to, &graph->entries[i].key, KEY_BYTES);
        for (int k = 0; k < 3; k++) put_u32(to + KEY_BYTES + 4 * k, graph->entries[i].counts[k]);
    }
}

static struct behaviour_entry read_entry(const uint8_t *bytes, uint32_t index)
{
    const uint8_t *from = bytes + HEAD_BYTES + (size_t)index * ENTRY_BYTES;
    struct behaviour_entry entry;
    memcpy(&entry.key, from, KEY_BYTES);
    for (int k = 0; k < 3; k++) entry.counts[k] = get_u32(from + KEY_BYTES + 4 * k);
    return entry;
}

static bool entries_are_canonical(const uint8_t *bytes, uint32_t count)
{
    struct behaviour_key before = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct behaviour_entry entry = read_entry(bytes, i);
        if (behaviour_compare(&before, &entry.key) >= 0 || !behaviour_entry_check(&entry)) return false;
        before = entry.key;
    }
    return true;
}

bool behaviour_load(struct behaviour *graph, const uint8_t *bytes, size_t size)
{
    if (size < HEAD_BYTES || memcmp(bytes, magic, sizeof magic) != 0) return false;
    uint32_t count = get_u32(bytes + sizeof magic);
    if (count > graph->room || size != HEAD_BYTES + (size_t)count * ENTRY_BYTES) return false;
    if (!entries_are_canonical(bytes, count)) return false;
    for (uint32_t i = 0; i < count; i++) graph->entries[i] = read_entry(bytes, i);
    graph->count = count;
    return true;
}
