// Blocks follow one another; records hide what they are of, and open line by line.
#include "services/chain/ledger/blocks.h"

#include <sodium.h>

#include "tests/test.h"

static const struct merkle_hash CHAIN = {{7}};
static struct ledger_blocks blocks;
static uint8_t secret[crypto_sign_SECRETKEYBYTES];
static struct ledger_account authority;

static int set_up(void **state)
{
    (void)state;
    crypto_sign_keypair(authority.bytes, secret);
    ledger_blocks_init(&blocks, &CHAIN);
    return 0;
}

static void take(const char *record)
{
    assert_int_equal(ledger_blocks_take(&blocks, (const uint8_t *)record, strlen(record)), LEDGER_OK);
}

static struct ledger_block seal(uint64_t now_ms)
{
    struct ledger_block block;
    assert_int_equal(ledger_blocks_next(&blocks, now_ms, &block), LEDGER_OK);
    assert_int_equal(ledger_blocks_fit(&blocks, &block), LEDGER_OK);
    ledger_blocks_close(&blocks, &block);
    return block;
}

static void each_block_names_the_one_before(void **state)
{
    struct ledger_block none;
    (void)state;
    assert_int_equal(ledger_blocks_next(&blocks, 1, &none), LEDGER_BLOCK_EMPTY);
    take("one");
    const struct ledger_block first = seal(100);
    take("two");
    take("three");
    const struct ledger_block second = seal(50); // a clock that was set back
    const struct merkle_hash hash = ledger_block_hash(&first), head = ledger_block_hash(&second);
    assert_true(merkle_hash_equal(&first.previous, &CHAIN));
    assert_true(merkle_hash_equal(&second.previous, &hash));
    assert_true(merkle_hash_equal(&blocks.head, &head));
    assert_int_equal(second.index, 1);
    assert_int_equal(second.count, 2);
    assert_int_equal(second.sealed_ms, 100);
}

static void another_header_does_not_fit(void **state)
{
    struct ledger_block block, wrong;
    (void)state;
    take("one");
    (void)seal(100);
    assert_int_equal(ledger_blocks_fit(&blocks, &(struct ledger_block){.count = 1}), LEDGER_BLOCK_EMPTY);
    take("two");
    assert_int_equal(ledger_blocks_next(&blocks, 200, &block), LEDGER_OK);
    wrong = block;
    wrong.index = 0;
    assert_int_equal(ledger_blocks_fit(&blocks, &wrong), LEDGER_BLOCK_PLACE);
    wrong = block;
    wrong.previous.bytes[0] ^= 1;
    assert_int_equal(ledger_blocks_fit(&blocks, &wrong), LEDGER_BLOCK_PLACE);
    wrong = block;
    wrong.sealed_ms = 99;
    assert_int_equal(ledger_blocks_fit(&blocks, &wrong), LEDGER_BLOCK_TIME);
    wrong = block;
    wrong.root.bytes[31] ^= 1;
    assert_int_equal(ledger_blocks_fit(&blocks, &wrong), LEDGER_BLOCK_ROOT);
    wrong = block;
    wrong.count = 2;
    assert_int_equal(ledger_blocks_fit(&blocks, &wrong), LEDGER_BLOCK_ROOT);
}

static void a_block_has_its_most_records(void **state)
{
    (void)state;
    for (int i = 0; i < LEDGER_BLOCK_RECORDS_MAX; i++) take("record");
    assert_int_equal(ledger_blocks_take(&blocks, (const uint8_t *)"x", 1), LEDGER_BLOCK_FULL);
}

static void only_the_authority_signs(void **state)
{
    uint8_t signature[LEDGER_SIGNATURE_BYTES], other[crypto_sign_SECRETKEYBYTES];
    struct ledger_account stranger;
    (void)state;
    take("one");
    struct ledger_block block = seal(1);
    ledger_block_sign(&block, secret, signature);
    assert_true(ledger_block_verify(&block, &authority, signature));
    crypto_sign_keypair(stranger.bytes, other);
    assert_false(ledger_block_verify(&block, &stranger, signature));
    block.count++;
    assert_false(ledger_block_verify(&block, &authority, signature));
}

static void a_header_reads_as_it_was_written(void **state)
{
    uint8_t bytes[LEDGER_BLOCK_BYTES];
    struct ledger_block read;
    (void)state;
    take("one");
    const struct ledger_block block = seal(77);
    ledger_block_encode(&block, bytes);
    assert_true(ledger_block_decode(&read, bytes, sizeof bytes));
    const struct merkle_hash before = ledger_block_hash(&block), after = ledger_block_hash(&read);
    assert_true(merkle_hash_equal(&before, &after));
    assert_false(ledger_block_decode(&read, bytes, sizeof bytes - 1));
    bytes[0] = 9;
    assert_false(ledger_block_decode(&read, bytes, sizeof bytes));
}

// As docs/ledger.md puts the bytes, by hand.
static void a_record_is_what_the_page_says(void **state)
{
    static const uint8_t key[LEDGER_KEY_BYTES] = "0123456789abcdef";
    const struct ledger_account account = {{5}};
    uint8_t bytes[LEDGER_RECORD_BYTES_MAX], text[256] = "conse/ledger/blind/1";
    struct merkle_hash blind, line;
    (void)state;
    memcpy(text + 20, key, sizeof key);
    text[36] = 3;
    text[37] = 1;
    crypto_hash_sha256(blind.bytes, text, 38);
    const struct merkle_hash made = ledger_blind(key, 259);
    assert_true(merkle_hash_equal(&made, &blind));

    memcpy(text, "conse/ledger/line/1", 19);
    memcpy(text + 19, blind.bytes, 32);
    memcpy(text + 51, account.bytes, 32);
    memcpy(text + 83, "\x10\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff", 12);
    crypto_hash_sha256(line.bytes, text, 95);
    const struct merkle_hash lined = ledger_line(&blind, &account, 16, -2);
    assert_true(merkle_hash_equal(&lined, &line));

    const struct ledger_record record = {
        .kind = 20, .number = 258, .time_ms = 1, .detail = blind, .lines = &line, .count = 1};
    assert_int_equal(ledger_record_encode(&record, bytes), 1 + 1 + 8 + 8 + 32 + 2 + 32);
    assert_memory_equal(bytes, "\x02\x14\x02\x01\0\0\0\0\0\0\x01\0\0\0\0\0\0\0", 18);
    assert_memory_equal(bytes + 18, blind.bytes, 32);
    assert_memory_equal(bytes + 50, "\x01\0", 2);
    assert_memory_equal(bytes + 52, line.bytes, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_block_names_the_one_before, set_up),
        cmocka_unit_test_setup(another_header_does_not_fit, set_up),
        cmocka_unit_test_setup(a_block_has_its_most_records, set_up),
        cmocka_unit_test_setup(only_the_authority_signs, set_up),
        cmocka_unit_test_setup(a_header_reads_as_it_was_written, set_up),
        cmocka_unit_test(a_record_is_what_the_page_says),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
