// Any bytes as a text: its forms are UTF-8, within bounds, and forms of themselves.
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/text/text_form.h"

enum { MOST_READ = 16 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

typedef bool text_form(char *out, size_t size, const char *text);

static void check_form(text_form *form, const char *text, size_t size)
{
    char *once = malloc(size), *again = malloc(size);
    if (!once || !again) abort();
    bool formed = form(once, size, text);
    assert(formed == text_is_utf8(text, strlen(text)));
    if (formed) {
        assert(text_is_utf8(once, strlen(once)));
        bool same = form(again, size, once) && strcmp(once, again) == 0;
        assert(same);
        char *exact = malloc(strlen(once) + 1);
        if (!exact) abort();
        bool fits = form(exact, strlen(once) + 1, text), too_small = form(exact, strlen(once), text);
        assert(fits && !too_small);
        free(exact);
    }
    free(once);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len > MOST_READ) return -1;
    char *text = strndup((const char *)bytes, len); // exactly as long as it is
    if (!text) abort();
    check_form(text_fold, text, strlen(text) * TEXT_FOLD_GROWTH + 1);
    check_form(text_nfc, text, strlen(text) * 3 + 1);
    free(text);
    return 0;
}
