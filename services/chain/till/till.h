// The payments of seats, and the events that they are for, as the ledger's entries have them: a part of its
// fold. What is over leaves it, and rows have its payments. That such an event was there is known by its
// escrow, when money moved for a seat; of the others, for which telling anew of their seats changes nothing
// that anybody has, the newest ones. An entry says what changes, so nothing here follows from a table or a
// setting.
#ifndef CHAIN_TILL_TILL_H
#define CHAIN_TILL_TILL_H

#include "services/chain/ledger/accounts.h"
#include "services/chain/ledger/dues.h"
#include "services/chain/payments/terms.h"
#include "services/chain/till/stored.h"

enum {
    TILL_CONSE = 1, // the numbers of the assets
    TILL_LAMPORTS = 2,
    TILL_OVER_MOST = 4096,
    TILL_TICKETS_MOST = 100, // of an event on the cluster, at one time
    TILL_CREDIT_SINCE = 23   // CONSE_FORMAT: older programs don't know that credit pays for seats
};

struct till_payment {
    uint8_t id[TILL_ID_BYTES];
    uint32_t account; // of who pays
    uint32_t winner;  // the place among the winners who paid, from 1; 0: none
    bool disputes;    // the end of the game
    struct payment payment;
    struct till_event *event;
    struct till_payment *next; // of the event, in the order in which they came
};

enum till_cluster_state {
    TILL_OFF,     // not on the cluster yet
    TILL_PAYABLE, // its seats can be paid for
    TILL_SETTLED, // the winners are paid, or are being paid
    TILL_CLOSED   // it is gone from there
};

// Of an event whose seats cost LAMPORTS.
struct till_cluster {
    int64_t price; // 0: it is none
    int64_t escape_at_s;
    enum till_cluster_state state;
    struct payment_key authority, whitelist; // since it is payable
};

struct till_event {
    uint8_t id[TILL_ID_BYTES];
    enum payment_stage stage;
    bool priced; // its terms are known; before, it has seats that the god gave
    enum payment_currency currency;
    struct payment_terms terms;
    uint32_t god;      // the account of who leads it; 0: not told
    int64_t told_ms;   // when it became locked or open: what events tells of before is told again
    int64_t payout_ms; // when its pot is to be divided; 0: it is not
    bool disputed;     // it waits
    bool paid_out;
    struct till_cluster cluster;
    struct till_payment *first, *last;
    uint32_t count;
    uint32_t unmarked; // payments that are over, and don't have that its pot is divided
};

struct till {
    struct ledger_map payments, events;          // by id
    struct ledger_map owed;                      // how many of an account's are owed, by account
    uint8_t over[TILL_OVER_MOST][TILL_ID_BYTES]; // events
    size_t over_count;                           // since the start
    struct till_payment *spare_payment;          // for the entry that was checked
    struct till_event *spare_event;
    uint64_t followed_generation, followed_seq; // of events.money, whose effects are in
    struct ledger_dues dues[2];                 // holds and pots: in CONSE; on the cluster
};

void till_init(struct till *till, const uint8_t seed[16]);
void till_finish(struct till *till);

// NULL: it is none, or over.
struct till_payment *till_find_payment(const struct till *till, const uint8_t id[TILL_ID_BYTES]);
struct till_event *till_find_event(const struct till *till, const uint8_t id[TILL_ID_BYTES]);
bool till_is_over(const struct till *till, const struct ledger_accounts *accounts,
                  const uint8_t event[TILL_ID_BYTES]);
// The event behind this one, in no order; NULL: the first, and the end.
struct till_event *till_next_event(const struct till *till, const struct till_event *event);

// Whether the ledger has something of it that is its payer's, or may yet be: not what wallets paid, which
// goes back to them, nor what was divided.
bool till_is_owed(const struct till_payment *payment);
// How many of the account's are so.
uint32_t till_owed(const struct till *till, uint32_t account);
// Whether credit of the account is on its way back, or may be: of a refund, or what lies aside.
bool till_awaits_credit(const struct till *till, uint32_t account);

// Whose account has what was paid for its seats.
struct ledger_owner till_escrow(const uint8_t event[TILL_ID_BYTES]);
// Where credit lies that pays for seats, while their tickets are on their way.
struct ledger_owner till_aside(void);
// Who has what is of somebody who is gone.
struct ledger_owner till_treasury(void);

// As events tells them. False: they are none.
bool till_read_terms(const Money__Terms *message, enum payment_currency currency,
                     struct payment_terms *terms);
// Its payments are on the cluster, and not in an escrow.
bool till_is_on_cluster(const struct till_event *event);
// What its payments keep of what came for them.
int64_t till_pot(const struct till_event *event);
// Of the event, who won and paid, by their places; returns how many.
enum { TILL_WINNERS_MAX = 256 };
uint32_t till_winners(const struct till_event *event, const struct till_payment *winners[TILL_WINNERS_MAX]);
// What comes to the authority's wallet of the pot for a winner who paid with credit; of others 0. Also behind
// its division.
int64_t till_won(const struct till_payment *of);
// When something of it is due by the clock; INT64_MAX: never. A pot on the cluster is divided by its jobs.
// When it is divided, its payments are due to have so.
int64_t till_payment_due(const struct till_payment *payment);
int64_t till_event_due(const struct till_event *event);

// What is due, of one of both.
struct till_due {
    struct till_payment *payment;
    struct till_event *event; // also of the payment
};
// The soonest. False: nothing is due by then.
bool till_first_due(struct till *till, bool on_cluster, int64_t now_ms, struct till_due *due);
// Has the soonest wait, behind others.
void till_put_off(struct till *till, bool on_cluster, int64_t until_ms);

// What is wrong with an entry; NULL: it may follow, or is not of this part, and there is memory for it.
const char *till_check(struct till *till, const struct ledger_accounts *accounts, const Ledger__Entry *entry);
// Makes what was checked the newest.
void till_apply(struct till *till, const Ledger__Entry *entry);

// What was before an entry, so that it can be undone.
struct till_before {
    bool is_new; // its payment, or its event
    struct payment payment;
    struct till_event event;
    uint64_t generation, seq; // that were followed
};
// Before it is applied. False: it can't be undone, or is not of this part.
bool till_note(const struct till *till, const Ledger__Entry *entry, struct till_before *before);
// Undoes the newest entry. False without memory.
bool till_undo(struct till *till, const Ledger__Entry *entry, const struct till_before *before);

// Everything, for a snapshot. Read into an empty till; false when it is damaged, or memory is short.
size_t till_size(const struct till *till);
void till_write(const struct till *till, struct fields_writer *writer);
bool till_read(struct till *till, struct fields_reader *reader);

#endif
