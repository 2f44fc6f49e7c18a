// What kind of image bytes are, by their content. Pure; reads nothing behind len.
#ifndef EVENTS_HANDLERS_IMAGE_H
#define EVENTS_HANDLERS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

// "image/png", "image/jpeg" or "image/webp"; NULL for anything else, also for a file whose structure breaks
// off.
const char *image_type(const uint8_t *bytes, size_t len);

#endif
