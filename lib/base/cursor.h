// What a reader of a stream goes on from, as text: "<epoch>.<offset>". The epoch names whose view of which
// stream it is, in 8 base32 characters; the offset is the number of the newest entry seen. Pure.
#ifndef LIB_BASE_CURSOR_H
#define LIB_BASE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

enum { CURSOR_EPOCH = 8, CURSOR_TEXT = CURSOR_EPOCH + 1 + 20 + 1 };

struct cursor {
    char epoch[CURSOR_EPOCH + 1];
    uint64_t offset;
};

// False for anything that cursor_write does not write.
bool cursor_parse(const char *text, struct cursor *cursor);
void cursor_write(const struct cursor *cursor, char text[CURSOR_TEXT]);
// The epoch of the first 5 bytes of a hash.
void cursor_epoch(const uint8_t hash[5], char epoch[CURSOR_EPOCH + 1]);

#endif
