#include "lib/qr/qr.h"

#include <qrencode.h>
#include <stdio.h>
#include <string.h>

enum { QUIET = 4, DARK = 1, RUN_ROOM = 48, AROUND = 512 };

// The characters that XML does not take as they are.
static char *qr_escaped(const char *text, struct arena *arena)
{
    char *out = arena_alloc(arena, 6 * strlen(text) + 1), *at = out;
    if (!out) return NULL;
    for (; *text; text++) {
        const char *entity = *text == '&'   ? "&amp;"
                             : *text == '<' ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        if (entity)
            at = stpcpy(at, entity);
        else
            *at++ = *text;
    }
    *at = 0;
    return out;
}

// One path: each run of dark modules of a row is a rectangle.
static char *add_rows(char *at, const QRcode *code)
{
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++) {
            const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
            int from = x;
            while (x < code->width && row[x] & DARK) x++;
            if (x > from) at += sprintf(at, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from, x - from);
        }
    return at;
}

static char *qr_drawn(const QRcode *code, const char *title, struct arena *arena)
{
    int side = code->width + 2 * QUIET;
    size_t runs = (size_t)code->width * ((size_t)code->width + 1) / 2;
    char *out = arena_alloc(arena, AROUND + strlen(title) + runs * RUN_ROOM), *at = out;
    if (!out) return NULL;
    at += sprintf(at,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                  "shape-rendering=\"crispEdges\"><title>%s</title>"
                  "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path d=\"",
                  side, side, title, side, side);
    at = add_rows(at, code);
    strcpy(at, "\"/></svg>\n");
    return out;
}

char *qr_svg(const char *text, const char *title, struct arena *arena)
{
    char *escaped = qr_escaped(title, arena);
    QRcode *code = escaped ? QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) : NULL;
    char *svg = code ? qr_drawn(code, escaped, arena) : NULL;
    QRcode_free(code);
    return svg;
}
