// Topic messages as a subscriber takes them in. Everything is unpacked into a capped arena, as in service.
#include <stddef.h>
#include <stdint.h>

#include "bus.pb-c.h"
#include "lib/base/arena.h"
#include "lib/bus/wire.h"

enum { CAP = 256 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena;
    nng_msg *message;
    const char *topic;
    ProtobufCBinaryData body;
    arena_init(&arena, CAP);
    if (nng_msg_alloc(&message, 0) != 0 || nng_msg_append(message, bytes, len) != 0) __builtin_trap();
    if (bus_wire_split(message, &topic, &body)) {
        (void)bus__notice__unpack(&arena.allocator, body.len, body.data);
        (void)bus__heads__unpack(&arena.allocator, body.len, body.data);
    }
    nng_msg_free(message);
    arena_finish(&arena);
    return 0;
}
