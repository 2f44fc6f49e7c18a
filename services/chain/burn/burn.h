// Burning for a whitelist: the transaction by which a wallet burns mints that a list takes, what accounts of
// tokens say, and whether a transaction that landed burned. The wallet alone signs, and pays for all of it.
// Pure.
#ifndef CHAIN_BURN_BURN_H
#define CHAIN_BURN_BURN_H

#include "services/chain/solana/message.h"
#include "services/chain/solana/programs.h"
#include "services/chain/solana/rpc_landed.h"

enum {
    BURN_MINTS_MAX = 5,           // more does not fit into a transaction
    BURN_UNITS_MAX = 200000,      // five take about 30 thousand, by how far addresses are searched for
    BURN_UNIT_PRICE_MAX = 1000000 // micro-lamports
};

struct burn_mint {
    struct solana_key mint, token_program;
};

struct burn_terms {
    struct solana_programs programs;
    struct solana_key list;    // its account on the cluster
    struct solana_key account; // of the wallet: it has the tokens, signs and pays
    struct solana_key blockhash;
    struct burn_mint mints[BURN_MINTS_MAX];
    size_t count;
    uint32_t units;      // that the transaction may take
    uint64_t unit_price; // micro-lamports; at most BURN_UNIT_PRICE_MAX is taken
};

struct burn_bytes {
    uint8_t bytes[SOLANA_PACKET_MAX];
    size_t len;
};

// Nobody has signed it. One unit of each mint is burned, all or none. The same terms give the same bytes.
MUST_CHECK bool burn_compose(const struct burn_terms *terms, struct burn_bytes *out, struct err *err);

// Whether the account is a mint, of either token program, which is then *program.
bool burn_is_mint(const struct solana_account *account, struct solana_key *program);
// Whether a token account of the mint is the wallet's, with something in it that is not frozen.
bool burn_has_token(const struct solana_account *account, const struct burn_mint *mint,
                    const struct solana_key *wallet);

// Whether one of the transaction's own instructions made this record of a burn.
bool burn_made(const struct solana_landed *landed, const struct solana_programs *programs,
               const struct solana_key *record);

#endif
