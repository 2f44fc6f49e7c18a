#include "services/chain/permit/permit.h"

#include <sodium.h>
#include <string.h>

enum { UNIT_LIMIT_AT, UNIT_PRICE_AT, RESERVE_AT, MEMO_AT, INSTRUCTIONS };

// ---- Composing

static struct solana_seat seat_of(const struct permit_terms *terms)
{
    return (struct solana_seat){.event = terms->event.event,
                                .player = terms->account,
                                .whitelist = terms->event.whitelist,
                                .reference = terms->reference};
}

static bool check_terms(const struct permit_terms *terms, struct err *err)
{
    size_t memo = strlen(terms->memo);
    if (solana_key_equal(&terms->account, &terms->event.authority))
        return err_field(err, INVALID_FIELD, "account", "the authority pays for nothing");
    if (terms->not_after_s <= 0) return err_field(err, INVALID_FIELD, "not_after", "it has no end");
    return (memo && memo <= PERMIT_MEMO_MAX) || err_field(err, INVALID_FIELD, "memo", "it has no memo");
}

bool permit_compose(const struct permit_terms *terms, struct permit_bytes *out, struct err *err)
{
    struct solana_instruction ix[INSTRUCTIONS];
    const struct solana_seat seat = seat_of(terms);
    const struct solana_permit permit = {terms->event.authority, terms->not_after_s};
    uint64_t price =
        terms->unit_price < PERMIT_UNIT_PRICE_MAX ? terms->unit_price : (uint64_t)PERMIT_UNIT_PRICE_MAX;
    if (!check_terms(terms, err)) return false;
    solana_compute_unit_limit(&ix[UNIT_LIMIT_AT], PERMIT_UNITS);
    solana_compute_unit_price(&ix[UNIT_PRICE_AT], price);
    solana_ticket_reserve(&ix[RESERVE_AT], &terms->event.programs, &seat, &permit);
    solana_memo(&ix[MEMO_AT], terms->memo, NULL);
    const struct solana_draft draft = {.payer = terms->account,
                                       .blockhash = terms->blockhash,
                                       .instructions = ix,
                                       .instruction_count = INSTRUCTIONS};
    return solana_message_compile(&draft, out->bytes, &out->len, err);
}

// ---- Signing

static bool calls_program(const struct solana_transaction *tx, size_t at, const struct solana_key *program)
{
    return solana_key_equal(&tx->keys[tx->instructions[at].program], program);
}

// The instruction with the accounts and the end taken out of the message, so that it is one of `reserve`
// whatever they are.
static bool is_reserve(const struct solana_transaction *tx, const struct permit_event *event)
{
    const struct solana_instruction_view *given = &tx->instructions[RESERVE_AT];
    const struct solana_seat nobody = {0};
    const struct solana_permit never = {0};
    struct solana_instruction ix;
    solana_ticket_reserve(&ix, &event->programs, &nobody, &never);
    return calls_program(tx, RESERVE_AT, &event->programs.ticket) && given->data_len == ix.data_len &&
           given->account_count == ix.meta_count && memcmp(given->data, ix.data, sizeof(uint64_t)) == 0;
}

// Exactly these, so that nothing pays but the wallet, and no nonce lets the message outlive its blockhash.
static bool has_form(const struct solana_transaction *tx, const struct permit_event *event)
{
    return !tx->versioned && tx->instruction_count == INSTRUCTIONS &&
           calls_program(tx, UNIT_LIMIT_AT, &SOLANA_COMPUTE_BUDGET_PROGRAM) &&
           calls_program(tx, UNIT_PRICE_AT, &SOLANA_COMPUTE_BUDGET_PROGRAM) && is_reserve(tx, event) &&
           calls_program(tx, MEMO_AT, &SOLANA_MEMO_PROGRAM);
}

// The authority is the second account of `reserve`, nothing else, and what is done can't change it.
static bool only_reads(const struct solana_transaction *tx, const struct solana_key *authority)
{
    enum { READER = 1 };
    uint8_t at;
    return tx->signer_count == 2 && solana_transaction_find(tx, authority, &at) && at != 0 &&
           solana_transaction_is_signer(tx, at) && !solana_transaction_is_writable(tx, at) &&
           tx->instructions[RESERVE_AT].accounts[READER] == at && solana_transaction_uses(tx, at) == 1;
}

bool permit_sign(struct permit_bytes *permit, const struct permit_event *event,
                 const struct solana_signer *authority, struct err *err)
{
    struct solana_transaction tx;
    const struct solana_key key = solana_signer_key(authority);
    if (!solana_transaction_parse(&tx, permit->bytes, permit->len, err)) return false;
    if (!solana_key_equal(&key, &event->authority) || !has_form(&tx, event) || !only_reads(&tx, &key))
        return err_fail(err, INTERNAL_ERROR, "the authority does not sign this message");
    return solana_transaction_sign(permit->bytes, permit->len, authority, err);
}

// ---- Judging

bool permit_judge(const struct permit_bytes *permit, const uint8_t *bytes, size_t len, struct err *err)
{
    struct solana_transaction given, ours;
    if (!solana_transaction_parse(&given, bytes, len, err)) return false;
    if (!solana_transaction_parse(&ours, permit->bytes, permit->len, err))
        return err_fail(err, INTERNAL_ERROR, "the permit is no transaction");
    if (given.message_len != ours.message_len || memcmp(given.message, ours.message, ours.message_len) != 0)
        return err_fail(err, PERMIT_MISMATCH, "the message is not the permitted one");
    return solana_transaction_verify(&given, err) ||
           err_fail(err, PERMIT_MISMATCH, "a signature is missing or wrong");
}

// ---- Who may pay

// A secret key has it: on the curve, in its main subgroup.
static bool has_wallet(const struct solana_key *key)
{
    return crypto_core_ed25519_is_valid_point(key->bytes) == 1;
}

static bool is_fixed(const struct permit_terms *terms)
{
    const struct permit_event *event = &terms->event;
    const struct solana_key *fixed[] = {
        &event->authority,          &event->event,     &event->whitelist,      &event->programs.ticket,
        &event->programs.whitelist, &terms->reference, &SOLANA_SYSTEM_PROGRAM, &SOLANA_COMPUTE_BUDGET_PROGRAM,
        &SOLANA_MEMO_PROGRAM};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (solana_key_equal(&terms->account, fixed[i])) return true;
    return false;
}

bool permit_is_forbidden(const struct permit_terms *terms, const struct permit_own *own)
{
    struct solana_key vault;
    solana_vault_address(&vault, &terms->event.programs, &terms->event.event);
    if (!has_wallet(&terms->account) || is_fixed(terms) || solana_key_equal(&terms->account, &vault))
        return true;
    for (size_t i = 0; i < own->count; i++)
        if (solana_key_equal(&terms->account, &own->keys[i])) return true;
    return false;
}
