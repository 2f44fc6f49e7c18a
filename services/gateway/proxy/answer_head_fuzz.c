// Any bytes as what an upstream sends, the first of them saying what was asked: what is taken has one end,
// what goes on to the client is one head that reads back as the same answer, and nothing is read beyond.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/proxy/answer_head.h"
#include "services/gateway/proxy/chunks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_written(const struct answer_head *head, const struct answer_asked *asked)
{
    struct buf out;
    struct answer_head again;
    const char *fault;
    buf_init(&out, 4 * ANSWER_HEAD_MOST);
    answer_head_write(&out, head, true);
    assert(!out.failed && answer_head_len(out.bytes, out.len) == out.len);
    bool many = head->count + 4 > ANSWER_FIELDS_MOST; // with ours, it may be more than is read
    bool ok = answer_head_parse(&again, out.bytes, out.len, asked, &fault);
    assert(many || (ok && again.status == head->status));
    assert(!ok || head->body != ANSWER_LENGTH || again.length == head->length);
    buf_finish(&out);
}

static void check_chunks(const char *bytes, size_t len)
{
    struct chunks whole = {0}, single = {0};
    struct chunks_run run;
    size_t by_all = 0, by_one = 0, at = 0;
    while (at < len && whole.state != CHUNKS_DONE && whole.state != CHUNKS_BROKEN) {
        at += chunks_take(&whole, bytes + at, len - at, &run);
        by_all += run.len;
    }
    for (size_t i = 0; i < at; i++) {
        chunks_take(&single, bytes + i, 1, &run);
        by_one += run.len;
    }
    assert(whole.state == single.state && by_all == by_one);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct answer_head head;
    const char *fault;
    if (len == 0) return 0;
    const struct answer_asked asked = {.head = bytes[0] & 1, .upgrade = bytes[0] & 2};
    char *text = malloc(len - 1 ? len - 1 : 1);
    if (!text) abort();
    memcpy(text, bytes + 1, len - 1);
    check_chunks(text, len - 1);
    size_t end = len - 1 < ANSWER_HEAD_MOST ? answer_head_len(text, len - 1) : 0;
    if (end && answer_head_parse(&head, text, end, &asked, &fault)) check_written(&head, &asked);
    free(text);
    return 0;
}
