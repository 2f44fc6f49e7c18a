// Any bytes as a body of any request: refused, or what they became is written, parsed again and equal.
#include <assert.h>
#include <string.h>

#include "lib/json/json.h"
#include "lib/base/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_same(const ProtobufCMessage *message, struct arena *arena)
{
    struct buf text;
    struct err err;
    buf_init(&text, 16 << 20);
    json_write(&text, message);
    assert(!text.failed);
    ProtobufCMessage *back = json_message_new(message->descriptor, arena);
    // Enum zero is written and refused, so only what parses is compared.
    if (back && json_parse(text.bytes, text.len, back, NULL, arena, &err)) {
        size_t size = protobuf_c_message_get_packed_size(message);
        uint8_t *a = arena_alloc(arena, size), *b = arena_alloc(arena, size);
        assert(protobuf_c_message_get_packed_size(back) == size);
        if (a && b) {
            protobuf_c_message_pack(message, a);
            protobuf_c_message_pack(back, b);
            assert(memcmp(a, b, size) == 0);
        }
    }
    buf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena;
    struct err err;
    size_t count;
    const struct schema_method *methods = schema_methods(&count);
    if (len < 1) return 0;
    arena_init(&arena, 8 << 20);
    ProtobufCMessage *message = json_message_new(methods[bytes[0] % count].request, &arena);
    if (json_parse((const char *)bytes + 1, len - 1, message, NULL, &arena, &err))
        check_same(message, &arena);
    arena_finish(&arena);
    return 0;
}
