#include "services/chain/permit/permit.h"

#include <sodium.h>
#include <string.h>

#include "services/chain/permit/form.h"

// ---- Composing

bool permit_compose(const struct permit_terms *terms, struct permit_bytes *out, struct err *err)
{
    if (solana_key_equal(&terms->account, &terms->event.authority))
        return err_field(err, INVALID_FIELD, "account", "the authority pays for nothing");
    return form_compose(terms, out, err);
}

// ---- Signing

// The authority is the second account of `reserve`, nothing else, and what is done can't change it.
static bool only_reads(const struct solana_transaction *tx, const struct solana_key *authority)
{
    enum { READER = 1 };
    uint8_t at;
    return tx->signer_count == 2 && solana_transaction_find(tx, authority, &at) && at != 0 &&
           solana_transaction_is_signer(tx, at) && !solana_transaction_is_writable(tx, at) &&
           tx->instructions[FORM_RESERVE].accounts[READER] == at && solana_transaction_uses(tx, at) == 1;
}

bool permit_sign(struct permit_bytes *permit, const struct permit_event *event,
                 const struct solana_signer *authority, struct err *err)
{
    struct solana_transaction tx;
    const struct solana_key key = solana_signer_key(authority);
    if (!solana_transaction_parse(&tx, permit->bytes, permit->len, err)) return false;
    if (!solana_key_equal(&key, &event->authority) || !form_fits(&tx, &event->programs) ||
        !only_reads(&tx, &key))
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
