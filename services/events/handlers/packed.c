#include "services/events/handlers/packed.h"

#include <string.h>

enum { LENGTH_PREFIXED = 2, MAX_VARINT = 10 };

static size_t put_varint(uint8_t *out, size_t value)
{
    size_t at = 0;
    for (; value > 127; value >>= 7) out[at++] = (uint8_t)(value | 128);
    out[at++] = (uint8_t)value;
    return at;
}

// Room for one more; the capacity doubles at powers of two.
static ProtobufCMessageUnknownField *add_field(ProtobufCMessage *reply, struct arena *arena)
{
    unsigned count = reply->n_unknown_fields;
    if ((count & (count - 1)) == 0) {
        ProtobufCMessageUnknownField *more = arena_array(arena, count ? 2 * count : 1, sizeof *more);
        if (!more) return NULL;
        if (count) memcpy(more, reply->unknown_fields, count * sizeof *more);
        reply->unknown_fields = more;
    }
    return &reply->unknown_fields[reply->n_unknown_fields++];
}

bool packed_add(ProtobufCMessage *reply, uint32_t field, ProtobufCBinaryData message, struct arena *arena)
{
    uint8_t *bytes = arena_alloc(arena, message.len + MAX_VARINT);
    ProtobufCMessageUnknownField *added = bytes ? add_field(reply, arena) : NULL;
    if (!added) return false;
    size_t head = put_varint(bytes, message.len);
    if (message.len) memcpy(bytes + head, message.data, message.len);
    *added = (ProtobufCMessageUnknownField){.tag = field,
                                            .wire_type = (ProtobufCWireType)LENGTH_PREFIXED,
                                            .len = head + message.len,
                                            .data = bytes};
    return true;
}
