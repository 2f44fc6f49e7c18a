// The authority never pays, and never lets go of what is its own: whatever accounts and messages there are,
// what it signs has it as a reader of `reserve` alone. The test looks at the bytes by itself.
#include <sodium.h>

#include "services/chain/permit/testing/made.h"
#include "tests/test.h"

enum { ROUNDS = 20000, MOST_INSTRUCTIONS = 6, POOL = 12 };

struct trial {
    struct made made;
    uint32_t seed;
    struct solana_key keys[POOL]; // the authority and others that it meets
    size_t signed_count, refused_count;
};

static uint32_t pick_below(struct trial *trial, uint32_t below)
{
    trial->seed = trial->seed * 1664525 + 1013904223;
    return (trial->seed >> 8) % below;
}

static struct trial trial_begin(uint32_t seed)
{
    struct trial trial = {.made = made_terms(), .seed = seed};
    const struct permit_terms *terms = &trial.made.terms;
    const struct solana_key known[] = {terms->event.authority,
                                       terms->account,
                                       terms->event.event,
                                       terms->event.whitelist,
                                       terms->reference,
                                       terms->event.programs.ticket,
                                       terms->event.programs.whitelist,
                                       SOLANA_SYSTEM_PROGRAM,
                                       SOLANA_COMPUTE_BUDGET_PROGRAM,
                                       SOLANA_MEMO_PROGRAM};
    memcpy(trial.keys, known, sizeof known);
    for (size_t i = sizeof known / sizeof *known; i < POOL; i++)
        for (size_t at = 0; at < SOLANA_KEY_BYTES; at++)
            trial.keys[i].bytes[at] = (uint8_t)pick_below(&trial, 256);
    return trial;
}

// ---- What was signed

static size_t uses_of(const struct solana_transaction *tx, const struct solana_instruction_view *ix,
                      const struct solana_key *key)
{
    size_t uses = solana_key_equal(&tx->keys[ix->program], key);
    for (size_t i = 0; i < ix->account_count; i++)
        if (ix->accounts[i] < tx->key_count) uses += solana_key_equal(&tx->keys[ix->accounts[i]], key);
    return uses;
}

static bool is_reserve(const struct trial *trial, const struct solana_transaction *tx,
                       const struct solana_instruction_view *ix)
{
    static const uint8_t RESERVE[] = {0x5c, 0x63, 0xf4, 0xd1, 0x1c, 0x41, 0xd5, 0x9d};
    return solana_key_equal(&tx->keys[ix->program], &trial->made.terms.event.programs.ticket) &&
           ix->data_len == sizeof RESERVE + 8 && memcmp(ix->data, RESERVE, sizeof RESERVE) == 0;
}

static void assert_only_reads(const struct trial *trial, const struct permit_bytes *bytes)
{
    const struct solana_key *authority = &trial->made.terms.event.authority;
    struct solana_transaction tx;
    struct err err;
    uint8_t at;
    size_t uses = 0;
    assert_true(solana_transaction_parse(&tx, bytes->bytes, bytes->len, &err));
    assert_false(solana_key_equal(&tx.keys[0], authority)); // who pays
    assert_true(solana_transaction_find(&tx, authority, &at));
    assert_true(solana_transaction_is_signer(&tx, at) && !solana_transaction_is_writable(&tx, at));
    assert_int_equal(tx.lookup_count, 0);
    for (size_t i = 0; i < tx.instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx.instructions[i];
        assert_false(solana_key_equal(&tx.keys[ix->program], &SOLANA_SYSTEM_PROGRAM)); // nor AdvanceNonce
        if (!uses_of(&tx, ix, authority)) continue;
        uses += uses_of(&tx, ix, authority);
        assert_true(is_reserve(trial, &tx, ix));
        assert_true(solana_key_equal(&tx.keys[ix->accounts[1]], authority));
    }
    assert_int_equal(uses, 1);
}

static void try_signing(struct trial *trial, struct permit_bytes *bytes)
{
    const struct permit_bytes before = *bytes;
    struct err err = {0};
    if (permit_sign(bytes, &trial->made.terms.event, &trial->made.authority, &err)) {
        trial->signed_count++;
        assert_only_reads(trial, bytes);
        return;
    }
    trial->refused_count++;
    assert_true(err_is(&err, INTERNAL_ERROR) || err_is(&err, MALFORMED));
    assert_memory_equal(bytes->bytes, before.bytes, before.len);
}

// ---- Accounts

// Any account that a wallet may name, and places of the message that it meets.
static void any_account_pays_and_never_the_authority(void **state)
{
    (void)state;
    struct trial trial = trial_begin(1);
    for (int round = 0; round < ROUNDS / 10; round++) {
        struct permit_bytes bytes;
        struct err err;
        trial.made.terms.account = trial.keys[pick_below(&trial, POOL)];
        trial.made.terms.reference = trial.keys[pick_below(&trial, POOL)];
        trial.made.terms.blockhash = trial.keys[pick_below(&trial, POOL)];
        trial.made.terms.unit_price = pick_below(&trial, 2000000);
        if (permit_compose(&trial.made.terms, &bytes, &err)) try_signing(&trial, &bytes);
    }
    assert_true(trial.signed_count > 100 && trial.refused_count > 100);
}

// ---- Messages

static void any_instruction(struct trial *trial, struct solana_instruction *ix)
{
    uint8_t data[24];
    solana_instruction_init(ix, &trial->keys[pick_below(trial, POOL)]);
    for (uint32_t i = pick_below(trial, 6); i; i--)
        solana_instruction_account(ix, &trial->keys[pick_below(trial, POOL)],
                                   (enum solana_role)pick_below(trial, 4));
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)pick_below(trial, 256);
    solana_instruction_data(ix, data, pick_below(trial, sizeof data));
}

static void a_nonce(struct trial *trial, struct solana_instruction *ix)
{
    static const uint8_t ADVANCE_NONCE[] = {4, 0, 0, 0};
    solana_instruction_init(ix, &SOLANA_SYSTEM_PROGRAM);
    solana_instruction_account(ix, &trial->keys[pick_below(trial, POOL)], SOLANA_WRITABLE);
    solana_instruction_account(ix, &trial->keys[POOL - 1], SOLANA_READONLY);
    solana_instruction_account(ix, &trial->keys[pick_below(trial, 2)], SOLANA_SIGNER);
    solana_instruction_data(ix, ADVANCE_NONCE, sizeof ADVANCE_NONCE);
}

static void a_reserve(struct trial *trial, struct solana_instruction *ix)
{
    const struct permit_terms *terms = &trial->made.terms;
    const struct solana_seat seat = {.event = trial->keys[pick_below(trial, 4)],
                                     .player = terms->account,
                                     .whitelist = terms->event.whitelist,
                                     .reference = trial->keys[pick_below(trial, POOL)]};
    const struct solana_permit permit = {terms->event.authority, terms->not_after_s};
    solana_ticket_reserve(ix, &terms->event.programs, &seat, &permit);
}

static void an_instruction(struct trial *trial, struct solana_instruction *ix)
{
    switch (pick_below(trial, 7)) {
    case 0:
        return solana_compute_unit_limit(ix, PERMIT_UNITS);
    case 1:
        return solana_compute_unit_price(ix, 1);
    case 2:
        return solana_memo(ix, "seat", pick_below(trial, 2) ? &trial->keys[pick_below(trial, 2)] : NULL);
    case 3:
        return solana_transfer(ix, &trial->keys[pick_below(trial, 2)], &trial->keys[POOL - 1], 5);
    case 4:
        return a_nonce(trial, ix);
    case 5:
        return a_reserve(trial, ix);
    default:
        return any_instruction(trial, ix);
    }
}

// The four of a permit, of which some are exchanged, and some are more.
static size_t some_instructions(struct trial *trial, struct solana_instruction ix[MOST_INSTRUCTIONS])
{
    size_t count = 4 + (pick_below(trial, 3) ? 0 : pick_below(trial, 3));
    solana_compute_unit_limit(&ix[0], PERMIT_UNITS);
    solana_compute_unit_price(&ix[1], 1);
    a_reserve(trial, &ix[2]);
    solana_memo(&ix[3], "seat", NULL);
    for (size_t i = 4; i < count; i++) an_instruction(trial, &ix[i]);
    if (pick_below(trial, 3)) an_instruction(trial, &ix[pick_below(trial, (uint32_t)count)]);
    return count;
}

static void any_message_is_read_only(void **state)
{
    (void)state;
    static struct solana_instruction ix[MOST_INSTRUCTIONS];
    struct trial trial = trial_begin(2);
    struct solana_table table = {.key = {{5}}, .addresses = trial.keys, .count = POOL};
    for (int round = 0; round < ROUNDS; round++) {
        struct permit_bytes bytes;
        struct err err;
        struct solana_draft draft = {.payer = trial.keys[pick_below(&trial, 8) ? 1 : 0],
                                     .instructions = ix,
                                     .instruction_count = some_instructions(&trial, ix),
                                     .versioned = pick_below(&trial, 4) == 0,
                                     .tables = &table};
        draft.table_count = draft.versioned && pick_below(&trial, 2);
        if (solana_message_compile(&draft, bytes.bytes, &bytes.len, &err)) try_signing(&trial, &bytes);
    }
    assert_true(trial.signed_count > 1000 && trial.refused_count > 1000);
}

// A good message with some bytes of it exchanged.
static void any_bytes_are_read_only(void **state)
{
    (void)state;
    struct trial trial = trial_begin(3);
    struct permit_bytes good;
    struct err err;
    assert_true(permit_compose(&trial.made.terms, &good, &err));
    for (int round = 0; round < ROUNDS; round++) {
        struct permit_bytes bytes = good;
        for (uint32_t i = 1 + pick_below(&trial, 3); i; i--)
            bytes.bytes[pick_below(&trial, (uint32_t)good.len)] = (uint8_t)pick_below(&trial, 256);
        if (pick_below(&trial, 10) == 0) bytes.len = pick_below(&trial, (uint32_t)good.len);
        try_signing(&trial, &bytes);
    }
    assert_true(trial.signed_count > 1000 && trial.refused_count > 1000);
}

static void another_key_signs_nothing(void **state)
{
    (void)state;
    struct made made = made_terms();
    struct err err;
    assert_true(permit_compose(&made.terms, &made.permit, &err));
    assert_false(permit_sign(&made.permit, &made.terms.event, &made.wallet, &err));
    assert_true(err_is(&err, INTERNAL_ERROR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_account_pays_and_never_the_authority),
        cmocka_unit_test(any_message_is_read_only),
        cmocka_unit_test(any_bytes_are_read_only),
        cmocka_unit_test(another_key_signs_nothing),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
