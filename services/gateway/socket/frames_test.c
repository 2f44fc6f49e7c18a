// Rows by the groups of the Autobahn suite: 1 framing, 2 pings and pongs, 3 reserved bits, 4 opcodes,
// 5 fragments, 6 UTF-8, 7 closes. Each is read whole, byte by byte, and in all ways of two parts. Texts,
// codes and sizes by the dozen (1, 6, 7, 9, 10) are in frames_groups_test.c.
#include "services/gateway/socket/frames.h"

#include <malloc.h>

#include "services/gateway/socket/testing/client.h"

// ---- The table

struct piece {
    unsigned first; // FIN, reserved bits, opcode
    const char *payload;
    size_t len; // 0: of the text
};

#define LONG_PING                                                                                            \
    "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012" \
    "34"                                                                                                     \
    "567890123456789012345"

#define REASON                                                                                               \
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"  \
    "2345678901234567890123"

static const struct row {
    const char *name;
    struct piece pieces[6];
    const char *texts;
    const char *pongs; // payloads, each with a bar behind it
    uint16_t code;     // 0: goes on
} rows[] = {
    {"1.1.1 an empty text", {{TEXT, "", 0}}, "|", "", 0},
    {"1.1.2 a short text", {{TEXT, "abc", 0}}, "abc|", "", 0},
    {"1.1.3 the longest of a short head", {{TEXT, LONG_PING, 0}}, LONG_PING "|", "", 0},
    {"1.1.4 a head with two more bytes", {{TEXT, LONG_PING "x", 0}}, LONG_PING "x|", "", 0},
    {"1.1.x two texts", {{TEXT, "a", 0}, {TEXT, "b", 0}}, "a|b|", "", 0},
    {"1.2.1 an empty binary message", {{0x82, "", 0}}, "", "", 1003},
    {"1.2.2 a binary message", {{TEXT, "a", 0}, {0x82, "abc", 0}, {TEXT, "b", 0}}, "a|", "", 1003},
    {"2.1 an empty ping", {{PING, "", 0}}, "", "|", 0},
    {"2.2 a ping", {{PING, "Hello", 0}}, "", "Hello|", 0},
    {"2.3 a ping of bytes", {{PING, BYTES("\x00\xff\xfe\xfd")}}, "", "\xff", 0},
    {"2.4 the longest ping", {{PING, LONG_PING, 0}}, "", LONG_PING "|", 0},
    {"2.5 a ping that is too long", {{PING, LONG_PING "x", 0}}, "", "", 1002},
    {"2.7 a pong that nobody asked for", {{PONG, "", 0}, {TEXT, "a", 0}}, "a|", "", 0},
    {"2.9 a pong, then a ping", {{PONG, "a", 0}, {PING, "b", 0}}, "", "b|", 0},
    {"2.10 several pings", {{PING, "a", 0}, {PING, "b", 0}, {PING, "c", 0}}, "", "a|b|c|", 0},
    {"3.1 a reserved bit", {{TEXT | 0x40, "a", 0}}, "", "", 1002},
    {"3.2 the second", {{TEXT, "a", 0}, {TEXT | 0x20, "b", 0}}, "a|", "", 1002},
    {"3.3 the third", {{TEXT | 0x10, "a", 0}, {PING, "", 0}}, "", "", 1002},
    {"3.5 in a ping", {{PING | 0x40, "a", 0}}, "", "", 1002},
    {"3.6 in a close", {{CLOSE | 0x70, "", 0}}, "", "", 1002},
    {"4.1.1 an opcode that is none", {{0x83, "", 0}}, "", "", 1002},
    {"4.1.5 the last of them", {{TEXT, "a", 0}, {0x87, "b", 0}, {PING, "", 0}}, "a|", "", 1002},
    {"4.2.1 a control opcode that is none", {{0x8b, "", 0}}, "", "", 1002},
    {"4.2.5 the last of them", {{TEXT, "a", 0}, {0x8f, "b", 0}}, "a|", "", 1002},
    {"5.1 a ping in pieces", {{0x09, "a", 0}, {LAST, "b", 0}}, "", "", 1002},
    {"5.2 a pong in pieces", {{0x0a, "a", 0}, {LAST, "b", 0}}, "", "", 1002},
    {"5.3 a text in two pieces", {{BEGIN, "ab", 0}, {LAST, "c", 0}}, "abc|", "", 0},
    {"5.6 a ping between", {{BEGIN, "ab", 0}, {PING, "p", 0}, {LAST, "c", 0}}, "abc|", "p|", 0},
    {"5.7 an empty ping between", {{BEGIN, "ab", 0}, {PING, "", 0}, {LAST, "c", 0}}, "abc|", "|", 0},
    {"5.8 empty pieces", {{BEGIN, "", 0}, {MORE, "", 0}, {LAST, "", 0}}, "|", "", 0},
    {"5.9 a piece of nothing, not the last", {{MORE, "a", 0}, {TEXT, "b", 0}}, "", "", 1002},
    {"5.10 a piece of nothing, the last", {{LAST, "a", 0}, {TEXT, "b", 0}}, "", "", 1002},
    {"5.15 a text, then a piece of nothing",
     {{BEGIN, "a", 0}, {LAST, "b", 0}, {MORE, "c", 0}},
     "ab|",
     "",
     1002},
    {"5.18 a text within a text", {{BEGIN, "a", 0}, {TEXT, "b", 0}}, "", "", 1002},
    {"5.19 pings among pieces",
     {{BEGIN, "a", 0}, {MORE, "b", 0}, {PING, "p", 0}, {MORE, "c", 0}, {PING, "q", 0}, {LAST, "d", 0}},
     "abcd|",
     "p|q|",
     0},
    {"5.1.x a ping in pieces within a text", {{BEGIN, "a", 0}, {0x09, "p", 0}, {LAST, "b", 0}}, "", "", 1002},
    {"5.4 three pieces", {{BEGIN, "a", 0}, {MORE, "b", 0}, {LAST, "c", 0}}, "abc|", "", 0},
    {"5.5 an empty piece at the end", {{BEGIN, "a", 0}, {LAST, "", 0}}, "a|", "", 0},
    {"5.6.x the longest ping between",
     {{BEGIN, "ab", 0}, {PING, LONG_PING, 0}, {LAST, "c", 0}},
     "abc|",
     LONG_PING "|",
     0},
    {"5.7.x a pong between", {{BEGIN, "ab", 0}, {PONG, "p", 0}, {LAST, "c", 0}}, "abc|", "", 0},
    {"5.8.x a ping before the first piece",
     {{PING, "p", 0}, {BEGIN, "a", 0}, {LAST, "b", 0}},
     "ab|",
     "p|",
     0},
    {"5.11 a piece of nothing behind a text", {{TEXT, "a", 0}, {LAST, "b", 0}}, "a|", "", 1002},
    {"5.12 the same, not the last", {{TEXT, "a", 0}, {MORE, "b", 0}, {TEXT, "c", 0}}, "a|", "", 1002},
    {"5.13 an empty piece of nothing", {{MORE, "", 0}}, "", "", 1002},
    {"5.14 the same, the last", {{LAST, "", 0}, {TEXT, "b", 0}}, "", "", 1002},
    {"5.15.x two texts in pieces",
     {{BEGIN, "a", 0}, {LAST, "b", 0}, {BEGIN, "c", 0}, {LAST, "d", 0}},
     "ab|cd|",
     "",
     0},
    {"5.16 pieces of nothing, each before a text",
     {{MORE, "a", 0}, {TEXT, "b", 0}, {MORE, "c", 0}, {TEXT, "d", 0}},
     "",
     "",
     1002},
    {"5.17 the same, each the last",
     {{LAST, "a", 0}, {TEXT, "b", 0}, {LAST, "c", 0}, {TEXT, "d", 0}},
     "",
     "",
     1002},
    {"5.18.1 a text in pieces within another",
     {{BEGIN, "a", 0}, {BEGIN, "b", 0}, {LAST, "c", 0}},
     "",
     "",
     1002},
    {"5.18.2 a binary message within a text", {{BEGIN, "a", 0}, {0x82, "b", 0}}, "", "", 1002},
    {"5.18.3 the same in pieces", {{BEGIN, "a", 0}, {0x02, "b", 0}}, "", "", 1002},
    {"5.18.4 a reserved bit in a piece", {{BEGIN, "a", 0}, {LAST | 0x40, "b", 0}}, "", "", 1002},
    {"5.18.5 an opcode that is none within a text", {{BEGIN, "a", 0}, {0x83, "b", 0}}, "", "", 1002},
    {"5.18.6 a binary message in pieces", {{0x02, "a", 0}, {LAST, "b", 0}}, "", "", 1003},
    {"5.20 a close among pieces and pings",
     {{BEGIN, "a", 0}, {PING, "p", 0}, {MORE, "b", 0}, {CLOSE, BYTES("\x03\xe8")}, {LAST, "c", 0}},
     "",
     "",
     1000},
    {"6.1.2 a text of empty pieces and one", {{BEGIN, "", 0}, {MORE, "", 0}, {LAST, "a", 0}}, "a|", "", 0},
    {"6.2.1 letters of several bytes",
     {{TEXT, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 0}},
     "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80|",
     "",
     0},
    {"6.2.3 a letter in two pieces", {{BEGIN, "\xe2\x82", 0}, {LAST, "\xac", 0}}, "\xe2\x82\xac|", "", 0},
    {"6.2.x a ping within a letter",
     {{BEGIN, "\xe2\x82", 0}, {PING, "p", 0}, {LAST, "\xac", 0}},
     "\xe2\x82\xac|",
     "p|",
     0},
    {"6.3.1 a surrogate", {{TEXT, "a\xed\xa0\x80", 0}}, "", "", 1007},
    {"6.4.1 a bad byte before the last piece", {{BEGIN, "\xce\xf4\x90\x80\x80", 0}}, "", "", 1007},
    {"6.5 half a letter", {{TEXT, "\xe2\x82", 0}}, "", "", 1007},
    {"6.6 a letter that goes on with another", {{TEXT, "\xe2(", 0}}, "", "", 1007},
    {"6.8 a byte that begins nothing", {{TEXT, "\x80", 0}}, "", "", 1007},
    {"6.11 overlong", {{TEXT, "\xc0\xaf", 0}}, "", "", 1007},
    {"6.13 past the last letter", {{TEXT, "\xf4\x90\x80\x80", 0}}, "", "", 1007},
    {"6.20 bytes that never are", {{TEXT, "\xfe\xff", 0}}, "", "", 1007},
    {"7.1.1 a close behind a text", {{TEXT, "a", 0}, {CLOSE, BYTES("\x03\xe8")}}, "a|", "", 1000},
    {"7.1.2 two closes", {{CLOSE, BYTES("\x03\xe8")}, {CLOSE, BYTES("\x03\xe9")}}, "", "", 1000},
    {"7.1.3 a ping behind the close", {{CLOSE, BYTES("\x03\xe8")}, {PING, "p", 0}}, "", "", 1000},
    {"7.1.4 a text behind the close", {{CLOSE, BYTES("\x03\xe8")}, {TEXT, "a", 0}}, "", "", 1000},
    {"7.1.5 a close within a message",
     {{BEGIN, "a", 0}, {CLOSE, BYTES("\x03\xe8")}, {LAST, "b", 0}},
     "",
     "",
     1000},
    {"7.1.6 a ping, a text, a close, a ping",
     {{PING, "p", 0}, {TEXT, "a", 0}, {CLOSE, BYTES("\x03\xe8")}, {PING, "q", 0}},
     "a|",
     "",
     1000},
    {"7.3.1 an empty close", {{CLOSE, "", 0}}, "", "", 1005},
    {"7.3.2 half a code", {{CLOSE, "a", 0}}, "", "", 1002},
    {"7.3.3 a code alone", {{CLOSE, BYTES("\x03\xe8")}}, "", "", 1000},
    {"7.3.4 a reason", {{CLOSE, BYTES("\x03\xe8why")}}, "", "", 1000},
    {"7.3.5 the longest reason", {{CLOSE, BYTES("\x03\xe8" REASON)}}, "", "", 1000},
    {"7.3.6 a close that is too long", {{CLOSE, "\x03\xe8" LONG_PING, 0}}, "", "", 1002},
    {"7.5.1 a reason that is no text", {{CLOSE, BYTES("\x03\xe8\xce\xba\xed\xa0\x80")}}, "", "", 1007},
};

static void row_frames(const struct row *row, struct buf *sent)
{
    buf_init(sent, MOST);
    for (const struct piece *piece = row->pieces; piece < row->pieces + 6 && piece->payload; piece++)
        client_frame(sent, piece->first, piece->payload, piece->len ? piece->len : strlen(piece->payload));
}

static void row_answers(const struct row *row, struct buf *answers)
{
    buf_init(answers, MOST);
    if (*row->pongs == '\xff') frames_write(answers, FRAMES_PONG, "\x00\xff\xfe\xfd", 4);
    for (const char *at = row->pongs, *bar; (bar = strchr(at, '|')); at = bar + 1)
        frames_write(answers, FRAMES_PONG, at, (size_t)(bar - at));
    if (row->code) frames_close(answers, row->code, "");
}

static size_t closes_in(const struct buf *out)
{
    size_t count = 0;
    for (size_t at = 0; at < out->len; at += 2 + (uint8_t)out->bytes[at + 1]) // answers have short heads
        count += (uint8_t)out->bytes[at] == CLOSE;
    return count;
}

static void check_row(const struct row *row, const struct buf *sent, size_t first, size_t each)
{
    struct seen seen = {0};
    struct buf answers;
    row_answers(row, &answers);
    read_parts(&seen, sent, first, each, LIMIT);
    bool good = strcmp(seen.texts.bytes, row->texts) == 0 && seen.code == row->code &&
                seen.verdict == (row->code ? FRAMES_CLOSED : FRAMES_GO_ON) && !seen.held;
    good = good && closes_in(&seen.out) == (row->code ? 1 : 0);
    // Of pings that come together with a close only the close is answered.
    if (!row->code) good = good && seen.out.len == answers.len;
    good = good && seen.out.len >= answers.len &&
           memcmp(seen.out.bytes + seen.out.len - answers.len, answers.bytes, answers.len) == 0;
    if (!good)
        fail_msg("%s, in parts of %zu and %zu: \"%s\", code %d, %zu bytes of answers, context %d", row->name,
                 first, each, seen.texts.bytes, seen.code, seen.out.len, seen.held);
    buf_finish(&answers);
    seen_finish(&seen);
}

static void every_row_however_it_is_cut(void **state)
{
    (void)state;
    for (const struct row *row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        struct buf sent;
        row_frames(row, &sent);
        check_row(row, &sent, sent.len, sent.len);
        check_row(row, &sent, 1, 1);
        check_row(row, &sent, 3, 3);
        for (size_t first = 1; first < sent.len; first++) check_row(row, &sent, first, sent.len);
        buf_finish(&sent);
    }
}

// ---- Heads that no honest client writes

static void check_raw(const char *bytes, size_t len, uint16_t code)
{
    struct seen seen = {0};
    struct buf sent;
    buf_init(&sent, MOST);
    buf_append(&sent, bytes, len);
    read_parts(&seen, &sent, len, len, LIMIT);
    assert_int_equal(seen.code, code);
    assert_string_equal(seen.texts.bytes, "");
    buf_finish(&sent);
    seen_finish(&seen);
}

static void heads_that_break_the_rules(void **state)
{
    (void)state;
    check_raw(BYTES("\x81\x01"
                    "a"),
              1002); // without a mask
    check_raw(BYTES("\x89\x00"), 1002);
    check_raw(BYTES("\x81\xfe\x00\x7d\x01\x02\x03\x04"), 1002); // a length that is longer than it need be
    check_raw(BYTES("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04"), 1002);
    check_raw(BYTES("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00\x01\x02\x03\x04"), 1002); // a negative one
    check_raw(BYTES("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04z"), 1009);
}

// ---- Limits

static void repeat(struct buf *sent, unsigned first, size_t len)
{
    char *payload = malloc(len + 1);
    memset(payload, 'x', len);
    client_frame(sent, first, payload, len);
    free(payload);
}

static void check_limit(size_t limit, size_t first_piece, size_t second_piece, uint16_t code)
{
    struct seen seen = {0};
    struct buf sent;
    buf_init(&sent, MOST);
    repeat(&sent, second_piece ? BEGIN : TEXT, first_piece);
    if (second_piece) repeat(&sent, LAST, second_piece);
    read_parts(&seen, &sent, 4096, 4096, limit);
    assert_int_equal(seen.code, code);
    assert_int_equal(seen.texts.len, code ? 0 : first_piece + second_piece + 1);
    buf_finish(&sent);
    seen_finish(&seen);
}

static void a_message_has_its_limit_in_any_number_of_pieces(void **state)
{
    (void)state;
    check_limit(FRAMES_LIMIT, FRAMES_LIMIT, 0, 0);
    check_limit(FRAMES_LIMIT, FRAMES_LIMIT + 1, 0, 1009);
    check_limit(FRAMES_LIMIT, FRAMES_LIMIT - 1, 1, 0);
    check_limit(FRAMES_LIMIT, FRAMES_LIMIT, 1, 1009);
    check_limit(FRAMES_DOCUMENT, FRAMES_DOCUMENT, 0, 0);
    check_limit(FRAMES_DOCUMENT, FRAMES_DOCUMENT, 1, 1009);
    check_limit(SIZE_MAX, FRAMES_DOCUMENT, 1, 1009);
}

static void what_is_too_large_is_refused_before_it_has_come(void **state)
{
    struct frames frames = {.limit = LIMIT};
    struct seen seen = {0};
    struct buf sent;
    (void)state;
    buf_init(&sent, MOST);
    buf_init(&seen.out, MOST);
    repeat(&sent, TEXT, LIMIT + 1);
    assert_int_equal(frames_read(&frames, sent.bytes, 9, on_text, &seen, &seen.out), FRAMES_CLOSED);
    assert_int_equal(frames.code, 1009);
    assert_false(frames_is_open(&frames));
    buf_finish(&sent);
    buf_finish(&seen.out);
}

// ---- Contexts

static void a_context_is_there_while_something_is_open(void **state)
{
    struct frames frames = {.limit = LIMIT};
    struct seen seen = {0};
    struct buf sent;
    (void)state;
    buf_init(&sent, MOST);
    buf_init(&seen.out, MOST);
    buf_init(&seen.texts, MOST);
    client_frame(&sent, BEGIN, "ab", 2);
    size_t first = sent.len;
    client_frame(&sent, PING, "", 0);
    size_t ping = sent.len;
    client_frame(&sent, LAST, "c", 1);
    for (size_t at = 0; at < sent.len; at++) {
        assert_int_equal(frames_read(&frames, sent.bytes + at, 1, on_text, &seen, &seen.out), FRAMES_GO_ON);
        assert_int_equal(frames_is_open(&frames), at + 1 < sent.len);
        assert_int_equal(seen.out.len, at + 1 < ping ? 0 : 2); // a pong comes before the message is whole
    }
    assert_true(first < ping);
    assert_string_equal(seen.texts.bytes, "abc|");
    buf_finish(&sent);
    seen_finish(&seen);
}

static void pieces_take_no_memory_but_their_bytes(void **state)
{
    struct frames frames = {.limit = FRAMES_LIMIT};
    struct seen seen = {0};
    struct buf sent;
    (void)state;
    buf_init(&sent, MOST);
    buf_init(&seen.out, MOST);
    client_frame(&sent, BEGIN, "a", 1);
    for (size_t i = 1; i < FRAMES_LIMIT; i++) client_frame(&sent, MORE, "a", 1);
    size_t before = mallinfo2().uordblks;
    assert_int_equal(frames_read(&frames, sent.bytes, sent.len, on_text, &seen, &seen.out), FRAMES_GO_ON);
    assert_true(mallinfo2().uordblks - before < 4 * FRAMES_LIMIT);
    frames_finish(&frames);
    buf_finish(&sent);
    buf_finish(&seen.out);
}

static void the_owner_may_stop(void **state)
{
    struct seen seen = {.stop_after = 2};
    struct buf sent;
    (void)state;
    buf_init(&sent, MOST);
    client_frame(&sent, PING, "p", 1);
    for (int i = 0; i < 3; i++) client_frame(&sent, TEXT, "a", 1);
    client_frame(&sent, PING, "q", 1);
    read_parts(&seen, &sent, sent.len, sent.len, LIMIT);
    assert_int_equal(seen.verdict, FRAMES_STOPPED);
    assert_string_equal(seen.texts.bytes, "a|a|");
    assert_int_equal(seen.out.len, 3); // the first pong, and no close
    assert_false(seen.held);
    buf_finish(&sent);
    seen_finish(&seen);
}

// ---- Writing

static void heads_are_as_short_as_they_can_be(void **state)
{
    uint8_t head[FRAMES_HEAD];
    (void)state;
    assert_int_equal(frames_head(head, FRAMES_TEXT, 125), 2);
    assert_memory_equal(head, "\x81\x7d", 2);
    assert_int_equal(frames_head(head, FRAMES_PING, 126), 4);
    assert_memory_equal(head, "\x89\x7e\x00\x7e", 4);
    assert_int_equal(frames_head(head, FRAMES_TEXT, 65535), 4);
    assert_memory_equal(head, "\x81\x7e\xff\xff", 4);
    assert_int_equal(frames_head(head, FRAMES_TEXT, 65536), 10);
    assert_memory_equal(head, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
}

static void a_reason_is_cut_between_characters(void **state)
{
    struct buf out;
    char reason[256] = "";
    (void)state;
    buf_init(&out, MOST);
    frames_close(&out, 4403, "REVOKED");
    assert_int_equal(out.len, 11);
    assert_memory_equal(out.bytes, "\x88\x09\x11\x33REVOKED", 11);
    buf_reset(&out);
    for (int i = 0; i < 62; i++) strcat(reason, "\xc3\xa4");
    frames_close(&out, 1013, reason);
    assert_int_equal(out.len, 2 + 2 + 122);
    buf_reset(&out);
    frames_close(&out, 1005, "nothing");
    assert_int_equal(out.len, 2);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_however_it_is_cut),
        cmocka_unit_test(heads_that_break_the_rules),
        cmocka_unit_test(a_message_has_its_limit_in_any_number_of_pieces),
        cmocka_unit_test(what_is_too_large_is_refused_before_it_has_come),
        cmocka_unit_test(a_context_is_there_while_something_is_open),
        cmocka_unit_test(pieces_take_no_memory_but_their_bytes),
        cmocka_unit_test(the_owner_may_stop),
        cmocka_unit_test(heads_are_as_short_as_they_can_be),
        cmocka_unit_test(a_reason_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
