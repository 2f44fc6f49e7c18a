// Images without their invisible parts: the container is rewritten with the parts that make the picture,
// and nothing is decoded. Pure; reads nothing behind len.
#ifndef EVENTS_HANDLERS_IMAGE_H
#define EVENTS_HANDLERS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_MAX_SIDE = 8192, IMAGE_MAX_PIXELS = 40000000 };

struct image {
    const char *type;       // "image/png", "image/jpeg" or "image/webp"
    uint32_t width, height; // the largest in its headers
    uint8_t *bytes;         // the caller's, with room for one byte more than the original
    size_t len;
};

// Writes to image->bytes. False for a file that is none of the three types, or is truncated. Stripping twice
// changes nothing.
bool image_strip(struct image *image, const uint8_t *bytes, size_t len);
// The type by the first bytes, for images that were stripped or came from an older program; NULL for anything
// else.
const char *image_type(const uint8_t *bytes, size_t len);
// Whether a reader can decode it with a reasonable amount of memory.
bool image_fits(const struct image *image);

#endif
