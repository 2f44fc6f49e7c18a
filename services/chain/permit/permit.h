// The transaction that pays for a held seat. It is composed for one wallet, which pays for all of it, and
// signed by the authority of events, as a reader of its own message and nothing more; the wallet's signature
// is judged when it comes back. Pure; sodium_init must have been called.
#ifndef CHAIN_PERMIT_PERMIT_H
#define CHAIN_PERMIT_PERMIT_H

#include "services/chain/solana/ticket_program.h"
#include "services/chain/solana/transaction.h"

enum {
    // The instructions take 12 to 20 thousand units, by how far the addresses have to be searched for.
    PERMIT_UNITS = 50000,
    PERMIT_UNIT_PRICE_MAX = 1000000, // micro-lamports: 50 000 lamports in all
    PERMIT_MEMO_MAX = 64,
};

// What all permits of an event have in common.
struct permit_event {
    struct solana_programs programs;
    struct solana_key authority; // signs, and never pays
    struct solana_key event, whitelist;
};

struct permit_terms {
    struct permit_event event;
    struct solana_key account;   // of the wallet: pays, and gets the ticket
    struct solana_key reference; // of the hold
    struct solana_key blockhash;
    int64_t not_after_s; // by the cluster's clock
    uint64_t unit_price; // micro-lamports; at most PERMIT_UNIT_PRICE_MAX is taken
    const char *memo;    // the payment's id
};

struct permit_bytes {
    uint8_t bytes[SOLANA_PACKET_MAX];
    size_t len;
};

// Nobody has signed it. The same terms give the same bytes. INVALID_FIELD, LIMIT_REACHED: terms that no
// permit has.
MUST_CHECK bool permit_compose(const struct permit_terms *terms, struct permit_bytes *out, struct err *err);
// The authority's signature, into the bytes. INTERNAL_ERROR, and none: the message is not one that the
// authority reads only, as the second account of `reserve`.
MUST_CHECK bool permit_sign(struct permit_bytes *permit, const struct permit_event *event,
                            const struct solana_signer *authority, struct err *err);

// What came back is what was composed, byte for byte but for the wallet's signature, and both signatures are
// valid. MALFORMED: it is no transaction; PERMIT_MISMATCH: another one, or not signed.
MUST_CHECK bool permit_judge(const struct permit_bytes *permit, const uint8_t *bytes, size_t len,
                             struct err *err);

// Accounts that can't be who pays, beside those of the message.
struct permit_own {
    const struct solana_key *keys; // wallets and keys of ours
    size_t count;
};
// Whether it is one of these, or of the message, or no wallet has it.
bool permit_is_forbidden(const struct permit_terms *terms, const struct permit_own *own);

#endif
