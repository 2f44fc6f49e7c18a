#include "services/chain/withdrawals/mark.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMO "conse/withdrawal/1 "

enum {
    SEED_BYTES = SOLANA_SEED_BYTES_MAX,
    REFERENCE_USED = SEED_BYTES / 2,
    MEMO_ROOM = 160,
    TRANSFER_WALLET = 1 // among the accounts of a transfer
};
static const char INDEX_SEED[] = "conse/withdrawals";

// ---- Addresses

static void seed_of(const struct payment_key *reference, char seed[SEED_BYTES + 1])
{
    sodium_bin2hex(seed, SEED_BYTES + 1, reference->bytes, REFERENCE_USED);
}

void mark_address(struct solana_key *out, const struct solana_key *authority,
                  const struct payment_key *reference)
{
    char seed[SEED_BYTES + 1];
    seed_of(reference, seed);
    solana_seeded_address(out, authority, seed, &SOLANA_SYSTEM_PROGRAM);
}

void mark_index(struct solana_key *out, const struct solana_key *authority)
{
    solana_seeded_address(out, authority, INDEX_SEED, &SOLANA_SYSTEM_PROGRAM);
}

bool mark_is_there(const struct solana_account *account)
{
    return account->found && account->data_len == MARK_BYTES &&
           solana_key_equal(&account->owner, &SOLANA_SYSTEM_PROGRAM);
}

// ---- Composing

void mark_compose(struct solana_instruction out[MARK_INSTRUCTIONS], const struct mark_payment *payment)
{
    char seed[SEED_BYTES + 1], account[SOLANA_KEY_TEXT], memo[MEMO_ROOM];
    struct solana_seeded at = {.base = payment->authority, .owner = SOLANA_SYSTEM_PROGRAM, .seed = seed};
    struct solana_key index;
    seed_of(&payment->reference, seed);
    mark_address(&at.account, &payment->authority, &payment->reference);
    mark_index(&index, &payment->authority);
    solana_key_format(&payment->account, account);
    snprintf(memo, sizeof memo, MEMO "%s %s %" PRId64, payment->id, account, payment->amount);
    solana_transfer(&out[0], &payment->authority, &at.account, MARK_LAMPORTS);
    solana_allocate_seeded(&out[1], &at, MARK_BYTES);
    solana_transfer(&out[2], &payment->authority, &payment->wallet, (uint64_t)payment->lamports);
    solana_instruction_account(&out[2], &index, SOLANA_READONLY);
    solana_memo(&out[3], memo, NULL);
}

// ---- Reading

static bool read_memo(const struct solana_instruction_view *ix, struct mark_found *found)
{
    char memo[MEMO_ROOM], id[UUID_LEN + 1], account[SOLANA_KEY_TEXT], rest[2];
    if (ix->data_len >= sizeof memo) return false;
    memcpy(memo, ix->data, ix->data_len);
    memo[ix->data_len] = '\0';
    if (sscanf(memo, MEMO "%36s %44s %" SCNd64 "%1s", id, account, &found->amount, rest) != 3) return false;
    if (!uuid_check(id) || !solana_key_parse(&found->account, account) || found->amount <= 0) return false;
    uuid_bytes(id, found->id);
    return true;
}

// The transfer that names the index has the wallet.
static bool read_wallet(const struct solana_transaction *tx, const struct solana_instruction_view *ix,
                        const struct solana_key *index, struct solana_key *wallet)
{
    if (ix->account_count != TRANSFER_WALLET + 2 || ix->accounts[TRANSFER_WALLET] >= tx->key_count ||
        ix->accounts[TRANSFER_WALLET + 1] >= tx->key_count ||
        !solana_key_equal(&tx->keys[ix->accounts[TRANSFER_WALLET + 1]], index))
        return false;
    *wallet = tx->keys[ix->accounts[TRANSFER_WALLET]];
    return true;
}

bool mark_read(const struct solana_transaction *tx, const struct solana_key *authority,
               struct mark_found *found)
{
    struct solana_key index;
    bool memo = false, wallet = false;
    mark_index(&index, authority);
    if (tx->signer_count != 1 || !solana_key_equal(&tx->keys[0], authority)) return false;
    for (uint8_t i = 0; i < tx->instruction_count; i++) {
        const struct solana_instruction_view *ix = &tx->instructions[i];
        if (solana_is_memo_program(&tx->keys[ix->program])) memo |= read_memo(ix, found);
        wallet |= solana_key_equal(&tx->keys[ix->program], &SOLANA_SYSTEM_PROGRAM) &&
                  read_wallet(tx, ix, &index, &found->wallet);
    }
    return memo && wallet;
}
