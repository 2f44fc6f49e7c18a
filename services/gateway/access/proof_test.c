#include <sodium.h>

#include "services/gateway/access/proof.h"
#include "tests/test.h"

enum { BITS = 8, NOW_MS = 1796000000 };

static const struct proof_subject login = {"203.0.113.7", "/auth/login"};
static struct limits limits;
static struct proofs proofs;
static struct proof_wish wish;

static bool asks(const struct proof_subject *subject, const char *given, int64_t now_ms)
{
    struct err err;
    bool admitted = proofs_admit(&proofs, subject, given, now_ms, &wish, &err);
    if (!admitted) assert_int_equal(err.reason, CONSE__REASON__VALUE__PROOF_WANTED);
    if (!admitted) assert_true(err.retry_after_s > 0);
    return admitted;
}

static unsigned zeros_of(const char *text)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    unsigned zeros = 0;
    crypto_hash_sha256(hash, (const uint8_t *)text, strlen(text));
    while (!(hash[zeros / 8] & (0x80 >> zeros % 8))) zeros++;
    return zeros;
}

// What a client does; wrong: a number that does not do.
static const char *work(bool wrong)
{
    static char text[128];
    for (unsigned number = 0;; number++) {
        snprintf(text, sizeof text, "%s.%u", wish.stamp, number);
        if ((zeros_of(text) >= wish.bits) != wrong) return text;
    }
}

static int setup(void **state)
{
    struct err err;
    (void)state;
    assert_true(limits_open(&limits, "memory:", NULL, NULL, &err));
    limits.classes[LIMIT_CROWD] = (struct bucket){2, 0.001};
    proofs_init(&proofs, &limits, BITS, NULL);
    assert_true(asks(&login, NULL, NOW_MS) && asks(&login, NULL, NOW_MS)); // there is room for two
    assert_false(asks(&login, NULL, NOW_MS));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    limits_close(&limits);
    return 0;
}

static void who_has_worked_goes_on_once(void **state)
{
    (void)state;
    assert_int_equal(wish.bits, BITS);
    const char *proof = work(false);
    assert_true(asks(&login, proof, NOW_MS + 1000));
    assert_false(asks(&login, proof, NOW_MS + 1001));
    assert_true(asks(&login, work(false), NOW_MS + 1002)); // of the stamp that came with the refusal
}

static void too_little_work_does_not_do(void **state)
{
    (void)state;
    assert_false(asks(&login, work(true), NOW_MS));
}

static void a_stamp_is_for_one_address_and_one_route(void **state)
{
    const struct proof_subject other = {"203.0.113.8", "/auth/login"},
                               signup = {"203.0.113.7", "/auth/signup"};
    char proof[128];
    (void)state;
    snprintf(proof, sizeof proof, "%s", work(false));
    assert_false(asks(&other, proof, NOW_MS));
    assert_false(asks(&signup, proof, NOW_MS));
    assert_true(asks(&login, proof, NOW_MS)); // refusals have not used it up
}

static void a_stamp_is_for_two_minutes(void **state)
{
    char proof[128];
    (void)state;
    snprintf(proof, sizeof proof, "%s", work(false));
    assert_false(asks(&login, proof, NOW_MS + PROOF_LIFE_MS + 1));
    assert_true(asks(&login, proof, NOW_MS + PROOF_LIFE_MS));
}

static void what_is_no_proof_is_refused(void **state)
{
    char stamp[PROOF_STAMP_SIZE];
    static const char *const bad[] = {"", ".", "x", "x.1", "=.0", "\xff\xff.12"};
    static const char *const numbers[] = {"", ".", ".x", ". 1", ".-1", ".1 ", ".123456789012345678901"};
    (void)state;
    memcpy(stamp, wish.stamp, sizeof stamp);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(asks(&login, bad[i], NOW_MS));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char given[128];
        snprintf(given, sizeof given, "%s%s", stamp, numbers[i]);
        assert_false(asks(&login, given, NOW_MS));
    }
}

static void a_changed_stamp_is_no_more_ours(void **state)
{
    char given[128];
    struct proof_wish ours = wish;
    (void)state;
    for (size_t i = 0; ours.stamp[i]; i++) {
        wish = ours;
        wish.stamp[i] = wish.stamp[i] == 'A' ? 'B' : 'A';
        snprintf(given, sizeof given, "%s", work(false));
        assert_false(asks(&login, given, NOW_MS));
    }
}

static void gateways_of_one_key_believe_each_other(void **state)
{
    static const uint8_t key[32] = {7};
    (void)state;
    proofs_init(&proofs, &limits, BITS, key);
    assert_false(asks(&login, NULL, NOW_MS));
    proofs_init(&proofs, &limits, BITS, key);
    char proof[128];
    snprintf(proof, sizeof proof, "%s", work(false));
    proofs_init(&proofs, &limits, BITS, NULL);
    assert_false(asks(&login, proof, NOW_MS)); // a stranger
    proofs_init(&proofs, &limits, BITS, key);
    assert_true(asks(&login, proof, NOW_MS));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(who_has_worked_goes_on_once),
        WITH(too_little_work_does_not_do),
        WITH(a_stamp_is_for_one_address_and_one_route),
        WITH(a_stamp_is_for_two_minutes),
        WITH(what_is_no_proof_is_refused),
        WITH(a_changed_stamp_is_no_more_ours),
        WITH(gateways_of_one_key_believe_each_other),
    };
    assert(sodium_init() >= 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
