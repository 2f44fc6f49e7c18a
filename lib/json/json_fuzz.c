// Any bytes as a body of any request: they are refused, or the message is written, parsed again and equal;
// also when everything is selected, which writes null for unset fields.
#include <assert.h>
#include <string.h>

#include "lib/json/json.h"
#include "lib/schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { DEPTH = 8 }; // deeper than any request

// All that the type has, as far as the messages in it go.
static const struct json_selection *select_all(const ProtobufCMessageDescriptor *type, int depth,
                                               struct arena *arena)
{
    struct json_selection *all = arena_new(arena, struct json_selection);
    struct json_pick *picks = arena_array(arena, type->n_fields + 1, sizeof *picks);
    if (!all || !picks || depth == 0) return NULL;
    *all = (struct json_selection){picks, type->n_fields};
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        picks[i] = (struct json_pick){.name = field->name, .field = field};
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            picks[i].inner = select_all(field->descriptor, depth - 1, arena);
    }
    return all;
}

static void check_same(const ProtobufCMessage *message, const struct json_selection *selection,
                       struct arena *arena)
{
    struct buf text;
    struct err err;
    buf_init(&text, 16 << 20);
    json_write(&text, message, selection);
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
    if (json_parse((const char *)bytes + 1, len - 1, message, NULL, &arena, &err)) {
        check_same(message, NULL, &arena);
        check_same(message, select_all(message->descriptor, DEPTH, &arena), &arena);
    }
    arena_finish(&arena);
    return 0;
}
