#include "services/chain/solana/wire.h"
#include "tests/test.h"

static void reads_what_it_wrote(void **state)
{
    (void)state;
    uint8_t bytes[256];
    struct solana_writer w = solana_writer(bytes, sizeof bytes);
    struct solana_key key = {{1, 2, 3}};
    solana_write_u8(&w, 0xfe);
    solana_write_u16(&w, 0xfedc);
    solana_write_u32(&w, 0xfedcba98);
    solana_write_u64(&w, UINT64_MAX - 1);
    solana_write_i64(&w, INT64_MIN);
    solana_write_bool(&w, true);
    solana_write_string(&w, "\u0634\u0647\u0631");
    solana_write_key(&w, &key);
    assert_false(w.failed);
    struct solana_reader r = solana_reader(bytes, w.len);
    char text[16];
    assert_int_equal(solana_read_u8(&r), 0xfe);
    assert_int_equal(solana_read_u16(&r), 0xfedc);
    assert_int_equal(solana_read_u32(&r), 0xfedcba98);
    assert_true(solana_read_u64(&r) == UINT64_MAX - 1);
    assert_true(solana_read_i64(&r) == INT64_MIN);
    assert_true(solana_read_bool(&r));
    solana_read_string(&r, text, sizeof text);
    assert_string_equal(text, "\u0634\u0647\u0631");
    struct solana_key again = solana_read_key(&r);
    assert_true(solana_key_equal(&again, &key));
    assert_true(solana_read_done(&r));
}

static void compact_lengths_have_one_form(void **state)
{
    (void)state;
    for (unsigned value = 0; value <= 0xffff; value++) {
        uint8_t bytes[3];
        struct solana_writer w = solana_writer(bytes, sizeof bytes);
        solana_write_compact(&w, value);
        struct solana_reader r = solana_reader(bytes, w.len);
        assert_int_equal(solana_read_compact(&r), value);
        assert_true(solana_read_done(&r));
    }
    static const struct {
        uint8_t bytes[4];
        size_t len;
    } refused[] = {{{0x80}, 1},
                   {{0x80, 0x00}, 2},
                   {{0xff, 0x80, 0x00}, 3},
                   {{0xff, 0xff, 0x04}, 3},
                   {{0x80, 0x80, 0x80, 0x01}, 4},
                   {{0}, 0}};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct solana_reader r = solana_reader(refused[i].bytes, refused[i].len);
        assert_int_equal(solana_read_compact(&r), 0);
        assert_true(r.failed);
    }
    uint8_t bytes[4];
    struct solana_writer w = solana_writer(bytes, sizeof bytes);
    solana_write_compact(&w, 0x10000);
    assert_true(w.failed);
}

static void failure_sticks(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 3};
    struct solana_reader r = solana_reader(bytes, sizeof bytes);
    assert_int_equal(solana_read_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(solana_read_u8(&r), 0);
    assert_null(solana_read_bytes(&r, 0));
    assert_false(solana_read_done(&r));
    uint8_t out[2];
    struct solana_writer w = solana_writer(out, sizeof out);
    solana_write_u32(&w, 7);
    solana_write_u8(&w, 7);
    assert_true(w.failed);
    assert_int_equal(w.len, 0);
}

static void refuses_values_that_are_none(void **state)
{
    (void)state;
    struct solana_reader r = solana_reader("\x02", 1);
    solana_read_bool(&r);
    assert_true(r.failed);
    char text[4];
    static const struct {
        const char *bytes;
        size_t len;
    } strings[] = {{"\4\0\0\0abcd", 8},
                   {"\3\0\0\0ab", 6},
                   {"\2\0\0\0\xc3\x28", 6},
                   {"\1\0\0\0\0", 5},
                   {"\xff\xff\xff\xff"
                    "a",
                    5}};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        r = solana_reader(strings[i].bytes, strings[i].len);
        solana_read_string(&r, text, sizeof text);
        assert_true(r.failed);
        assert_string_equal(text, "");
    }
}

static void counts_are_bounded_by_what_is_there(void **state)
{
    (void)state;
    const uint8_t bytes[] = {3, 0, 0, 0, 1, 2, 3, 4, 5, 6};
    struct solana_reader r = solana_reader(bytes, sizeof bytes);
    assert_int_equal(solana_read_count(&r, 2), 3);
    r = solana_reader(bytes, sizeof bytes);
    assert_int_equal(solana_read_count(&r, 3), 0);
    assert_true(r.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(compact_lengths_have_one_form),
        cmocka_unit_test(failure_sticks),
        cmocka_unit_test(refuses_values_that_are_none),
        cmocka_unit_test(counts_are_bounded_by_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
