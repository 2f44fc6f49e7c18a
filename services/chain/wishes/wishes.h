// What is wanted of the cluster, as it follows from the ledger: an event there, money given back, a pot
// divided, what is over closed; and a list there for whitelists that take burns. Nothing is remembered of it
// but the bytes on their way, so what was lost is wanted again. Reads only.
#ifndef CHAIN_WISHES_WISHES_H
#define CHAIN_WISHES_WISHES_H

#include "services/chain/book/book.h"
#include "services/chain/payments/pot.h"
#include "services/chain/solana/key.h"

enum {
    WISH_STRAY = UINT8_MAX // the slot of a ticket that no payment knows, and of an event that is forgotten
};

struct wish {
    struct outbox_aim aim;
    uint8_t event[TILL_ID_BYTES];
    struct till_cluster cluster; // of the event
    bool wanted;                 // false: it is only on its way
    bool pays_out;               // with SETTLE: no job, but that all winners have been paid
    bool all_paid;               // with pays_out: they have
    struct pot_terms pot;        // SETTLE
    uint32_t tickets, apart;     // the same: how many there are; of them, those that are owed their price
    uint32_t winners_bp;         // the same: of what the tax leaves
    int64_t amount;              // PAY_TICKET, REFUND, WITHDRAW
    uint32_t unpaid, rank;       // PAY_TICKET: how many winners are not paid; the place among them
    int64_t unpaid_amount;       // the same: of all of those
    int64_t apart_amount;        // the same: what is owed beside them, of refunds that were set apart
    int64_t more;                // the same: what the cluster owes above the amount (parts.h)
    bool some_paid;              // the same: others are
    bool waits;                  // the same: how much more can't be told yet
    bool owes;                   // WITHDRAW: the account, so nothing more goes to its wallet
    int64_t fee;                 // WITHDRAW: that the wallet does not get
    struct payment_key wallet;   // the same
    uint32_t account;            // the same
    struct ledger_account bytes; // of the account
    uint64_t seen_slot;          // of a ticket: where it was
    uint32_t list;               // INIT_LIST: its number
    char list_name[LIST_NAME_MAX + 1];
    int64_t since_ms; // of a refund, or a job
    bool stuck;       // for a week: a dev was told
    bool set_apart;   // it does not land: nothing else waits for it
    bool has_job;
    struct outbox_job job; // a copy
};

struct wishes {
    struct arena *arena;
    struct wish *all;
    size_t count, room;
    bool failed; // no memory
};

// Everything that is wanted or on its way. authority: whose tickets those are that no payment knows.
void wishes_gather(struct wishes *wishes, const struct book *book, const struct solana_key *authority,
                   int64_t now_ms);
// Lists, which older programs don't know of there.
void wishes_lists(struct wishes *wishes, const struct book *book);
// What is wanted of one event.
void wishes_of_event(struct wishes *wishes, const struct book *book, const struct till_event *event,
                     int64_t now_ms);
void wishes_put(struct wishes *wishes, const struct wish *wish);
// That a ticket that no payment knows goes back, or an event is closed that nobody has, unless it is on its
// way.
void wishes_stray(struct wishes *wishes, const struct book *book, const struct wish *stray);
// A refund, the payment of a winner, or the end of a ticket.
bool wishes_is_of_ticket(const struct wish *wish);
// How many of those are set apart.
uint32_t wishes_set_apart(const struct wishes *wishes);
// How many of all are stuck for a week.
uint32_t wishes_stuck(const struct wishes *wishes);
// Whether it is still wanted just so.
bool wishes_is_current(const struct wish *wish, const struct book *book, int64_t now_ms, struct arena *arena);

#endif
