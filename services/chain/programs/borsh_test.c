#include "services/chain/programs/sdk/borsh.h"
#include "tests/test.h"

static struct borsh_reader reader(const void *bytes, uint64_t size)
{
    return (struct borsh_reader){.at = bytes, .left = size};
}

static void reads_little_endian_in_order(void **state)
{
    static const uint8_t bytes[] = {1, 2, 1, 3, 0, 0, 1, 8, 7, 6, 5, 4, 3, 2, 1, 1};
    struct borsh_reader r = reader(bytes, sizeof bytes);
    (void)state;
    assert_int_equal(borsh_read_u8(&r), 1);
    assert_int_equal(borsh_read_u16(&r), 0x0102);
    assert_int_equal(borsh_read_u32(&r), 0x01000003);
    assert_true(borsh_read_u64(&r) == 0x0102030405060708);
    assert_false(borsh_finished(&r));
    assert_true(borsh_read_bool(&r));
    assert_true(borsh_finished(&r));
}

static void a_bound_fails_and_stays_failed(void **state)
{
    static const uint8_t bytes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    (void)state;
    for (uint64_t size = 0; size < 8; size++) {
        struct borsh_reader r = reader(bytes, size);
        assert_int_equal(borsh_read_u64(&r), 0);
        assert_int_equal(borsh_read_u8(&r), 0); // though there may be a byte
        assert_false(borsh_finished(&r));
    }
    struct borsh_reader r = reader(bytes, 8);
    assert_null(borsh_read_bytes(&r, UINT64_MAX));
    assert_false(borsh_finished(&r));
}

static void a_bool_is_zero_or_one(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t bytes[] = {(uint8_t)byte};
        struct borsh_reader r = reader(bytes, 1);
        assert_int_equal(borsh_read_bool(&r), byte == 1);
        assert_int_equal(borsh_finished(&r), byte < 2);
    }
}

static bool takes(const char *text, size_t size)
{
    uint8_t bytes[64] = {(uint8_t)size};
    struct slice read;
    memcpy(bytes + 4, text, size);
    struct borsh_reader r = reader(bytes, 4 + size);
    bool good = borsh_read_string(&r, 32, &read);
    assert_int_equal(good, borsh_finished(&r));
    return good && read.size == size && memcmp(read.start, text, size) == 0;
}

static void strings_are_utf8_within_their_maximum(void **state)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "سلام"};
    static const char *const bad[] = {"\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x7f",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xe1\x80\xc0",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "a\xf0\x90\x80"};
    char longest[33];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(takes(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(takes(bad[i], strlen(bad[i])));
    memset(longest, 'x', sizeof longest);
    assert_true(takes(longest, 32));
    assert_false(takes(longest, 33));
}

static void a_string_longer_than_its_bytes_fails(void **state)
{
    static const uint8_t bytes[] = {5, 0, 0, 0, 'a', 'b'};
    struct slice text;
    struct borsh_reader r = reader(bytes, sizeof bytes);
    (void)state;
    assert_false(borsh_read_string(&r, 32, &text));
    r = reader(bytes, 3);
    assert_false(borsh_read_string(&r, 32, &text));
}

static void what_is_written_is_read_again(void **state)
{
    uint8_t bytes[64];
    struct borsh_writer w = {.start = bytes, .capacity = sizeof bytes};
    struct pubkey key;
    struct slice text;
    (void)state;
    memset(key.bytes, 9, sizeof key.bytes);
    borsh_write_u8(&w, 7);
    borsh_write_u32(&w, 0xdeadbeef);
    borsh_write_u64(&w, UINT64_MAX - 1);
    borsh_write_pubkey(&w, &key);
    borsh_write_string(&w, &(struct slice){"name", 4});
    assert_false(w.failed);
    assert_int_equal(w.size, 1 + 4 + 8 + 32 + 8);
    struct borsh_reader r = reader(bytes, w.size);
    assert_int_equal(borsh_read_u8(&r), 7);
    assert_true(borsh_read_u32(&r) == 0xdeadbeef);
    assert_true(borsh_read_u64(&r) == UINT64_MAX - 1);
    assert_memory_equal(borsh_read_bytes(&r, 32), key.bytes, 32);
    assert_true(borsh_read_string(&r, 8, &text));
    assert_memory_equal(text.start, "name", 4);
    assert_true(borsh_finished(&r));
}

static void a_full_writer_writes_nothing_more(void **state)
{
    uint8_t bytes[8] = {0};
    struct borsh_writer w = {.start = bytes, .capacity = 7};
    (void)state;
    borsh_write_u64(&w, UINT64_MAX);
    borsh_write_u8(&w, 1);
    assert_true(w.failed);
    assert_int_equal(w.size, 0);
    for (size_t i = 0; i < sizeof bytes; i++) assert_int_equal(bytes[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_little_endian_in_order),
        cmocka_unit_test(a_bound_fails_and_stays_failed),
        cmocka_unit_test(a_bool_is_zero_or_one),
        cmocka_unit_test(strings_are_utf8_within_their_maximum),
        cmocka_unit_test(a_string_longer_than_its_bytes_fails),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_full_writer_writes_nothing_more),
    };
    return cmocka_run_group_tests_name("borsh", tests, NULL, NULL);
}
