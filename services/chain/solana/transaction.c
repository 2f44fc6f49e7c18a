#include "services/chain/solana/transaction.h"

#include <sodium.h>
#include <string.h>

#include "services/chain/solana/wire.h"

enum { V0_PREFIX = 0x80, VERSION_MASK = 0x7f, ACCOUNTS_MAX = 256, SIGNERS_MAX = 127 };

static void read_header(struct solana_transaction *tx, struct solana_reader *r)
{
    tx->signer_count = solana_read_u8(r);
    tx->readonly_signed = solana_read_u8(r);
    tx->readonly_unsigned = solana_read_u8(r);
    uint16_t keys = solana_read_compact(r);
    tx->keys = (const struct solana_key *)solana_read_bytes(r, (size_t)keys * SOLANA_KEY_BYTES);
    tx->blockhash = (const struct solana_key *)solana_read_bytes(r, SOLANA_KEY_BYTES);
    if (keys > UINT8_MAX) r->failed = true;
    tx->key_count = (uint8_t)keys;
    tx->account_count = keys;
}

static void read_instruction(struct solana_instruction_view *ix, struct solana_reader *r)
{
    ix->program = solana_read_u8(r);
    ix->account_count = solana_read_compact(r);
    ix->accounts = solana_read_bytes(r, ix->account_count);
    ix->data_len = solana_read_compact(r);
    ix->data = solana_read_bytes(r, ix->data_len);
}

static bool read_instructions(struct solana_transaction *tx, struct solana_reader *r, struct err *err)
{
    uint16_t count = solana_read_compact(r);
    if (count > SOLANA_INSTRUCTIONS_MAX) return err_fail(err, MALFORMED, "more than 64 instructions");
    for (size_t i = 0; i < count; i++) read_instruction(&tx->instructions[i], r);
    tx->instruction_count = (uint8_t)count;
    return true;
}

static bool read_lookups(struct solana_transaction *tx, struct solana_reader *r, struct err *err)
{
    uint16_t count = tx->versioned ? solana_read_compact(r) : 0;
    if (count > SOLANA_LOOKUPS_MAX) return err_fail(err, MALFORMED, "more than 32 lookup tables");
    size_t looked_up = 0;
    for (size_t i = 0; i < count && !r->failed; i++) {
        struct solana_lookup_view *l = &tx->lookups[i];
        l->table = (const struct solana_key *)solana_read_bytes(r, SOLANA_KEY_BYTES);
        l->writable_count = solana_read_compact(r);
        l->writable = solana_read_bytes(r, l->writable_count);
        l->readonly_count = solana_read_compact(r);
        l->readonly = solana_read_bytes(r, l->readonly_count);
        if (l->writable_count + l->readonly_count == 0)
            return err_fail(err, MALFORMED, "a lookup of no accounts");
        looked_up += (size_t)l->writable_count + l->readonly_count;
    }
    if (tx->key_count + looked_up > ACCOUNTS_MAX) return err_fail(err, MALFORMED, "more than 256 accounts");
    tx->lookup_count = (uint8_t)count;
    tx->account_count = (uint16_t)(tx->key_count + looked_up);
    return true;
}

static bool check_header(const struct solana_transaction *tx, uint16_t signatures, struct err *err)
{
    if (tx->signer_count == 0 || tx->signer_count > SIGNERS_MAX || signatures != tx->signer_count)
        return err_fail(err, MALFORMED, "%u signatures for %u signers", (unsigned)signatures,
                        tx->signer_count);
    if (tx->readonly_signed >= tx->signer_count) return err_fail(err, MALFORMED, "the payer is not writable");
    if (tx->signer_count + tx->readonly_unsigned > tx->key_count)
        return err_fail(err, MALFORMED, "the header counts more accounts than there are keys");
    return true;
}

static bool check_keys(const struct solana_transaction *tx, struct err *err)
{
    for (size_t i = 0; i < tx->key_count; i++)
        for (size_t j = 0; j < i; j++)
            if (solana_key_equal(&tx->keys[i], &tx->keys[j]))
                return err_fail(err, MALFORMED, "accounts %zu and %zu are the same", j, i);
    return true;
}

static bool check_indexes(const struct solana_transaction *tx, struct err *err)
{
    for (size_t i = 0; i < tx->instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx->instructions[i];
        if (ix->program == 0 || ix->program >= tx->key_count)
            return err_fail(err, MALFORMED, "instruction %zu: no such program", i);
        for (size_t a = 0; a < ix->account_count; a++)
            if (ix->accounts[a] >= tx->account_count)
                return err_fail(err, MALFORMED, "instruction %zu: account %zu is out of range", i, a);
    }
    return true;
}

static bool read_version(struct solana_transaction *tx, struct solana_reader *r, struct err *err)
{
    tx->versioned = r->left && *r->at & V0_PREFIX;
    if (tx->versioned && (solana_read_u8(r) & VERSION_MASK) != 0)
        return err_fail(err, MALFORMED, "only legacy and v0 messages are known");
    return true;
}

bool solana_transaction_parse(struct solana_transaction *tx, const uint8_t *bytes, size_t len,
                              struct err *err)
{
    *tx = (struct solana_transaction){0};
    if (len > SOLANA_PACKET_MAX) return err_fail(err, MALFORMED, "larger than %d bytes", SOLANA_PACKET_MAX);
    struct solana_reader r = solana_reader(bytes, len);
    uint16_t signatures = solana_read_compact(&r);
    tx->signatures =
        (const struct solana_signature *)solana_read_bytes(&r, (size_t)signatures * SOLANA_SIGNATURE_BYTES);
    tx->message = r.at;
    tx->message_len = r.left;
    if (!read_version(tx, &r, err)) return false;
    read_header(tx, &r);
    if (!read_instructions(tx, &r, err) || !read_lookups(tx, &r, err)) return false;
    if (r.failed)
        return err_fail(err, MALFORMED, "the transaction ends early or has a length in a longer form");
    if (r.left) return err_fail(err, MALFORMED, "%zu bytes follow the transaction", r.left);
    return check_header(tx, signatures, err) && check_keys(tx, err) && check_indexes(tx, err);
}

bool solana_transaction_is_signer(const struct solana_transaction *tx, size_t account)
{
    return account < tx->signer_count;
}

bool solana_transaction_is_writable(const struct solana_transaction *tx, size_t account)
{
    if (account < tx->signer_count) return account < (size_t)(tx->signer_count - tx->readonly_signed);
    if (account < tx->key_count) return account < (size_t)(tx->key_count - tx->readonly_unsigned);
    size_t writable = tx->key_count;
    for (size_t i = 0; i < tx->lookup_count; i++) writable += tx->lookups[i].writable_count;
    return account < writable;
}

bool solana_transaction_find(const struct solana_transaction *tx, const struct solana_key *key,
                             uint8_t *index)
{
    for (size_t i = 0; i < tx->key_count; i++) {
        if (!solana_key_equal(&tx->keys[i], key)) continue;
        *index = (uint8_t)i;
        return true;
    }
    return false;
}

size_t solana_transaction_uses(const struct solana_transaction *tx, uint8_t account)
{
    size_t uses = 0;
    for (size_t i = 0; i < tx->instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx->instructions[i];
        uses += ix->program == account;
        for (size_t a = 0; a < ix->account_count; a++) uses += ix->accounts[a] == account;
    }
    return uses;
}

bool solana_transaction_verify(const struct solana_transaction *tx, struct err *err)
{
    for (size_t i = 0; i < tx->signer_count; i++) {
        if (crypto_sign_verify_detached(tx->signatures[i].bytes, tx->message, tx->message_len,
                                        tx->keys[i].bytes) == 0)
            continue;
        char text[SOLANA_KEY_TEXT];
        solana_key_format(&tx->keys[i], text);
        return err_fail(err, WALLET_PROOF_INVALID, "the signature of %s is missing or wrong", text);
    }
    return true;
}

bool solana_transaction_sign(uint8_t *bytes, size_t len, const struct solana_signer *signer, struct err *err)
{
    struct solana_transaction tx;
    if (!solana_transaction_parse(&tx, bytes, len, err)) return false;
    struct solana_key key = solana_signer_key(signer);
    uint8_t index;
    if (!solana_transaction_find(&tx, &key, &index) || !solana_transaction_is_signer(&tx, index))
        return err_fail(err, NOT_FOUND, "the transaction asks for no signature of this key");
    uint8_t *slot = bytes + ((const uint8_t *)&tx.signatures[index] - bytes);
    crypto_sign_detached(slot, NULL, tx.message, tx.message_len, signer->secret);
    return true;
}
