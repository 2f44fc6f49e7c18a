// Wallets that are linked to accounts.
#ifndef CHAIN_CLUSTER_WALLETS_H
#define CHAIN_CLUSTER_WALLETS_H

#include "services/chain/book/call.h"
#include "services/chain/payments/payment.h"
#include "services/chain/solana/key.h"

// The caller's, which its holder proved to have. Who names one is sent to no other that is linked meanwhile;
// address: "" for any. WALLET_UNLINKED: it is another one, or there is none. SERVICE_AWAY: nobody knows now.
MUST_CHECK bool wallet_find(const struct book_call *b, const char *address, struct payment_key *wallet,
                            struct err *err);
// The one that the caller names, which need not be linked, or the linked one: as above. INVALID_FIELD.
MUST_CHECK bool wallet_read(const struct book_call *b, const char *account, struct solana_key *wallet,
                            struct err *err);
// Whether it is one of the installation's own: what comes to those could not be told from what is others'.
// There is a cluster.
bool wallet_is_ours(const struct book_call *b, const struct payment_key *wallet);

#endif
