#include "lib/bus/wire.h"

#include <string.h>

bool bus_matches(const char *pattern, const char *stream)
{
    size_t len = strlen(pattern);
    if (len && pattern[len - 1] == '*') return strncmp(pattern, stream, len - 1) == 0;
    return strcmp(pattern, stream) == 0;
}

nng_msg *bus_wire_pack(const char *topic, const ProtobufCMessage *body)
{
    size_t head = strlen(topic) + 1, len = protobuf_c_message_get_packed_size(body);
    nng_msg *message;
    if (nng_msg_alloc(&message, head + len) != 0) return NULL;
    memcpy(nng_msg_body(message), topic, head);
    protobuf_c_message_pack(body, (uint8_t *)nng_msg_body(message) + head);
    return message;
}

bool bus_wire_split(nng_msg *message, const char **topic, ProtobufCBinaryData *body)
{
    uint8_t *bytes = nng_msg_body(message);
    size_t len = nng_msg_len(message);
    const uint8_t *end = memchr(bytes, 0, len);
    if (!end) return false;
    size_t head = (size_t)(end - bytes) + 1;
    *topic = (const char *)bytes;
    *body = (ProtobufCBinaryData){len - head, bytes + head};
    return true;
}

size_t bus_wire_prefix(const char *pattern, char *out, size_t size)
{
    size_t len = strlen(pattern);
    if (len == 0 || len + 1 > size) return 0;
    memcpy(out, pattern, len + 1);
    return pattern[len - 1] == '*' ? len - 1 : len + 1; // an exact topic ends with its 0x00
}
