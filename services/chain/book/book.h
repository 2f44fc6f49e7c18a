// The fold of the stream chain.ledger: who has what, the open block, and what the ledger promises. It is one
// object of lib/live, which every call of the service enters, and is never evicted.
//
// An entry says what it changes (its postings), so what people have follows from what is stored and from no
// rule or setting. book_check tells whether an entry may follow; book_apply then can't fail.
#ifndef CHAIN_BOOK_BOOK_H
#define CHAIN_BOOK_BOOK_H

#include "ledger.pb-c.h"
#include "lib/live/live.h"
#include "services/chain/book/undo.h"
#include "services/chain/exchange/exchange.h"
#include "services/chain/ledger/blocks.h"
#include "services/chain/ledger/repeats.h"
#include "services/chain/lists/lists.h"
#include "services/chain/merit/merit.h"
#include "services/chain/outbox/outbox.h"
#include "services/chain/till/till.h"
#include "services/chain/withdrawals/withdrawals.h"

#define BOOK_STREAM "chain.ledger"
#define BOOK_ID "ledger"

struct chain;

enum {
    BOOK_CONSE = EXCHANGE_CONSE,
    BOOK_LAMPORTS = 2,
    BOOK_FIRST_CARD = EXCHANGE_FIRST_ASSET,
    BOOK_ASSETS_MAX = 4096,
    BOOK_ENTRY_ID_BYTES = 16
};

// The first CONSE_FORMAT whose programs know entries of rewards, and snapshots that remember them.
enum { BOOK_REWARDS_SINCE = 9, BOOK_COINS_SINCE = 15 };

struct book_asset {
    Ledger__Asset__Kind kind; // UNSPECIFIED: the number is free
    char role_id[UUID_LEN + 1];
};

// What each account has given away by transfers since midnight UTC.
struct book_spent {
    int64_t day; // since 1970
    struct ledger_map map;
};

enum { BOOK_LEAVING_MOST = 512 }; // at least as many as one page of names has

// Whose accounts go: until names tell so too, nothing may be given to them.
struct book_leaving {
    uint8_t ids[BOOK_LEAVING_MOST][16];
    size_t count; // since the start
};

// When the newest time was met, by the monotonic clock, so that the ledger's time goes on without the other
// one.
struct book_pace {
    int64_t newest_ms, mono_ms;
};

// Locked between book_enter and book_leave.
struct book {
    struct live_object live;
    struct chain *chain;
    bool made; // its accounts and assets are there
    struct ledger_accounts accounts;
    struct ledger_blocks blocks;
    struct ledger_account authority; // the public key of who signed the newest block, or signs the first
    uint32_t authority_key;
    struct ledger_account successor; // from the block on that is opened behind the one that names it
    uint32_t successor_key;          // 0: there is none
    uint64_t successor_seq;          // the entry that does
    uint64_t generation;             // of the store, as the ledger knows it
    struct book_asset assets[BOOK_ASSETS_MAX];
    uint32_t assets_count; // numbers below this one may be in use
    struct book_spent spent;
    struct exchange exchange;
    struct ledger_repeats repeats; // of what holders of keys signed
    struct till till;
    struct outbox outbox;
    struct merit merit;
    struct lists lists;
    struct withdrawals withdrawals;
    uint64_t seq; // of the newest entry in the state
    int64_t newest_ms;
    uint8_t newest_id[BOOK_ENTRY_ID_BYTES]; // no other entry has it; zeros behind a snapshot
    uint64_t open_first;                    // the first entry of the open block; 0: it has none
    int64_t open_ms;                        // when that was written

    uint64_t committed_seq;           // newest entry queued for the disk
    atomic_uint_fast64_t durable_seq; // newest entry on disk
    struct book_undo undo;            // what is between, at a shared store
    uint64_t snapshot_seq;            // of the newest snapshot
    bool erased;                      // since then somebody's name was taken out
    struct book_leaving leaving;      // not of the fold
    struct book_pace pace;            // nor is this
};

// Sets up an empty fold, which is not part of the live object's own state. False without memory.
bool book_init(struct book *book);
void book_finish(struct book *book);

// INTERNAL_ERROR with what is wrong: the entry can't follow; STORE_NEWER: it says what this program does not
// know. `seq` is the number that it will have. An entry of a decision that fails this is a defect.
MUST_CHECK bool book_check(struct book *book, const Ledger__Entry *entry, struct err *err);
// Makes it the newest entry.
void book_apply(struct book *book, const Ledger__Entry *entry);

// Who signs the open block, and the key's number.
const struct ledger_account *book_signer(const struct book *book, uint32_t *number);

// What tells an entry from any other that has its number.
void book_entry_id(const Ledger__Entry *entry, uint8_t id[BOOK_ENTRY_ID_BYTES]);

// The accounts that postings move, in the order of numbers; returns how many.
size_t book_touched(const Ledger__Entry *entry, uint32_t accounts[LEDGER_POSTINGS_MAX]);

// The bytes of an entry's record, which the entry of that number has; 0: it has none.
size_t book_record(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                   uint8_t bytes[LEDGER_RECORD_BYTES_MAX]);

// What its record has of an entry beside its lines. The entry is known to have a detail: what may follow has.
bool book_has_detail(const Ledger__Entry *entry);
struct merkle_hash book_detail(const Ledger__Entry *entry);

// The time of what is decided now, by clocks that show this: not before the newest entry. A wall clock that
// is ahead of another process's by this much is not believed: then time goes on as the other clock's, or as
// it has since the newest entry came, whichever is more. So one that is wrong ends no hold.
int64_t book_time(struct book *book, int64_t clock_ms, int64_t mono_ms, int64_t ahead_ms);

int64_t book_spent_today(const struct book *book, uint32_t account, int64_t now_ms);
// A user's account goes; whether it does.
void book_let_go(struct book *book, const struct ledger_owner *user);
bool book_is_leaving(const struct book *book, const struct ledger_owner *user);
struct ledger_owner book_user(const char *user_id);                                               // a UUID
uint32_t book_asset_find(const struct book *book, Ledger__Asset__Kind kind, const char *role_id); // 0: none

#endif
