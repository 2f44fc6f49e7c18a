// Helpers for the parts of a snapshot.
#ifndef EVENTS_LIVE_SNAPSHOT_PARTS_H
#define EVENTS_LIVE_SNAPSHOT_PARTS_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

static inline ProtobufCBinaryData snapshot_bytes(const void *at, size_t len)
{
    return (ProtobufCBinaryData){len, (uint8_t *)at};
}

// An array of new messages of a type, for a repeated field.
static inline void *snapshot_messages(struct arena *arena, const ProtobufCMessageDescriptor *type,
                                      size_t count, size_t *n)
{
    void **list = arena_array(arena, count + 1, sizeof *list);
    char *items = arena_array(arena, count + 1, type->sizeof_message);
    *n = list && items ? count : 0;
    for (size_t i = 0; i < *n; i++) {
        list[i] = items + i * type->sizeof_message;
        protobuf_c_message_init(type, list[i]);
    }
    return list;
}

static inline bool snapshot_within(int32_t place, size_t count)
{
    return place >= 0 && (size_t)place < count;
}

#endif
