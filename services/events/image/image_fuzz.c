// For any bytes, nothing behind them is read, the result has room, and stripping it again changes nothing.
#include <stdlib.h>
#include <string.h>

#include "services/events/image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool truth)
{
    if (!truth) abort();
}

// Exact, so that a step past the end is seen.
static uint8_t *room(size_t len)
{
    uint8_t *bytes = malloc(len ? len : 1);
    demand(bytes);
    return bytes;
}

static void check_same(const struct image *first)
{
    struct image second = {.bytes = room(first->len + 1)};
    demand(image_strip(&second, first->bytes, first->len));
    demand(second.len == first->len && memcmp(second.bytes, first->bytes, first->len) == 0);
    demand(strcmp(second.type, first->type) == 0);
    demand(second.width == first->width && second.height == first->height);
    free(second.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const heads[] = {"", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1",
                                        "\xff\xd8\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0\xff",
                                        "RIFF\x80\0\0\0WEBPVP8",
                                        "RIFF\x80\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0"};
    static const size_t lens[] = {0, 24, 16, 15, 30};
    if (size == 0) return 0;
    size_t head = data[0] % 5, len = lens[head] + size - 1;
    uint8_t *bytes = room(len);
    memcpy(bytes, heads[head], lens[head]);
    memcpy(bytes + lens[head], data + 1, size - 1);
    struct image image = {.bytes = room(len + 1)};
    if (image_strip(&image, bytes, len)) check_same(&image);
    free(image.bytes);
    free(bytes);
    return 0;
}
