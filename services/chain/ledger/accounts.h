// Accounts and their balances, which are never negative but for the issuance's. Accounts have small numbers,
// in the order in which they came; number 0 is the issuance, whose balance is minus what is in existence.
// Pure, one thread at a time. An account with two assets takes about 145 bytes.
#ifndef CHAIN_LEDGER_ACCOUNTS_H
#define CHAIN_LEDGER_ACCOUNTS_H

#include "services/chain/fields.h"
#include "services/chain/ledger/map.h"

enum {
    LEDGER_ACCOUNT_BYTES = 32,
    LEDGER_ACCOUNT_ID_BYTES = 16,
    LEDGER_POSTINGS_MAX = 512, // of one entry
    LEDGER_ASSETS_MAX = 16,    // of one entry
    LEDGER_ACCOUNTS_MAX = 1 << 30,
    LEDGER_INLINE_ASSETS = 2
};
enum { LEDGER_NO_ACCOUNT = UINT32_MAX }; // by itself: it makes the type of all with it unsigned

// 32 zero bytes: the issuance. Those that begin with the tag of ledger_account_of: kept by the ledger for
// somebody. Any other: an Ed25519 public key, moved by its holder alone.
struct ledger_account {
    uint8_t bytes[LEDGER_ACCOUNT_BYTES];
};
extern const struct ledger_account LEDGER_ISSUANCE;

// The account of a random id: the tag "conse/a1" and 24 bytes of SHA-256("conse/ledger/account/1", id).
struct ledger_account ledger_account_of(const uint8_t id[LEDGER_ACCOUNT_ID_BYTES]);
bool ledger_account_is_kept(const struct ledger_account *account); // tagged, or the issuance
bool ledger_account_equal(const struct ledger_account *a, const struct ledger_account *b);

// Whose an account is: by this it is found.
enum ledger_owner_kind {
    LEDGER_NOBODY, // of a person who is gone, or the issuance
    LEDGER_USER,
    LEDGER_KEY,   // whoever holds it; the account is the key
    LEDGER_EVENT, // what was paid for its seats
    LEDGER_BOOK,  // what the resting orders of a role's book promise
    LEDGER_FUND   // the installation's own: enum ledger_fund
};
enum ledger_fund {
    LEDGER_REVENUE = 1,
    LEDGER_TREASURY,
    LEDGER_WITHDRAWN, // credit on its way to wallets
    LEDGER_MINTED,    // cards on the cluster, or on their way there or back
    LEDGER_SEATING    // credit that pays for seats, while their tickets are on their way
};
struct ledger_owner {
    uint8_t kind;   // enum ledger_owner_kind
    uint8_t id[32]; // a UUID or a number in 16 bytes, zeros behind it; of a KEY all 32
};
bool ledger_owner_equal(const struct ledger_owner *a, const struct ledger_owner *b);

struct ledger_posting {
    uint32_t account; // its number
    uint32_t asset;   // not 0
    int64_t amount;   // minor units; credit above, debit below zero; never 0 nor INT64_MIN
};

// Of one account. What it holds beyond two assets is in the map `more`.
struct ledger_holding {
    struct ledger_account account;
    uint8_t owner_id[16]; // unless it is a KEY, which is the account
    uint8_t owner_kind;
    uint64_t opened;  // the number of the entry that opened it; 0: the issuance
    uint64_t touched; // the number of the newest entry that moved it; 0: none
    int64_t amounts[LEDGER_INLINE_ASSETS];
    uint32_t assets[LEDGER_INLINE_ASSETS]; // of amounts that are not 0
};

struct ledger_accounts {
    struct ledger_holding *holdings;
    uint32_t count, room;
    uint32_t *index;        // number + 1 by hash of the owner; 0: free
    uint32_t *by_bytes;     // the same by hash of the account
    uint32_t index_size;    // of both
    struct ledger_map more; // account and asset -> amount, never 0
    uint8_t seed[16];
};

enum ledger_status {
    LEDGER_OK,
    LEDGER_MALFORMED,    // not sorted, a pair twice, an amount or asset of 0, an account without a number
    LEDGER_UNBALANCED,   // an asset's amounts do not add up to zero
    LEDGER_INSUFFICIENT, // a balance would be negative
    LEDGER_OVERFLOW,     // a balance would pass INT64_MAX, or the issuance's INT64_MIN + 1
    LEDGER_FULL,         // too many accounts or postings, or memory
    LEDGER_BLOCK_EMPTY,
    LEDGER_BLOCK_FULL,  // LEDGER_BLOCK_RECORDS_MAX wait: seal first
    LEDGER_BLOCK_PLACE, // not the next index, or not on top of this head
    LEDGER_BLOCK_TIME,  // sealed before the block below it
    LEDGER_BLOCK_ROOT,  // its records are not the ones it was sealed with
    LEDGER_BLOCK_FORGED // not signed by the authority
};
const char *ledger_status_name(enum ledger_status status); // "FORGED" for LEDGER_FORGED

// The seed is best drawn at random, so that nobody can aim at hash collisions; no result depends on it. False
// without memory.
bool ledger_accounts_init(struct ledger_accounts *accounts, const uint8_t seed[16]);
void ledger_accounts_finish(struct ledger_accounts *accounts);

// LEDGER_NO_ACCOUNT: it has none.
uint32_t ledger_accounts_find(const struct ledger_accounts *accounts, const struct ledger_owner *owner);
// The same by the account; what was disowned is found too.
uint32_t ledger_accounts_find_bytes(const struct ledger_accounts *accounts,
                                    const struct ledger_account *account);
// The next number; the owner must have none, but NOBODY. LEDGER_NO_ACCOUNT: too many, or no memory.
uint32_t ledger_accounts_add(struct ledger_accounts *accounts, const struct ledger_owner *owner,
                             const struct ledger_account *account);
// Takes out the newest one, which has nothing and whose owner was not taken from it.
void ledger_accounts_drop_newest(struct ledger_accounts *accounts);
struct ledger_owner ledger_owner_of(const struct ledger_accounts *accounts, uint32_t number);
// From now on it is nobody's.
void ledger_accounts_disown(struct ledger_accounts *accounts, uint32_t number);

int64_t ledger_balance(const struct ledger_accounts *accounts, uint32_t number, uint32_t asset);
// Sorts by account and asset, adds up what is of one pair, and leaves out what is zero; returns how many are
// left. Sums must not overflow.
size_t ledger_net(struct ledger_posting *postings, size_t count);
// Whether the postings, as ledger_net leaves them, can be made; then there is memory for it.
enum ledger_status ledger_check(struct ledger_accounts *accounts, const struct ledger_posting *postings,
                                size_t count);
// Makes what was checked.
void ledger_apply(struct ledger_accounts *accounts, const struct ledger_posting *postings, size_t count);

// Everything, for a snapshot: how many bytes, and these. Read into empty accounts; false when they are
// damaged, or memory is short.
size_t ledger_accounts_size(const struct ledger_accounts *accounts);
void ledger_accounts_write(const struct ledger_accounts *accounts, struct fields_writer *writer);
bool ledger_accounts_read(struct ledger_accounts *accounts, struct fields_reader *reader);

size_t ledger_accounts_bytes(const struct ledger_accounts *accounts);

#endif
