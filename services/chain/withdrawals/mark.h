// What tells that a withdrawal has landed: an account on the cluster, at an address that follows from the
// authority and the withdrawal's reference, with one byte. The authority alone can give it the byte, and
// once: a transaction that would do so again is refused as a whole, so of all that are made for a withdrawal
// one can land. Lamports that strangers send there change nothing. Pure.
#ifndef CHAIN_WITHDRAWALS_MARK_H
#define CHAIN_WITHDRAWALS_MARK_H

#include "services/chain/payments/payment.h"
#include "services/chain/solana/instruction.h"
#include "services/chain/solana/rpc.h"
#include "services/chain/solana/transaction.h"

enum {
    MARK_BYTES = 1,
    MARK_LAMPORTS = 897840, // rent-exempt with one byte
    MARK_INSTRUCTIONS = 4
};

void mark_address(struct solana_key *out, const struct solana_key *authority,
                  const struct payment_key *reference);
bool mark_is_there(const struct solana_account *account);
// The address that each of an authority's withdrawals names, so that all of them can be found by it.
void mark_index(struct solana_key *out, const struct solana_key *authority);

struct mark_payment {
    struct solana_key authority; // who pays
    struct payment_key reference;
    struct solana_key wallet;
    int64_t lamports;          // that it gets
    const char *id;            // of the withdrawal, a UUID
    struct solana_key account; // of the ledger
    int64_t amount;            // that leaves the account
};
// The mark, the lamports, and a memo by which a ledger that forgot it knows it again.
void mark_compose(struct solana_instruction out[MARK_INSTRUCTIONS], const struct mark_payment *payment);

// What a transaction of the authority's that names the index says of itself. False: it is none of these.
struct mark_found {
    uint8_t id[16];
    struct solana_key account, wallet;
    int64_t amount;
};
bool mark_read(const struct solana_transaction *tx, const struct solana_key *authority,
               struct mark_found *found);

#endif
