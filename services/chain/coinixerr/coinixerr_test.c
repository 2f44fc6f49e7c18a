#include "services/chain/coinixerr/coinixerr.h"

#include <sodium.h>

#include "tests/test.h"

enum { FROM_AT = 45, TO_AT = 186, ISSUED_AT = 323, SIGNED_AT = 331, REQUEST_BYTES = 410 };

// salt: 90 letters and one that ends on zero bits; hash: 42 and one.
static struct coinixerr_digest digest_of(char letter)
{
    struct coinixerr_digest digest = {.text = "1$"};

    memset(digest.text + 2, letter, 91);
    memset(digest.text + 93, '$', 1);
    memset(digest.text + 94, letter, 43);
    digest.text[92] = 'A';
    digest.text[136] = 'g';
    return digest;
}

static struct coinixerr_transaction request(void)
{
    struct coinixerr_transaction transaction = {
        .type = COINIXERR_REGULAR,
        .amount = 100,
        .from = digest_of('f'),
        .to = digest_of('t'),
        .issued_s = 1700000000,
        .is_signed = true,
        .signed_s = 1700000001,
    };
    uint8_t seed[crypto_sign_SEEDBYTES] = {9};
    uint8_t public_key[32];
    uint8_t secret_key[64];

    crypto_sign_seed_keypair(public_key, secret_key, seed);
    coinixerr_sign(&transaction, secret_key);
    return transaction;
}

static size_t encode(struct coinixerr_transaction transaction, uint8_t bytes[COINIXERR_BYTES_MAX])
{
    return coinixerr_encode(&transaction, bytes);
}

static bool decodes(const uint8_t *bytes, size_t length)
{
    struct coinixerr_transaction transaction;

    return coinixerr_decode(&transaction, bytes, length);
}

static void request_has_the_known_layout(void **state)
{
    static const uint8_t head[] = {0, 100, 0, 0, 0, 32, 0, 0, 0};
    static const uint8_t issued_and_signed[] = {0,    0xF1, 0x53, 0x65, 0, 0, 0, 0,  1, 1, 0xF1,
                                                0x53, 0x65, 0,    0,    0, 0, 1, 64, 0, 0, 0};
    uint8_t bytes[COINIXERR_BYTES_MAX];
    struct coinixerr_transaction transaction = request();

    (void)state;
    assert_int_equal(coinixerr_encode(&transaction, bytes), REQUEST_BYTES);
    assert_memory_equal(bytes, head, sizeof(head));
    assert_memory_equal(bytes + 9, transaction.public_key, 32);
    assert_memory_equal(bytes + 41,
                        "\x89\0\0\0"
                        "1$fff",
                        9);
    assert_memory_equal(bytes + TO_AT - 4,
                        "\x89\0\0\0"
                        "1$ttt",
                        9);
    assert_memory_equal(bytes + ISSUED_AT, issued_and_signed, sizeof(issued_and_signed));
    assert_memory_equal(bytes + 345, transaction.signature, 64);
    assert_int_equal(bytes[409], 0);
}

static void reply_is_the_largest(void **state)
{
    uint8_t bytes[COINIXERR_BYTES_MAX];
    struct coinixerr_transaction transaction = request();

    (void)state;
    transaction.has_hash = true;
    transaction.hash = digest_of('h');
    assert_int_equal(coinixerr_encode(&transaction, bytes), COINIXERR_BYTES_MAX);
    assert_true(COINIXERR_BYTES_MAX <= COINIXERR_MESSAGE_MAX);
}

static void every_shape_round_trips(void **state)
{
    static const uint8_t types[] = {COINIXERR_REGULAR, COINIXERR_CRC20, COINIXERR_CRC22, COINIXERR_CRC21};
    static const int32_t amounts[] = {0, 1, -1, INT32_MAX, INT32_MIN};
    uint8_t bytes[COINIXERR_BYTES_MAX];
    uint8_t again[COINIXERR_BYTES_MAX];

    (void)state;
    for (unsigned shape = 0; shape < 8 * 4 * 5; shape++) {
        struct coinixerr_transaction transaction = request();
        struct coinixerr_transaction back;

        transaction.is_signed = shape & 1;
        transaction.has_signature = shape & 2;
        transaction.has_hash = shape & 4;
        transaction.hash = digest_of('h');
        transaction.type = types[shape / 8 % 4];
        transaction.amount = amounts[shape / 32];
        transaction.issued_s = shape & 8 ? INT64_MIN : INT64_MAX;
        size_t length = coinixerr_encode(&transaction, bytes);
        assert_true(coinixerr_decode(&back, bytes, length));
        assert_int_equal(back.type, transaction.type);
        assert_int_equal(back.amount, transaction.amount);
        assert_int_equal(back.issued_s, transaction.issued_s);
        assert_int_equal(back.has_signature, (shape & 2) != 0);
        assert_string_equal(back.from.text, transaction.from.text);
        assert_string_equal(back.to.text, transaction.to.text);
        assert_int_equal(coinixerr_encode(&back, again), length);
        assert_memory_equal(again, bytes, length);
    }
}

static void other_lengths_are_refused(void **state)
{
    uint8_t bytes[COINIXERR_BYTES_MAX + 1] = {0};
    size_t length = encode(request(), bytes);

    (void)state;
    for (size_t cut = 0; cut < length; cut++) assert_false(decodes(bytes, cut));
    assert_false(decodes(bytes, length + 1));
    for (size_t i = 5; i <= TO_AT - 4; i += i == 5 ? 36 : 141) {
        bytes[i]++;
        assert_false(decodes(bytes, length));
        bytes[i] -= 2;
        assert_false(decodes(bytes, length));
        bytes[i]++;
        bytes[i + 3] = 0xFF;
        assert_false(decodes(bytes, length));
        bytes[i + 3] = 0;
    }
    assert_true(decodes(bytes, length));
}

static void types_flags_and_digests_are_closed_sets(void **state)
{
    uint8_t bytes[COINIXERR_BYTES_MAX];
    size_t length = encode(request(), bytes);
    const size_t flags[] = {SIGNED_AT, SIGNED_AT + 9, length - 1};

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        bytes[0] = (uint8_t)type;
        assert_int_equal(decodes(bytes, length), type == 0 || type == 2 || type == 3 || type == 0xFF);
    }
    bytes[0] = 0;
    for (size_t i = 0; i < 3; i++) {
        uint8_t kept = bytes[flags[i]];

        bytes[flags[i]] = 2;
        assert_false(decodes(bytes, length));
        bytes[flags[i]] = kept;
    }
    for (size_t i = 0; i < COINIXERR_DIGEST_CHARS; i++) {
        uint8_t kept = bytes[FROM_AT + i];

        bytes[FROM_AT + i] = '"';
        assert_false(decodes(bytes, length));
        bytes[FROM_AT + i] = 0;
        assert_false(decodes(bytes, length));
        bytes[FROM_AT + i] = kept;
    }
    bytes[FROM_AT + 136] = 'h';
    assert_false(decodes(bytes, length));
}

static void malformed_is_not_encoded(void **state)
{
    uint8_t bytes[COINIXERR_BYTES_MAX];
    struct coinixerr_transaction transaction = request();

    (void)state;
    transaction.type = 1;
    assert_int_equal(coinixerr_encode(&transaction, bytes), 0);
    transaction = request();
    transaction.to.text[20] = 0;
    assert_int_equal(coinixerr_encode(&transaction, bytes), 0);
    transaction = request();
    transaction.has_hash = true;
    assert_int_equal(coinixerr_encode(&transaction, bytes), 0);
    transaction = request();
    transaction.from.text[COINIXERR_DIGEST_CHARS] = 'x';
    assert_int_equal(coinixerr_encode(&transaction, bytes), 0);
}

static void signature_survives_the_wire_and_the_nodes_marks(void **state)
{
    uint8_t bytes[COINIXERR_BYTES_MAX];
    struct coinixerr_transaction back;

    (void)state;
    size_t length = encode(request(), bytes);
    assert_true(coinixerr_decode(&back, bytes, length));
    assert_true(coinixerr_verify(&back));
    back.has_hash = true;
    back.hash = digest_of('h');
    back.signed_s++;
    assert_true(coinixerr_verify(&back));
    back.amount++;
    assert_false(coinixerr_verify(&back));
    back.amount--;
    back.has_signature = false;
    assert_false(coinixerr_verify(&back));
}

static void signed_text_is_compact_json(void **state)
{
    struct coinixerr_transaction transaction = request();
    char text[COINIXERR_TEXT_MAX];

    (void)state;
    memset(transaction.public_key, 255, sizeof(transaction.public_key));
    transaction.amount = INT32_MIN;
    transaction.issued_s = INT64_MIN;
    transaction.type = 0xFF;
    size_t length = coinixerr_signed_text(&transaction, text);
    assert_int_equal(length, strlen(text));
    assert_true(length < COINIXERR_TEXT_MAX);
    static const char head[] = "{\"ttype\":255,\"amount\":-2147483648,\"public_key_bytes\":[255,255,";
    static const char tail[] = ",\"issued\":-9223372036854775808}";
    assert_memory_equal(text, head, sizeof(head) - 1);
    assert_string_equal(text + length - (sizeof(tail) - 1), tail);
    assert_non_null(strstr(text, "255],\"from_address\":\"1$ff"));
    assert_non_null(strstr(text, "fg\",\"to_address\":\"1$tt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_has_the_known_layout),
        cmocka_unit_test(reply_is_the_largest),
        cmocka_unit_test(every_shape_round_trips),
        cmocka_unit_test(other_lengths_are_refused),
        cmocka_unit_test(types_flags_and_digests_are_closed_sets),
        cmocka_unit_test(malformed_is_not_encoded),
        cmocka_unit_test(signature_survives_the_wire_and_the_nodes_marks),
        cmocka_unit_test(signed_text_is_compact_json),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
