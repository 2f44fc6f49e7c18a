// What a client says of where it is: what is taken is what would be written.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/feed/ids.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const topics[] = {"event:01890000-0000-7000-8000-000000000001", "me", "b", "a"};
    struct ids ids;
    char written[IDS_MOST + 1];
    if (size < 1) return 0;
    size_t count = bytes[0] % 4 + 1;
    char *text = malloc(size);
    if (!text) return 0;
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = 0;
    if (ids_parse(text, topics, count, &ids)) {
        size_t len = ids_write(&ids, topics, count, written);
        assert(len == strlen(text) && strcmp(written, text) == 0);
    }
    free(text);
    return 0;
}
