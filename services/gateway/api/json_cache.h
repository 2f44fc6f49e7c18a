// JSON that was written lately, found again by the service's reply it was written from: many people read the
// same event. Bounded; a slot keeps what came last. One thread.
#ifndef GATEWAY_API_JSON_CACHE_H
#define GATEWAY_API_JSON_CACHE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

enum { JSON_CACHE_SLOTS = 128, JSON_CACHE_MOST_BYTES = 16 * 1024 }; // of one reply and its text

struct json_cache {
    struct json_cache_text *slots[JSON_CACHE_SLOTS];
};

// What a text is written from; the bytes are compared, not only hashed.
struct json_cache_source {
    const ProtobufCMessageDescriptor *type;
    const uint8_t *payload;
    size_t len;
    uint64_t hash; // of the payload, by a secret key
};

void json_cache_finish(struct json_cache *cache);
// Borrowed until the next json_cache_keep; NULL when it is not there.
const char *json_cache_find(const struct json_cache *cache, const struct json_cache_source *source,
                            size_t *len);
void json_cache_keep(struct json_cache *cache, const struct json_cache_source *source, const char *text,
                     size_t len);

#endif
