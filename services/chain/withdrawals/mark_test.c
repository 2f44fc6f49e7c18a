// The transaction of a withdrawal is read again as it was made, and nothing else is.
#include "tests/test.h"

#include <sodium.h>

#include "services/chain/withdrawals/mark.h"

#define ID "01890000-0000-7000-8000-0000000000c1"

static struct solana_signer authority, other;
static uint8_t bytes[SOLANA_PACKET_MAX];
static size_t len;

static struct solana_key key_of(uint8_t seed)
{
    struct solana_signer signer;
    solana_signer_init(&signer, (const uint8_t[32]){seed});
    return solana_signer_key(&signer);
}

static int set_up(void **state)
{
    (void)state;
    if (sodium_init() < 0) return -1;
    solana_signer_init(&authority, (const uint8_t[32]){1});
    solana_signer_init(&other, (const uint8_t[32]){2});
    return 0;
}

static void compose_by(const struct solana_signer *payer, const struct mark_payment *payment)
{
    struct solana_instruction all[MARK_INSTRUCTIONS];
    struct err err = {0};
    mark_compose(all, payment);
    const struct solana_draft draft = {.payer = solana_signer_key(payer),
                                       .blockhash = {{9}},
                                       .instructions = all,
                                       .instruction_count = MARK_INSTRUCTIONS};
    assert_true(solana_message_compile(&draft, bytes, &len, &err));
}

static struct mark_payment payment_of(void)
{
    return (struct mark_payment){.authority = solana_signer_key(&authority),
                                 .reference = {{5, 6, 7}},
                                 .wallet = key_of(3),
                                 .lamports = 1500000,
                                 .id = ID,
                                 .account = key_of(4),
                                 .amount = 2500000};
}

static bool read_by(const struct solana_key *key, struct mark_found *found)
{
    struct solana_transaction tx;
    struct err err = {0};
    assert_true(solana_transaction_parse(&tx, bytes, len, &err));
    return mark_read(&tx, key, found);
}

static void what_was_made_is_read(void **state)
{
    struct mark_payment payment = payment_of();
    struct mark_found found;
    uint8_t id[16];
    (void)state;
    compose_by(&authority, &payment);
    assert_true(read_by(&payment.authority, &found));
    uuid_bytes(ID, id);
    assert_memory_equal(found.id, id, sizeof id);
    assert_true(solana_key_equal(&found.account, &payment.account));
    assert_true(solana_key_equal(&found.wallet, &payment.wallet));
    assert_int_equal(found.amount, payment.amount);
}

// Who pays for naming the index says nothing of the authority's withdrawals.
static void a_strangers_is_none(void **state)
{
    struct mark_payment payment = payment_of();
    struct mark_found found;
    (void)state;
    const struct solana_key key = payment.authority;
    payment.authority = solana_signer_key(&other);
    compose_by(&other, &payment);
    assert_false(read_by(&key, &found));
    payment = payment_of();
    compose_by(&other, &payment); // which the authority would have to sign too
    assert_false(read_by(&key, &found));
}

static void a_mark_is_the_authoritys_alone(void **state)
{
    struct solana_key first, second, index;
    const struct payment_key reference = {{5}}, another = {{6}};
    (void)state;
    const struct solana_key ours = solana_signer_key(&authority), theirs = solana_signer_key(&other);
    mark_address(&first, &ours, &reference);
    mark_address(&second, &theirs, &reference);
    assert_false(solana_key_equal(&first, &second));
    mark_address(&second, &ours, &another);
    assert_false(solana_key_equal(&first, &second));
    mark_index(&index, &ours);
    assert_false(solana_key_equal(&first, &index));
    struct solana_account account = {.found = true, .lamports = 1, .owner = SOLANA_SYSTEM_PROGRAM};
    assert_false(mark_is_there(&account)); // a stranger's lamports
    account.data_len = MARK_BYTES;
    assert_true(mark_is_there(&account));
    account.owner.bytes[0]++;
    assert_false(mark_is_there(&account));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_was_made_is_read, set_up),
        cmocka_unit_test_setup(a_strangers_is_none, set_up),
        cmocka_unit_test_setup(a_mark_is_the_authoritys_alone, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
