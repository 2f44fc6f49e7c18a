// A cursor that is taken is what would be written for it.
#include "lib/base/cursor.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cursor cursor;
    char written[CURSOR_TEXT];
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, bytes, size);
    text[size] = 0;
    if (cursor_parse(text, &cursor)) {
        cursor_write(&cursor, written);
        assert(strcmp(written, text) == 0);
    }
    free(text);
    return 0;
}
