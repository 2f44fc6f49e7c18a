#include "services/chain/solana/lookup.h"

#include "services/chain/solana/wire.h"

enum { HEADER_BYTES = 56, TABLE_TYPE = 1 };

static bool header_is_live(const struct solana_account *account)
{
    struct solana_reader r = solana_reader(account->data, account->data_len);
    uint32_t type = solana_read_u32(&r);
    uint64_t deactivated_at_slot = solana_read_u64(&r);
    return !r.failed && type == TABLE_TYPE && deactivated_at_slot == UINT64_MAX;
}

bool solana_table_read(struct solana_table *table, const struct solana_key *key,
                       const struct solana_account *account)
{
    if (!account->found || !solana_key_equal(&account->owner, &SOLANA_LOOKUP_TABLE_PROGRAM)) return false;
    if (account->data_len < HEADER_BYTES || !header_is_live(account)) return false;
    size_t bytes = account->data_len - HEADER_BYTES;
    if (bytes % SOLANA_KEY_BYTES || bytes / SOLANA_KEY_BYTES > SOLANA_TABLE_ADDRESSES_MAX) return false;
    const struct solana_key *addresses = (const struct solana_key *)(account->data + HEADER_BYTES);
    *table = (struct solana_table){*key, addresses, bytes / SOLANA_KEY_BYTES};
    return true;
}

const struct solana_key *solana_landed_account(const struct solana_landed *landed,
                                               const struct solana_transaction *tx, size_t index)
{
    if (index < tx->key_count) return &tx->keys[index];
    size_t looked_up = index - tx->key_count;
    return looked_up < landed->looked_up_count ? &landed->looked_up[looked_up] : NULL;
}
