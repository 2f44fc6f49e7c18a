// What the Autobahn suite tries by the dozen: lengths (1, 9, 10), texts (6) and close codes (7).
#include <stdlib.h>

#include "services/gateway/socket/testing/client.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

// ---- Lengths

static void fill(struct buf *payload, size_t len)
{
    buf_init(payload, MOST);
    for (size_t i = 0; i < len; i++) buf_char(payload, (char)('a' + i % 26));
}

// In pieces of so many bytes, read in parts of so many.
static void check_size(size_t len, size_t piece, size_t part)
{
    struct seen seen = {0};
    struct buf payload, sent;
    fill(&payload, len);
    buf_init(&sent, 2 * MOST);
    for (size_t at = 0, now; at == 0 || at < len; at += now) {
        now = len - at < piece ? len - at : piece;
        unsigned last = at + now == len ? 0x80 : 0;
        client_frame(&sent, last | (at == 0 ? BEGIN : MORE), len ? payload.bytes + at : "", now);
        if (!now) break;
    }
    read_parts(&seen, &sent, part, part, FRAMES_DOCUMENT);
    bool good = seen.verdict == FRAMES_GO_ON && seen.count == 1 && !seen.held && !seen.out.len &&
                seen.texts.len == len + 1 && (!len || memcmp(seen.texts.bytes, payload.bytes, len) == 0);
    if (!good) fail_msg("%zu bytes in pieces of %zu, parts of %zu: code %d", len, piece, part, seen.code);
    buf_finish(&payload);
    buf_finish(&sent);
    seen_finish(&seen);
}

static void texts_of_any_length_come_whole(void **state)
{
    static const size_t lengths[] = {0, 125, 126, 127, 128, 65535, 65536}, parts[] = {997, 65536 + 14};
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++)
        for (size_t part = 0; part < COUNT(parts); part++) check_size(lengths[i], MOST, parts[part]);
}

// 9.1 to 9.8, with the largest message that there may be; 10.1 cuts it at 1300 bytes.
static void the_largest_text_comes_whole_however_it_is_cut(void **state)
{
    static const size_t pieces[] = {64, 256, 1024, 1300, 4096, 16384, 65536},
                        parts[] = {64, 128, 256, 512, 1024, 2048, 65536};
    (void)state;
    for (size_t piece = 0; piece < COUNT(pieces); piece++)
        for (size_t part = 0; part < COUNT(parts); part++)
            check_size(FRAMES_DOCUMENT, pieces[piece], parts[part]);
}

// ---- Texts

// bad: the byte behind which it can be no text any more; NEVER: it is one; ENDS: only its end shows it.
enum { NEVER = -1, ENDS = -2 };

static const struct text {
    const char *name, *bytes;
    size_t len;
    int bad;
} texts[] = {
    {"6.2 words in three alphabets", BYTES("gr\xc3\xbc\xc3\x9f \xd8\xb4\xd8\xa8 \xe5\xa4\x9c"), NEVER},
    {"6.4.1 past the last letter, behind words", BYTES("gr\xc3\xbc\xf4\x90\x80\x80!"), 5},
    {"6.4.2 a surrogate, behind words", BYTES("\xce\xba\xed\xa0\x80!"), 3},
    {"6.5.1 half of two bytes", BYTES("a\xce"), ENDS},
    {"6.5.2 a third of three", BYTES("\xe1"), ENDS},
    {"6.5.3 two thirds of three", BYTES("\xe1\xbd"), ENDS},
    {"6.5.4 three quarters of four", BYTES("ab\xf0\x9f\x98"), ENDS},
    {"6.6.1 the first of two bytes alone", BYTES("\xce "), 1},
    {"6.6.2 two of three alone", BYTES("\xe1\xbd "), 2},
    {"6.6.3 three of four alone", BYTES("\xf0\x9f\x98 "), 3},
    {"6.7.1 the first of one byte", BYTES("\x00"), NEVER},
    {"6.7.2 the first of two", BYTES("\xc2\x80"), NEVER},
    {"6.7.3 the first of three", BYTES("\xe0\xa0\x80"), NEVER},
    {"6.7.4 the first of four", BYTES("\xf0\x90\x80\x80"), NEVER},
    {"6.8.1 of five", BYTES("\xf8\x88\x80\x80\x80"), 0},
    {"6.8.2 of six", BYTES("\xfc\x84\x80\x80\x80\x80"), 0},
    {"6.9.1 the last of one byte", BYTES("\x7f"), NEVER},
    {"6.9.2 the last of two", BYTES("\xdf\xbf"), NEVER},
    {"6.9.3 the last of three", BYTES("\xef\xbf\xbf"), NEVER},
    {"6.9.4 the last of four", BYTES("\xf4\x8f\xbf\xbf"), NEVER},
    {"6.10.1 the last of four that is none", BYTES("\xf7\xbf\xbf\xbf"), 0},
    {"6.10.2 of five", BYTES("\xfb\xbf\xbf\xbf\xbf"), 0},
    {"6.10.3 of six", BYTES("\xfd\xbf\xbf\xbf\xbf\xbf"), 0},
    {"6.11.1 the last before the surrogates", BYTES("\xed\x9f\xbf"), NEVER},
    {"6.11.2 the first behind them", BYTES("\xee\x80\x80"), NEVER},
    {"6.11.3 what stands for others", BYTES("\xef\xbf\xbd"), NEVER},
    {"6.11.5 one past the last letter", BYTES("\xf4\x90\x80\x80"), 1},
    {"6.12.1 a byte that goes on with nothing", BYTES("\x80"), 0},
    {"6.12.2 the last of them", BYTES("\xbf"), 0},
    {"6.12.3 several", BYTES("a\x80\xbf\x80"), 1},
    {"6.12.4 one behind a letter", BYTES("\xc3\xbc\x80"), 2},
    {"6.13.1 beginnings of two bytes", BYTES("\xc2 \xdf "), 1},
    {"6.13.2 of three", BYTES("\xe0 \xef "), 1},
    {"6.13.3 of four", BYTES("\xf0 \xf4 "), 1},
    {"6.13.4 of more", BYTES("\xf8 \xfb "), 0},
    {"6.13.5 of still more", BYTES("\xfc \xfd "), 0},
    {"6.14.1 a letter without its end, then another", BYTES("\xdf\xc3\xbc"), 1},
    {"6.14.2 the same of three", BYTES("\xe0\xa0\xc3\xbc"), 2},
    {"6.14.3 the same of four", BYTES("\xf0\x90\x80\xc3\xbc"), 3},
    {"6.15 several without an end", BYTES("\xdf\xe0\xa0\xf0\x90\x80"), 1},
    {"6.16.1 a byte that never is", BYTES("\xfe"), 0},
    {"6.16.2 the other one", BYTES("\xff"), 0},
    {"6.16.3 both", BYTES("ab\xfe\xff"), 2},
    {"6.17.1 overlong of two", BYTES("\xc0\xaf"), 0},
    {"6.17.2 of three", BYTES("\xe0\x80\xaf"), 1},
    {"6.17.3 of four", BYTES("\xf0\x80\x80\xaf"), 1},
    {"6.17.4 of five", BYTES("\xf8\x80\x80\x80\xaf"), 0},
    {"6.18.1 the largest overlong of two", BYTES("\xc1\xbf"), 0},
    {"6.18.2 of three", BYTES("\xe0\x9f\xbf"), 1},
    {"6.18.3 of four", BYTES("\xf0\x8f\xbf\xbf"), 1},
    {"6.19.1 overlong nothing", BYTES("\xc0\x80"), 0},
    {"6.19.2 of three", BYTES("\xe0\x80\x80"), 1},
    {"6.19.3 of four", BYTES("\xf0\x80\x80\x80"), 1},
    {"6.20.1 the first surrogate", BYTES("\xed\xa0\x80"), 1},
    {"6.20.2 the last high one", BYTES("\xed\xaf\xbf"), 1},
    {"6.20.3 the first low one", BYTES("\xed\xb0\x80"), 1},
    {"6.20.4 the last", BYTES("\xed\xbf\xbf"), 1},
    {"6.21.1 a pair", BYTES("\xed\xa0\x80\xed\xb0\x80"), 1},
    {"6.21.2 the last pair", BYTES("\xed\xaf\xbf\xed\xbf\xbf"), 1},
    {"6.22.1 no letter: U+FFFE", BYTES("\xef\xbf\xbe"), NEVER},
    {"6.22.2 no letter: U+1FFFE", BYTES("\xf0\x9f\xbf\xbe"), NEVER},
    {"6.22.3 no letter: U+2FFFF", BYTES("\xf0\xaf\xbf\xbf"), NEVER},
    {"6.22.4 no letter: U+7FFFE", BYTES("\xf1\xbf\xbf\xbe"), NEVER},
    {"6.22.5 no letter: U+FFFFF", BYTES("\xf3\xbf\xbf\xbf"), NEVER},
    {"6.22.6 no letter: U+10FFFE", BYTES("\xf4\x8f\xbf\xbe"), NEVER},
    {"6.22.7 no letter: U+FDD0", BYTES("\xef\xb7\x90"), NEVER},
    {"6.23.1 marks of annotations", BYTES("\xef\xbf\xb9\xef\xbf\xba\xef\xbf\xbb"), NEVER},
    {"6.23.2 an object, and what stands for others", BYTES("\xef\xbf\xbc\xef\xbf\xbd"), NEVER},
};

static void check_text(const struct text *text, const struct buf *sent, size_t part)
{
    struct seen seen = {0};
    read_parts(&seen, sent, part, part, LIMIT);
    bool whole = seen.texts.len == text->len + 1 && memcmp(seen.texts.bytes, text->bytes, text->len) == 0;
    if (text->bad == NEVER ? !whole || seen.code : seen.texts.len || seen.code != 1007)
        fail_msg("%s, in parts of %zu: code %d, %zu bytes", text->name, part, seen.code, seen.texts.len);
    seen_finish(&seen);
}

static void texts_are_utf_8_in_one_piece_and_in_two(void **state)
{
    (void)state;
    for (const struct text *text = texts; text < texts + COUNT(texts); text++)
        for (size_t cut = 0; cut <= text->len; cut++) {
            struct buf sent;
            buf_init(&sent, MOST);
            client_frame(&sent, cut ? BEGIN : TEXT, text->bytes, cut ? cut : text->len);
            if (cut) client_frame(&sent, LAST, text->bytes + cut, text->len - cut);
            check_text(text, &sent, sent.len);
            check_text(text, &sent, 1);
            buf_finish(&sent);
        }
}

// Refused with the byte that shows it: neither the frame nor the message has come whole.
static void what_is_no_text_is_refused_at_once(void **state)
{
    (void)state;
    for (const struct text *text = texts; text < texts + COUNT(texts); text++) {
        struct frames frames = {.limit = LIMIT};
        struct seen seen = {0};
        struct buf sent, payload;
        if (text->bad < 0) continue;
        buf_init(&sent, MOST);
        buf_init(&payload, MOST);
        buf_init(&seen.out, MOST);
        buf_append(&payload, text->bytes, text->len);
        buf_str(&payload, "more that never comes");
        client_frame(&sent, BEGIN, payload.bytes, payload.len);
        size_t head = sent.len - payload.len;
        enum frames_verdict verdict = FRAMES_GO_ON;
        for (size_t at = 0; at <= head + (size_t)text->bad && verdict == FRAMES_GO_ON; at++)
            verdict = frames_read(&frames, sent.bytes + at, 1, on_text, &seen, &seen.out);
        if (verdict != FRAMES_CLOSED || frames.code != 1007) fail_msg("%s: not at once", text->name);
        frames_finish(&frames);
        buf_finish(&payload);
        buf_finish(&sent);
        buf_finish(&seen.out);
    }
}

// ---- Close codes

// Which of them a close may have. 1012 to 1014 came to the registry after RFC 6455, and are of servers: wslay
// takes them for none.
static void a_close_is_answered_by_its_code_or_for_it(void **state)
{
    static const uint16_t good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009,
                                    1010, 1011, 3000, 3999, 4000, 4200, 4999},
                          bad[] = {0,    1,    999,  1004, 1005, 1006, 1012, 1013,
                                   1014, 1015, 1016, 1100, 2000, 2999, 5000, 65535};
    (void)state;
    for (size_t i = 0; i < COUNT(good) + COUNT(bad); i++) {
        bool is_good = i < COUNT(good);
        uint16_t code = is_good ? good[i] : bad[i - COUNT(good)];
        const char payload[] = {(char)(code >> 8), (char)code, 'w', 'h', 'y'};
        for (size_t part = 1; part <= 20; part++)
            for (size_t len = 2; len <= sizeof payload; len += 3) {
                struct seen seen = {0};
                struct buf sent, answer;
                buf_init(&sent, MOST);
                buf_init(&answer, MOST);
                client_frame(&sent, CLOSE, payload, len);
                frames_close(&answer, is_good ? code : 1002, "");
                read_parts(&seen, &sent, part, part, LIMIT);
                if (seen.out.len != answer.len || memcmp(seen.out.bytes, answer.bytes, answer.len) != 0)
                    fail_msg("%d, in parts of %zu: %d", code, part, seen.code);
                buf_finish(&answer);
                buf_finish(&sent);
                seen_finish(&seen);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_any_length_come_whole),
        cmocka_unit_test(the_largest_text_comes_whole_however_it_is_cut),
        cmocka_unit_test(texts_are_utf_8_in_one_piece_and_in_two),
        cmocka_unit_test(what_is_no_text_is_refused_at_once),
        cmocka_unit_test(a_close_is_answered_by_its_code_or_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
