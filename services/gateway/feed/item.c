#include "services/gateway/feed/item.h"

#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/json/json.h"

enum { JSON_MOST = 4 << 20 };

static struct shared *write_json(const ProtobufCMessage *message)
{
    struct buf buf;
    buf_init(&buf, JSON_MOST);
    json_write(&buf, message, NULL);
    struct shared *json = buf.failed ? NULL : shared_create(buf.bytes, buf.len);
    buf_finish(&buf);
    return json;
}

struct feed_item *feed_item_create(const ProtobufCMessage *message, uint64_t number)
{
    size_t len = protobuf_c_message_get_packed_size(message);
    struct feed_item *item = malloc(sizeof *item + len);
    struct shared *json = item ? write_json(message) : NULL;
    if (!json) return free(item), NULL;
    *item = (struct feed_item){
        .holders = 1, .number = number, .json = json, .type = message->descriptor, .len = len};
    protobuf_c_message_pack(message, item->packed);
    return item;
}

struct feed_item *feed_item_hold(struct feed_item *item)
{
    item->holders++;
    return item;
}

void feed_item_drop(struct feed_item *item)
{
    if (!item || --item->holders) return;
    shared_drop(item->json);
    free(item);
}

// ---- Rings

static struct feed_item **slot_of(const struct ring *ring, size_t i)
{
    return &ring->items[(ring->at + i) & (ring->room - 1)];
}

static bool has_room(struct ring *ring)
{
    enum { FIRST = 8 };
    if (ring->count < ring->room) return true;
    struct ring bigger = {.room = ring->room ? ring->room * 2 : FIRST};
    bigger.items = calloc(bigger.room, sizeof(struct feed_item *));
    if (!bigger.items) return false;
    for (size_t i = 0; i < ring->count; i++) bigger.items[i] = *slot_of(ring, i);
    free(ring->items);
    ring->items = bigger.items;
    ring->room = bigger.room;
    ring->at = 0;
    return true;
}

static void drop_oldest(struct ring *ring)
{
    struct feed_item *oldest = *slot_of(ring, 0);
    ring->bytes -= oldest->json->len;
    ring->at = (ring->at + 1) & (ring->room - 1);
    ring->count--;
    feed_item_drop(oldest);
}

bool ring_add(struct ring *ring, struct feed_item *item)
{
    bool next = item->number == ring->head + 1, missing = item->number > ring->head;
    while (next && ring->count && (ring->count == RING_ITEMS || ring->bytes + item->json->len > RING_BYTES))
        drop_oldest(ring);
    if (!next || !has_room(ring)) return feed_item_drop(item), !missing;
    *slot_of(ring, ring->count++) = item;
    ring->bytes += item->json->len;
    item->until = ring->until += item->json->len;
    ring->head = item->number;
    return true;
}

struct feed_item *ring_find(const struct ring *ring, uint64_t number)
{
    uint64_t first = ring->head - ring->count + 1;
    return ring->count && number >= first && number <= ring->head ? *slot_of(ring, number - first) : NULL;
}

size_t ring_bytes_after(const struct ring *ring, uint64_t number)
{
    const struct feed_item *item = ring_find(ring, number);
    if (item) return (size_t)(ring->until - item->until);
    return number < ring->head ? ring->bytes : 0;
}

void ring_finish(struct ring *ring)
{
    while (ring->count) drop_oldest(ring);
    free(ring->items);
    *ring = (struct ring){.head = ring->head};
}
