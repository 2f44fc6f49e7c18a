// Address lookup tables: reading a table's account, and finding the accounts of a landed transaction that
// used some. Pure.
#ifndef CHAIN_SOLANA_LOOKUP_H
#define CHAIN_SOLANA_LOOKUP_H

#include "services/chain/solana/rpc_landed.h"
#include "services/chain/solana/transaction.h"

// The table then borrows the account's bytes. False: absent, of another program, no table, or being closed by
// its owner.
bool solana_table_read(struct solana_table *table, const struct solana_key *key,
                       const struct solana_account *account);
// The address behind an index of an instruction, static or looked up; NULL when out of range. tx is landed's,
// parsed.
const struct solana_key *solana_landed_account(const struct solana_landed *landed,
                                               const struct solana_transaction *tx, size_t index);

#endif
