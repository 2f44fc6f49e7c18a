// JSON that was written lately, found again by the service's reply it was written from: many people read the
// same event. Bounded; a slot keeps what came last. One thread.
#ifndef GATEWAY_API_WRITTEN_H
#define GATEWAY_API_WRITTEN_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

enum { WRITTEN_SLOTS = 128, WRITTEN_MOST_BYTES = 16 * 1024 }; // of one reply and its text

struct written {
    struct written_text *slots[WRITTEN_SLOTS];
};

// What a text is written from; the bytes are compared, not only hashed.
struct written_source {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *payload;
    size_t len;
    uint64_t hash; // of the payload, by a secret key
};

void written_finish(struct written *written);
// Borrowed until the next written_keep; NULL when it is not there.
const char *written_find(const struct written *written, const struct written_source *source, size_t *len);
void written_keep(struct written *written, const struct written_source *source, const char *text, size_t len);

#endif
