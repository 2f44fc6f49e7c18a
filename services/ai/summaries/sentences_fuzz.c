// Any UTF-8 as a message: its sentences are parts of it, in order, with nothing but blanks between them; they
// are ranked, and the bullets are UTF-8 within their bounds.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "services/ai/summaries/extract.h"
#include "services/ai/summaries/textrank.h"

enum { MOST_READ = 8 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool is_blank(const char *from, const char *to)
{
    while (from < to && strchr(" \t\r\n", *from)) from++;
    return from == to;
}

static size_t check_sentences(const char *text, struct sentence *sentences)
{
    const char *at = text, *before = text;
    size_t count = 0;
    while (sentence_next(&at, &sentences[count])) {
        const struct sentence *sentence = &sentences[count++];
        assert(sentence->len && sentence->text >= before && sentence->text + sentence->len <= at);
        assert(is_blank(before, sentence->text) && text_is_utf8(sentence->text, sentence->len));
        before = sentence->text + sentence->len;
    }
    assert(is_blank(before, text + strlen(text)));
    return count;
}

static void check_ranks(const struct sentence *sentences, size_t count)
{
    struct arena arena;
    double sum = 0;
    arena_init(&arena, 64 << 20);
    const struct textrank_sentence *ranked = textrank(sentences, count, &arena);
    assert(ranked);
    for (size_t i = 0; i < count; i++) {
        assert(ranked[i].rank > 0 && ranked[i].count <= TEXTRANK_WORDS);
        sum += ranked[i].rank;
    }
    assert(!count || fabs(sum - 1) < 1e-6);
    arena_finish(&arena);
}

static void check_bullets(const char *text)
{
    struct bullets bullets;
    struct window window;
    struct err err = {0};
    window_open(&window);
    for (window.count = 0; window.count < 3; window.count++)
        window.messages[window.count] = (struct window_message){.room_id = "", .author = text, .text = text};
    bool ok = extract_bullets(&window, &bullets, &err);
    assert(ok && bullets.count <= BULLETS_MOST);
    for (size_t i = 0; i < bullets.count; i++) {
        const char *bullet = bullets.all[i].text;
        assert(strlen(bullet) < BULLET_BYTES && text_is_utf8(bullet, strlen(bullet)));
        assert(bullets.all[i].messages_count && bullets.all[i].messages[0] < window.count);
    }
    window_close(&window);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len > MOST_READ) return -1;
    char *text = strndup((const char *)bytes, len);
    struct sentence *sentences = calloc(len + 1, sizeof *sentences);
    if (!text || !sentences) abort();
    if (text_is_utf8(text, strlen(text))) {
        check_ranks(sentences, check_sentences(text, sentences));
        check_bullets(text);
    }
    free(sentences);
    free(text);
    return 0;
}
