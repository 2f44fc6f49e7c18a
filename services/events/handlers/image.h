// Images without what does not show: the container is written anew with the parts that make the picture, and
// nothing is decoded. Pure; reads nothing behind len.
#ifndef EVENTS_HANDLERS_IMAGE_H
#define EVENTS_HANDLERS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_MAX_SIDE = 8192, IMAGE_MAX_PIXELS = 40000000 };

struct image {
    const char *type;       // "image/png", "image/jpeg" or "image/webp"
    uint32_t width, height; // the largest that its headers say
    uint8_t *bytes;         // the caller's, with room for one byte more than the original has
    size_t len;
};

// Writes to image->bytes. False for what is none of the three, or breaks off. Stripping twice changes
// nothing.
bool image_strip(struct image *image, const uint8_t *bytes, size_t len);
// The type that the first bytes say, for what was stripped or came from an older program; NULL for anything
// else.
const char *image_type(const uint8_t *bytes, size_t len);
// Whether a reader of it needs no more memory than is decent.
bool image_fits(const struct image *image);

#endif
