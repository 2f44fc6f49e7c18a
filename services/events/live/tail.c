#include "services/events/live/tail.h"

#include <stdlib.h>
#include <string.h>

#include "services/events/live/aggregates.h"
#include "services/events/streams.h"

enum { FILL_ARENA = 32 << 20 };

static ProtobufCBinaryData *tail_place(const struct tail *tail, size_t i)
{
    return &tail->links[(tail->at + i) % TAIL_ENTRIES];
}

void tail_forget(struct tail *tail)
{
    for (size_t i = 0; i < tail->count; i++) free(tail_place(tail, i)->data);
    free(tail->links);
    *tail = (struct tail){.links = NULL};
}

static void drop_oldest(struct tail *tail)
{
    ProtobufCBinaryData *oldest = tail_place(tail, 0);
    tail->bytes -= oldest->len;
    free(oldest->data);
    tail->at = (tail->at + 1) % TAIL_ENTRIES;
    tail->first++;
    tail->count--;
}

static bool tail_copy(ProtobufCBinaryData *into, const ProtobufCBinaryData *link)
{
    uint8_t *copy = malloc(link->len ? link->len : 1);
    if (!copy) return false;
    memcpy(copy, link->data, link->len);
    *into = (ProtobufCBinaryData){link->len, copy};
    return true;
}

void tail_add(struct tail *tail, uint64_t seq, const ProtobufCBinaryData *link)
{
    if (!tail->links) return;
    if (tail->count == TAIL_ENTRIES) drop_oldest(tail);
    bool follows = seq == tail->first + tail->count;
    if (!follows || !tail_copy(tail_place(tail, tail->count), link)) return tail_forget(tail);
    tail->count++;
    tail->bytes += link->len;
    while (tail->bytes > TAIL_BYTES) drop_oldest(tail);
}

const ProtobufCBinaryData *tail_find(const struct tail *tail, uint64_t seq)
{
    bool there = tail->links && seq >= tail->first && seq - tail->first < tail->count;
    return there ? tail_place(tail, seq - tail->first) : NULL;
}

static bool tail_begin(struct tail *tail, uint64_t next)
{
    if (tail->links) return true;
    tail->links = calloc(TAIL_ENTRIES, sizeof *tail->links);
    tail->first = next;
    return tail->links;
}

// Entries in their order: a second ring that takes over what the first one has.
static bool tail_read(struct aggregate *aggregate, uint64_t from, struct tail *filled, struct arena *arena,
                      struct err *err)
{
    struct store_entries page;
    struct stream_name stream = events_stream(aggregate->live.id.text);
    for (uint64_t seq = from; seq < aggregate->tail.first; seq += page.count) {
        arena_reset(arena);
        size_t most = (size_t)(aggregate->tail.first - seq);
        if (!store_read(aggregate->events->store, stream.text, seq, most, arena, &page, err)) return false;
        if (page.count == 0) return true;
        for (size_t i = 0; i < page.count && i < most; i++) tail_add(filled, seq + i, &page.entries[i]);
    }
    return true;
}

static bool tail_fill(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    struct tail filled = {.links = NULL}, *tail = &aggregate->tail;
    uint64_t room = TAIL_ENTRIES - tail->count;
    uint64_t from = tail->first > room ? tail->first - room : 1;
    if (!tail_begin(&filled, from)) return true;
    bool ok = tail_read(aggregate, from, &filled, arena, err);
    for (size_t i = 0; i < tail->count; i++) tail_add(&filled, tail->first + i, tail_place(tail, i));
    if (!ok || !filled.links) return tail_forget(&filled), ok;
    tail_forget(tail);
    *tail = filled;
    tail->filled = true;
    return true;
}

// What is on its way to the store can't be read there: then the tail begins behind it, and is filled later.
bool tail_follow(struct aggregate *aggregate, struct err *err)
{
    struct tail *tail = &aggregate->tail;
    struct arena arena;
    if (tail->filled || !tail_begin(tail, aggregate->committed_seq + 1)) return true;
    if (atomic_load(&aggregate->durable_seq) + 1 < tail->first) return true;
    arena_init(&arena, FILL_ARENA);
    bool ok = tail_fill(aggregate, &arena, err);
    arena_finish(&arena);
    return ok;
}
