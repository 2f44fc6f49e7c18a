// Withdrawals of credit to wallets, as the ledger's entries have them: a part of its fold. What is asked for
// leaves the account, and lies in a fund until it has landed on the cluster or comes back. Of an account one
// is on its way. What has ended leaves the fold, and rows have it; that it landed is remembered, so what a
// restored ledger has forgotten can be told from what it knows. Of what it finds again and the account does
// not have, the account owes the rest.
#ifndef CHAIN_WITHDRAWALS_WITHDRAWALS_H
#define CHAIN_WITHDRAWALS_WITHDRAWALS_H

#include "ledger.pb-c.h"
#include "services/chain/fields.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/ledger/map.h"
#include "services/chain/payments/payment.h"

enum {
    WITHDRAWALS_SINCE = 13,      // CONSE_FORMAT: older programs don't know the entries
    WITHDRAWALS_OWED_SINCE = 23, // the same: that one is found in parts
    WITHDRAWAL_ID_BYTES = 16,
    WITHDRAWAL_SIGNATURE_BYTES = 64,
    WITHDRAWAL_LAMPORTS = 2,   // the number of the asset
    WITHDRAWAL_FEE = 1000000,  // what the mark on the cluster and the transaction cost, about
    WITHDRAWAL_LEAST = 2000000 // so that the wallet gets more than an account on the cluster has to have
};

enum withdrawal_state {
    WITHDRAWAL_REQUESTED,
    WITHDRAWAL_SENT, // its bytes may land, or have landed without being final
    WITHDRAWAL_DONE,
    WITHDRAWAL_FAILED, // the account has its credit again
    WITHDRAWAL_STATES
};

struct withdrawal {
    uint8_t id[WITHDRAWAL_ID_BYTES];
    uint32_t account;
    int64_t amount; // that leaves the account; the wallet gets the fee less
    int64_t fee;
    struct payment_key wallet;
    struct payment_key reference; // names the mark on the cluster; nobody knows it before it is sent
    enum withdrawal_state state;
    int64_t asked_ms;
};

// Found again, and not covered: its account has no credit, and what comes is taken of it.
struct withdrawal_owed {
    struct withdrawal withdrawal;
    uint8_t signature[WITHDRAWAL_SIGNATURE_BYTES]; // of the transaction that landed
    int64_t left;
};

struct withdrawals {
    struct ledger_map open;   // by account
    struct ledger_map owed;   // by id
    struct ledger_map landed; // ids, and the first bytes of signatures
    int64_t sum;              // of those that are open
};

void withdrawals_init(struct withdrawals *withdrawals, const uint8_t seed[16]);
void withdrawals_finish(struct withdrawals *withdrawals);

// Of those that are open. NULL: the account has none. What is borrowed is valid until the next entry.
const struct withdrawal *withdrawals_find(const struct withdrawals *withdrawals, uint32_t account);
// The one behind it, in no order; NULL: the first, and the end.
const struct withdrawal *withdrawals_next(const struct withdrawals *withdrawals,
                                          const struct withdrawal *withdrawal);
// Whether one with this id, or whose transaction's signature begins so, is known to have landed.
bool withdrawals_landed(const struct withdrawals *withdrawals, const uint8_t key[WITHDRAWAL_ID_BYTES]);
// One that the account owes something of; NULL: there is none. Borrowed, as above.
const struct withdrawal_owed *withdrawals_owed(const struct withdrawals *withdrawals, uint32_t account);
struct ledger_owner withdrawals_fund(void);

// As an entry or a row has it. False: none is like that.
bool withdrawal_read(const Ledger__Withdrawal *message, struct withdrawal *withdrawal);
// The message borrows.
void withdrawal_write(const struct withdrawal *withdrawal, Ledger__Withdrawal *message);

// What is wrong with an entry; NULL: it may follow, or is not of this part, and there is memory for it.
const char *withdrawals_check(struct withdrawals *withdrawals, const struct ledger_accounts *accounts,
                              const Ledger__Entry *entry);
// Makes what was checked the newest.
void withdrawals_apply(struct withdrawals *withdrawals, const Ledger__Entry *entry);

// Everything, for a snapshot. Read into empty ones; false when they are damaged, or memory is short.
size_t withdrawals_size(const struct withdrawals *withdrawals);
void withdrawals_write(const struct withdrawals *withdrawals, struct fields_writer *writer);
bool withdrawals_read(struct withdrawals *withdrawals, struct fields_reader *reader);

#endif
