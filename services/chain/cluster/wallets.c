#include "services/chain/cluster/wallets.h"

#include <string.h>

#include "lib/base/base58.h"
#include "lib/names/names.h"
#include "services/chain/cluster/cluster.h"

// Which one is linked now is auth's to say.
bool wallet_find(const struct book_call *b, const char *address, struct payment_key *wallet, struct err *err)
{
    struct name_told told;
    if (!*address && !names_are_fresh(b->chain->names)) {
        err_fail(err, SERVICE_AWAY, "news from auth is late, so nobody knows which wallet is linked");
        err->retry_after_s = 1;
        return false;
    }
    bool linked = names_get(b->chain->names, b->call->caller->user_id, &told) && *told.wallet &&
                  base58_decode(wallet->bytes, sizeof wallet->bytes, told.wallet);
    if (!linked) return err_fail(err, WALLET_UNLINKED, "no wallet is linked to the account");
    return !*address || strcmp(address, told.wallet) == 0 ||
           err_field(err, WALLET_UNLINKED, "address", "is another wallet than the linked one");
}

bool wallet_read(const struct book_call *b, const char *account, struct solana_key *wallet, struct err *err)
{
    struct payment_key linked;
    if (*account)
        return solana_key_parse(wallet, account) ||
               err_field(err, INVALID_FIELD, "account", "account is the address of a wallet, in base58");
    if (!wallet_find(b, account, &linked, err)) return false;
    memcpy(wallet->bytes, linked.bytes, sizeof wallet->bytes);
    return true;
}

bool wallet_is_ours(const struct book_call *b, const struct payment_key *wallet)
{
    struct cluster_now now;
    cluster_now(b->chain->cluster, &now);
    const struct solana_key *const ours[] = {&now.authority, &now.pool, &now.revenue};
    bool any = false;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        any |= memcmp(ours[i]->bytes, wallet->bytes, PAYMENT_KEY_BYTES) == 0;
    return any;
}
