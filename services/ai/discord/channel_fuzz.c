// Any bytes as a page of messages: they are read within bounds, and made harmless.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text/markdown.h"
#include "services/ai/discord/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct page {
    const uint8_t *bytes;
    size_t len;
};

static bool give_page(void *arg, const char *channel_id, const char *before, struct buf *json,
                      struct err *err)
{
    const struct page *page = arg;
    (void)channel_id, (void)before, (void)err;
    buf_append(json, page->bytes, page->len);
    return true;
}

static void check_said(const char *text)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    markdown_plain(&out, text);
    assert(!strstr(out.bytes, "://") && !strchr(out.bytes, '\n') && !strchr(out.bytes, '<'));
    for (const char *at = out.bytes; (at = strchr(at, '@')) != NULL; at++)
        assert((unsigned char)at[1] == 0xE2);
    buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct page page = {bytes, len};
    const struct channel_source source = {give_page, &page};
    struct channel_told told;
    struct window window;
    struct err err;
    window_open(&window);
    if (channel_read(&window, &source, "3333", "9999999999999999999", 0, &told, &err))
        for (size_t i = 0; i < window.count; i++) {
            assert(strlen(window.messages[i].id.text) < SNOWFLAKE && window.messages[i].author);
            check_said(window.messages[i].text);
        }
    window_close(&window);
    return 0;
}
