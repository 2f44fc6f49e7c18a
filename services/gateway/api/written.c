#include "services/gateway/api/written.h"

#include <stdlib.h>
#include <string.h>

struct written_text {
    const ProtobufCMessageDescriptor *type;
    uint64_t hash;
    size_t payload_len, len;
    char bytes[]; // the payload, then the text
};

void written_finish(struct written *written)
{
    for (size_t i = 0; i < WRITTEN_SLOTS; i++) free(written->slots[i]);
    *written = (struct written){0};
}

const char *written_find(const struct written *written, const struct written_source *source, size_t *len)
{
    const struct written_text *kept = written->slots[source->hash % WRITTEN_SLOTS];
    bool same = kept && kept->hash == source->hash && kept->type == source->type &&
                kept->payload_len == source->len && memcmp(kept->bytes, source->payload, source->len) == 0;
    if (!same) return NULL;
    *len = kept->len;
    return kept->bytes + kept->payload_len;
}

void written_keep(struct written *written, const struct written_source *source, const char *text, size_t len)
{
    struct written_text **slot = &written->slots[source->hash % WRITTEN_SLOTS];
    if (source->len == 0 || source->len + len > WRITTEN_MOST_BYTES) return;
    struct written_text *kept = realloc(*slot, sizeof *kept + source->len + len);
    if (!kept) return;
    *slot = kept;
    *kept = (struct written_text){source->type, source->hash, source->len, len};
    memcpy(kept->bytes, source->payload, source->len);
    memcpy(kept->bytes + source->len, text, len);
}
