// Any bytes as a model's answer: it is read within bounds, and what was whole is cut by every cut.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/ai/llm/reply.h"

enum { MOST_READ = 4096, MOST_TEXT = 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf text;
    int64_t tokens;
    char *exact = malloc(len + 1); // so that a read behind the end is found
    if (!exact) abort();
    if (len > MOST_READ) return free(exact), -1;
    memcpy(exact, bytes, len);
    exact = realloc(exact, len ? len : 1);
    buf_init(&text, MOST_TEXT);
    enum llm_outcome outcome = llm_reply_read(exact, len, &text, &tokens);
    assert(outcome == LLM_WHOLE || outcome == LLM_CUT || outcome == LLM_STOPPED);
    assert(text.len <= MOST_TEXT &&
           text_is_utf8(text.bytes, text.len) == (memchr(text.bytes, 0, text.len) == NULL));
    assert(tokens >= 0);
    buf_finish(&text);
    free(exact);
    return 0;
}
