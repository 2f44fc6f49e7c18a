// The transaction by which a wallet takes a role card to the cluster, as the one token of a mint whose
// address follows from the ledger, the card, and how often it went. The wallet pays for all of it and sends
// it; the authority signs as the base of the address, which it alone can make a mint, once, and reads its own
// message only. What the address is once makes no other token, and never goes. Pure; sodium_init must have
// been called.
#ifndef CHAIN_MINTING_CARD_H
#define CHAIN_MINTING_CARD_H

#include "lib/base/merkle.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/solana/message.h"
#include "services/chain/solana/rpc.h"
#include "services/chain/solana/transaction.h"

enum {
    CARD_UNITS = 150000,           // about half of them are taken, by how far addresses are searched for
    CARD_UNIT_PRICE_MAX = 1000000, // micro-lamports
    CARD_ID_BYTES = 16
};

struct card_id {
    struct solana_key authority;
    struct merkle_hash chain; // the ledger's id
    uint8_t role[CARD_ID_BYTES];
    uint8_t event[CARD_ID_BYTES]; // that it was won in: a ledger that was restored may number cards anew
    uint32_t card, number;        // of the role's; of the card's mints
};

void card_address(struct solana_key *out, const struct card_id *id);
// Whether what the address has is the mint. Lamports that strangers sent there are none.
bool card_is_there(const struct solana_account *account);
// The address that all of an authority's name, so that they can be found by it.
void card_index(struct solana_key *out, const struct solana_key *authority);

struct card_terms {
    struct card_id id;
    struct solana_key wallet; // pays, and gets the token
    struct solana_key blockhash;
    uint64_t unit_price;           // micro-lamports; at most CARD_UNIT_PRICE_MAX is taken
    struct ledger_account account; // whose card it is, for a ledger that forgot it
};

struct card_bytes {
    uint8_t bytes[SOLANA_PACKET_MAX];
    size_t len;
};

// Nobody has signed it. The same terms give the same bytes. INVALID_FIELD: the wallet is the authority.
MUST_CHECK bool card_compose(const struct card_terms *terms, struct card_bytes *out, struct err *err);
// The authority's signature, into the bytes. INTERNAL_ERROR, and none: the message is not such a one, or has
// the authority do more.
MUST_CHECK bool card_sign(struct card_bytes *bytes, const struct solana_signer *authority, struct err *err);

#endif
