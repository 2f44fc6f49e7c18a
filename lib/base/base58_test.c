#include "lib/base/base58.h"
#include "tests/test.h"

static void encodes_known_values(void **state)
{
    (void)state;
    char text[64];
    assert_true(base58_encode(text, sizeof text, (const uint8_t *)"Hello World!", 12));
    assert_string_equal(text, "2NEpo7TZRRrLZSi2U");
    uint8_t system_program[32] = {0};
    assert_true(base58_encode(text, sizeof text, system_program, 32));
    assert_string_equal(text, "11111111111111111111111111111111");
    assert_true(base58_encode(text, sizeof text, NULL, 0));
    assert_string_equal(text, "");
}

static void decodes_what_it_encoded(void **state)
{
    (void)state;
    uint8_t bytes[64], back[64];
    char text[BASE58_SIGNATURE_TEXT];
    for (unsigned seed = 0; seed < 500; seed++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(i < seed % 5 ? 0 : (seed * 2654435761U + i * 40503U) >> 7);
        size_t len = 1 + seed % 64;
        assert_true(base58_encode(text, sizeof text, bytes, len));
        assert_true(base58_decode(back, len, text));
        assert_memory_equal(back, bytes, len);
    }
}

static void refuses_other_lengths_and_letters(void **state)
{
    (void)state;
    uint8_t key[32];
    assert_false(base58_decode(key, 32, "1111111111111111111111111111111"));   // 31 zeros
    assert_false(base58_decode(key, 32, "111111111111111111111111111111111")); // 33 zeros
    assert_false(base58_decode(key, 32, "0OIl"));
    assert_false(base58_decode(key, 32, "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH")); // 2^256
    assert_true(base58_decode(key, 32, "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG"));  // 2^256 - 1
}

static void never_writes_past_the_end(void **state)
{
    (void)state;
    char text[12];
    assert_false(base58_encode(text, sizeof text, (const uint8_t *)"Hello World!", 12));
    uint8_t long_value[BASE58_MAX_BYTES + 1] = {0};
    assert_false(base58_encode(text, sizeof text, long_value, sizeof long_value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_known_values),
        cmocka_unit_test(decodes_what_it_encoded),
        cmocka_unit_test(refuses_other_lengths_and_letters),
        cmocka_unit_test(never_writes_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
