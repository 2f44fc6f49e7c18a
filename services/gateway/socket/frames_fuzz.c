// What a client sends, whole and in pieces that the first bytes choose: the same messages, answers and end.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/gateway/socket/frames.h"

enum { MOST = 1 << 22, LIMIT = 300 };

struct seen {
    struct buf texts, out;
    enum frames_verdict verdict;
    struct frames frames;
};

static bool on_text(void *arg, const char *text, size_t len)
{
    struct seen *seen = arg;
    assert(len <= LIMIT);
    for (size_t at = 0; at < len; at += strnlen(text + at, len - at) + 1)
        assert(text_is_utf8(text + at, strnlen(text + at, len - at)));
    buf_append(&seen->texts, text, len);
    buf_char(&seen->texts, '|');
    return len != 7; // as an owner that closes
}

static void read_in_pieces(struct seen *seen, const uint8_t *bytes, size_t size, size_t each)
{
    seen->frames.limit = LIMIT;
    buf_init(&seen->texts, MOST);
    buf_init(&seen->out, MOST);
    for (size_t at = 0; at < size && seen->verdict == FRAMES_GO_ON; at += each) {
        size_t len = size - at < each ? size - at : each;
        seen->verdict = frames_read(&seen->frames, bytes + at, len, on_text, seen, &seen->out);
    }
}

static void seen_finish(struct seen *seen)
{
    frames_finish(&seen->frames);
    buf_finish(&seen->texts);
    buf_finish(&seen->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct seen whole = {0}, parts = {0};
    if (size < 1) return 0;
    read_in_pieces(&whole, bytes + 1, size - 1, size);
    read_in_pieces(&parts, bytes + 1, size - 1, bytes[0] % 16 + 1);
    // Of a close's reason wslay looks at other bytes when it comes in pieces.
    bool differs = whole.frames.code == 1007 || parts.frames.code == 1007;
    assert(differs || whole.verdict == parts.verdict);
    assert(whole.verdict != FRAMES_CLOSED || whole.frames.code >= 1000);
    assert(differs || frames_is_open(&whole.frames) == frames_is_open(&parts.frames));
    assert(whole.texts.len == parts.texts.len &&
           memcmp(whole.texts.bytes, parts.texts.bytes, whole.texts.len) == 0);
    seen_finish(&whole);
    seen_finish(&parts);
    return 0;
}
