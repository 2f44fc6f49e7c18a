// Bytes that parse must be read within bounds, and be the only form: serializing them again as web3.js would
// gives the same bytes.
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "services/chain/solana/transaction.h"
#include "services/chain/solana/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void write_lookups(struct solana_writer *w, const struct solana_transaction *tx)
{
    solana_write_compact(w, tx->lookup_count);
    for (size_t i = 0; i < tx->lookup_count; i++) {
        const struct solana_lookup_view *l = &tx->lookups[i];
        solana_write_key(w, l->table);
        solana_write_compact(w, l->writable_count);
        solana_write_bytes(w, l->writable, l->writable_count);
        solana_write_compact(w, l->readonly_count);
        solana_write_bytes(w, l->readonly, l->readonly_count);
    }
}

static void write_again(struct solana_writer *w, const struct solana_transaction *tx)
{
    solana_write_compact(w, tx->signer_count);
    solana_write_bytes(w, tx->signatures, tx->signer_count * sizeof *tx->signatures);
    if (tx->versioned) solana_write_u8(w, 0x80);
    solana_write_u8(w, tx->signer_count);
    solana_write_u8(w, tx->readonly_signed);
    solana_write_u8(w, tx->readonly_unsigned);
    solana_write_compact(w, tx->key_count);
    solana_write_bytes(w, tx->keys, tx->key_count * sizeof *tx->keys);
    solana_write_key(w, tx->blockhash);
    solana_write_compact(w, tx->instruction_count);
    for (size_t i = 0; i < tx->instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx->instructions[i];
        solana_write_u8(w, ix->program);
        solana_write_compact(w, ix->account_count);
        solana_write_bytes(w, ix->accounts, ix->account_count);
        solana_write_compact(w, ix->data_len);
        solana_write_bytes(w, ix->data, ix->data_len);
    }
    if (tx->versioned) write_lookups(w, tx);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct solana_transaction tx;
    struct err err;
    if (sodium_init() < 0) return 0;
    if (!solana_transaction_parse(&tx, bytes, len, &err)) {
        assert(err_is(&err, MALFORMED) && err.message[0]);
        return 0;
    }
    uint8_t again[SOLANA_PACKET_MAX];
    struct solana_writer w = solana_writer(again, sizeof again);
    write_again(&w, &tx);
    assert(!w.failed && w.len == len && memcmp(again, bytes, len) == 0);
    for (size_t i = 0; i < tx.account_count; i++)
        assert(!solana_transaction_is_signer(&tx, i) || i < tx.key_count);
    assert(solana_transaction_is_writable(&tx, 0));
    if (len % 16 == 0) assert(solana_transaction_verify(&tx, &err) || err_is(&err, WALLET_PROOF_INVALID));
    return 0;
}
