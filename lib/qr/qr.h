// A text as a QR code: an SVG image that prints sharply at any size. Pure; thread-safe.
#ifndef LIB_QR_QR_H
#define LIB_QR_QR_H

#include "lib/base/arena.h"

// With a quiet zone, black on white, and `title` for who does not see it. NULL when the arena is full, or the
// text is longer than a QR code can be.
char *qr_svg(const char *text, const char *title, struct arena *arena);

#endif
