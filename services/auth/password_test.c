#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "services/auth/password.h"
#include "tests/test.h"

static const struct password_cost cheap = {.memory_bytes = 8 << 20, .ops = 1, .at_once = 1, .queue = 2};

static void a_hash_fits_its_password_only(void **state)
{
    (void)state;
    struct password_gate *gate = password_gate_create(&cheap);
    char hash[PASSWORD_HASH_LEN], again[PASSWORD_HASH_LEN];
    struct err err;
    enum password_match match;
    assert_true(password_hash(gate, "correct horse", hash, &err));
    assert_true(password_hash(gate, "correct horse", again, &err));
    assert_string_not_equal(hash, again); // each has its own salt
    assert_memory_equal(hash, "$argon2id$", 10);
    assert_true(password_verify(gate, hash, "correct horse", &match, &err) && match == PASSWORD_FITS);
    assert_true(password_verify(gate, hash, "correct horsf", &match, &err) && !match);
    assert_true(password_verify(gate, "not a hash", "x", &match, &err) && !match);
    password_gate_destroy(gate);
}

// "café" in Latin letters, and a Persian word with a hamza, each composed and not.
static const char *const forms[][2] = {
    {"caf\xc3\xa9 noir", "cafe\xcc\x81 noir"},
    {"\xd8\xb1\xd8\xa4\xdb\x8c\xd8\xa7 1404", "\xd8\xb1\xd9\x88\xd9\x94\xdb\x8c\xd8\xa7 1404"}};

static void it_fits_on_every_keyboard(void **state)
{
    (void)state;
    struct password_gate *gate = password_gate_create(&cheap);
    char hash[PASSWORD_HASH_LEN];
    struct err err;
    enum password_match match;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        for (int made = 0; made < 2; made++)
            for (int typed = 0; typed < 2; typed++) {
                assert_true(password_hash(gate, forms[i][made], hash, &err));
                assert_true(password_verify(gate, hash, forms[i][typed], &match, &err));
                assert_int_equal(match, PASSWORD_FITS);
            }
    assert_true(password_verify(gate, hash, forms[0][1], &match, &err) && !match);
    password_gate_destroy(gate);
}

// As an earlier program made it.
static void a_hash_of_what_was_typed_fits_and_is_outdated(void **state)
{
    (void)state;
    struct password_gate *gate = password_gate_create(&cheap);
    char hash[PASSWORD_HASH_LEN];
    const char *typed = forms[0][1];
    struct err err;
    enum password_match match;
    assert_int_equal(crypto_pwhash_str(hash, typed, strlen(typed), cheap.ops, cheap.memory_bytes), 0);
    assert_true(password_verify(gate, hash, typed, &match, &err));
    assert_int_equal(match, PASSWORD_OUTDATED);
    assert_true(password_verify(gate, hash, forms[0][0], &match, &err) && !match);
    password_gate_destroy(gate);
}

static void the_longest_password_has_room(void **state)
{
    (void)state;
    struct password_gate *gate = password_gate_create(&cheap);
    char hash[PASSWORD_HASH_LEN], longest[256 * 4 + 1] = "", other[256 * 4 + 1];
    struct err err;
    enum password_match match;
    for (int i = 0; i < 256; i++) strcat(longest, "\xf0\x9d\x85\xa0"); // each becomes three
    snprintf(other, sizeof other, "%s", longest);
    other[sizeof other - 2] = '\xa1';
    assert_true(password_hash(gate, longest, hash, &err));
    assert_true(password_verify(gate, hash, longest, &match, &err) && match == PASSWORD_FITS);
    assert_true(password_verify(gate, hash, other, &match, &err) && !match);
    password_gate_destroy(gate);
}

static void a_hash_without_memory_may_be_asked_for_again(void **state)
{
    (void)state;
    // More than libsodium ever takes, so that the machine need not be out of memory for it.
    const struct password_cost vast = {.memory_bytes = (size_t)1 << 50, .ops = 1, .at_once = 1};
    struct password_gate *gate = password_gate_create(&vast);
    char hash[PASSWORD_HASH_LEN];
    struct err err;
    assert_false(password_hash(gate, "correct horse", hash, &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    assert_int_equal(err.retry_after_s, 1);
    password_gate_destroy(gate);
}

struct crowd {
    struct password_gate *gate;
    pthread_barrier_t start;
    atomic_int hashed, refused;
};

static void *hash_one(void *arg)
{
    struct crowd *crowd = arg;
    char hash[PASSWORD_HASH_LEN];
    struct err err;
    pthread_barrier_wait(&crowd->start);
    if (password_hash(crowd->gate, "correct horse", hash, &err))
        crowd->hashed++;
    else if (err_is(&err, SERVICE_BUSY) && err.retry_after_s == 1)
        crowd->refused++;
    return NULL;
}

// What an unknown user costs: libsodium refuses a malformed text at once, a well-formed one only after
// hashing.
static void an_unmatched_hash_is_well_formed(void **state)
{
    (void)state;
    struct password_gate *gate = password_gate_create(&cheap);
    char hash[PASSWORD_HASH_LEN] = "", real[PASSWORD_HASH_LEN];
    struct err err;
    enum password_match match;
    password_unmatched(&cheap, hash);
    assert_true(password_hash(gate, "correct horse", real, &err));
    assert_int_equal(strlen(hash), strlen(real));
    assert_memory_equal(hash, real, strcspn(real, "p")); // version, memory and passes
    assert_int_equal(crypto_pwhash_str_needs_rehash(hash, cheap.ops, cheap.memory_bytes), 0);
    assert_true(password_verify(gate, hash, "correct horse", &match, &err) && !match);
    password_gate_destroy(gate);
}

static void a_crowd_is_hashed_or_told_to_come_back(void **state)
{
    (void)state;
    enum { THREADS = 16 };
    struct crowd crowd = {.gate = password_gate_create(&cheap)};
    pthread_t threads[THREADS];
    pthread_barrier_init(&crowd.start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, hash_one, &crowd);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(crowd.hashed + crowd.refused, THREADS);
    assert_true(crowd.hashed >= 3); // one runs, two wait
    pthread_barrier_destroy(&crowd.start);
    password_gate_destroy(crowd.gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hash_fits_its_password_only),
        cmocka_unit_test(it_fits_on_every_keyboard),
        cmocka_unit_test(a_hash_of_what_was_typed_fits_and_is_outdated),
        cmocka_unit_test(the_longest_password_has_room),
        cmocka_unit_test(a_hash_without_memory_may_be_asked_for_again),
        cmocka_unit_test(an_unmatched_hash_is_well_formed),
        cmocka_unit_test(a_crowd_is_hashed_or_told_to_come_back),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
