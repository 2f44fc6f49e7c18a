#include "services/events/handlers/image.h"

#include <stdbool.h>
#include <string.h>

static uint32_t be32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}
static uint32_t le32(const uint8_t *b)
{
    return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

// Signature, an IHDR of 13 bytes with a size, and whole chunks up to an IEND at the very end.
static bool is_png(const uint8_t *b, size_t len)
{
    enum { HEAD = 8, CHUNK = 12, IHDR = 13 };
    if (len < HEAD + CHUNK + IHDR || memcmp(b, "\x89PNG\r\n\x1a\n", HEAD) != 0) return false;
    if (be32(b + HEAD) != IHDR || memcmp(b + HEAD + 4, "IHDR", 4) != 0 || !be32(b + 16) || !be32(b + 20))
        return false;
    for (size_t at = HEAD; len - at >= CHUNK;) {
        size_t size = be32(b + at);
        if (size > len - at - CHUNK) return false;
        if (memcmp(b + at + 4, "IEND", 4) == 0) return at + CHUNK + size == len;
        at += CHUNK + size;
    }
    return false;
}

// Start of image, marker segments up to the scan, end of image at the end (some writers pad with zeroes).
static bool is_jpeg(const uint8_t *b, size_t len)
{
    if (len < 4 || memcmp(b, "\xff\xd8\xff", 3) != 0) return false;
    while (len > 4 && b[len - 1] == 0) len--;
    if (b[len - 2] != 0xff || b[len - 1] != 0xd9) return false;
    for (size_t at = 2; len - at >= 4;) {
        if (b[at] != 0xff) return false;
        if (b[at + 1] == 0xff) {
            at++;
            continue;
        }
        if (b[at + 1] == 0xda) return true;
        size_t size = (size_t)b[at + 2] << 8 | b[at + 3];
        if (size < 2 || size > len - at - 2) return false;
        at += 2 + size;
    }
    return false;
}

static bool is_webp(const uint8_t *b, size_t len)
{
    enum { HEAD = 20 };
    if (len < HEAD || memcmp(b, "RIFF", 4) != 0 || memcmp(b + 8, "WEBPVP8", 7) != 0) return false;
    if (!memchr(" LX", b[15], 3)) return false;
    size_t riff = le32(b + 4), chunk = le32(b + 16);
    return riff >= 12 && riff + 8 <= len && len - riff - 8 <= 1 && chunk <= riff - 12;
}

const char *image_type(const uint8_t *bytes, size_t len)
{
    if (is_png(bytes, len)) return "image/png";
    if (is_jpeg(bytes, len)) return "image/jpeg";
    return is_webp(bytes, len) ? "image/webp" : NULL;
}
