#include "services/gateway/api/json_cache.h"

#include <stdlib.h>
#include <string.h>

struct json_cache_text {
    const ProtobufCMessageDescriptor *type;
    uint64_t hash;
    size_t payload_len, len;
    char bytes[]; // the payload, then the text
};

void json_cache_finish(struct json_cache *cache)
{
    for (size_t i = 0; i < JSON_CACHE_SLOTS; i++) free(cache->slots[i]);
    *cache = (struct json_cache){0};
}

const char *json_cache_find(const struct json_cache *cache, const struct json_cache_source *source,
                            size_t *len)
{
    const struct json_cache_text *kept = cache->slots[source->hash % JSON_CACHE_SLOTS];
    bool same = kept && kept->hash == source->hash && kept->type == source->type &&
                kept->payload_len == source->len && memcmp(kept->bytes, source->payload, source->len) == 0;
    if (!same) return NULL;
    *len = kept->len;
    return kept->bytes + kept->payload_len;
}

void json_cache_keep(struct json_cache *cache, const struct json_cache_source *source, const char *text,
                     size_t len)
{
    struct json_cache_text **slot = &cache->slots[source->hash % JSON_CACHE_SLOTS];
    if (source->len == 0 || source->len + len > JSON_CACHE_MOST_BYTES) return;
    struct json_cache_text *kept = realloc(*slot, sizeof *kept + source->len + len);
    if (!kept) return;
    *slot = kept;
    *kept = (struct json_cache_text){source->type, source->hash, source->len, len};
    memcpy(kept->bytes, source->payload, source->len);
    memcpy(kept->bytes + source->len, text, len);
}
