// Transactions on their way to the cluster, as the ledger's entries have them: a part of its fold. A job has
// one landing: its bytes are stored before they are first sent, stay the same while they may land, and are
// replaced only when they can't any more. What is done leaves the fold.
#ifndef CHAIN_OUTBOX_OUTBOX_H
#define CHAIN_OUTBOX_OUTBOX_H

#include "ledger.pb-c.h"
#include "services/chain/fields.h"
#include "services/chain/ledger/map.h"
#include "services/chain/payments/payment.h"

enum {
    OUTBOX_SINCE = 7, // CONSE_FORMAT: older programs don't know the entries
    OUTBOX_ID_BYTES = 16,
    OUTBOX_BYTES_MAX = 1232, // of a transaction
    OUTBOX_TRIES = 4         // with so many, of which none landed, nothing else waits for a ticket's job
};

enum outbox_kind {
    OUTBOX_INIT_EVENT = 1, // the event and its list come into being
    OUTBOX_SEAT,           // what a wallet signed, to pay for a seat
    OUTBOX_REFUND,
    OUTBOX_SETTLE, // locks, pays revenue and pool, fixes what the winners are owed
    OUTBOX_PAY_TICKET,
    OUTBOX_CLOSE_TICKET, // of who won nothing
    OUTBOX_CLOSE,        // the event and its list; what it still has goes to the pool
    OUTBOX_INIT_LIST,    // a list for which wallets burn
    OUTBOX_WITHDRAW,     // credit goes to a wallet
    OUTBOX_KINDS
};

enum outbox_state {
    OUTBOX_DUE,   // its bytes are dead: it gets new ones
    OUTBOX_SENT,  // its bytes may land
    OUTBOX_DONE,  // what it was for is so, finalized
    OUTBOX_STUCK, // it is not done after seven days: a dev was told, and it is tried about every hour
    OUTBOX_STATES
};

// What a job is for. A refund's slot is that of the payment; the reference is the ticket's, where it is about
// one.
struct outbox_aim {
    enum outbox_kind kind;
    uint8_t subject[OUTBOX_ID_BYTES]; // the payment; the event of INIT_EVENT, SETTLE, CLOSE, and of a ticket
                                      // or an event that nobody knows; of INIT_LIST the list's number; the
                                      // withdrawal
    uint8_t slot;
    struct payment_key reference;
};

struct outbox_job {
    uint8_t id[OUTBOX_ID_BYTES];
    struct outbox_aim aim;
    enum outbox_state state;
    uint64_t last_valid_height; // of its bytes
    uint32_t tries;             // how many bytes it had
    int64_t since_ms;           // its first entry
    uint16_t len;
    uint8_t bytes[OUTBOX_BYTES_MAX]; // the transaction, signed
};

struct outbox {
    struct ledger_map jobs; // by id
    struct outbox_job *spare;
};

void outbox_init(struct outbox *outbox, const uint8_t seed[16]);
void outbox_finish(struct outbox *outbox);

// The same for the same aim, so two jobs for one are one.
void outbox_id(const struct outbox_aim *aim, uint8_t id[OUTBOX_ID_BYTES]);
// NULL: there is none, or it is done.
const struct outbox_job *outbox_find(const struct outbox *outbox, const struct outbox_aim *aim);
// Nothing else waits for it.
bool outbox_is_apart(const struct outbox_job *job);
// The job behind this one, in no order; NULL: the first, and the end.
const struct outbox_job *outbox_next(const struct outbox *outbox, const struct outbox_job *job);

// What is wrong with an entry; NULL: it may follow, or is not of this part, and there is memory for it.
const char *outbox_check(struct outbox *outbox, const Ledger__Entry *entry);
// Makes what was checked the newest.
void outbox_apply(struct outbox *outbox, const Ledger__Entry *entry);

// Everything, for a snapshot. Read into an empty outbox; false when it is damaged, or memory is short.
size_t outbox_size(const struct outbox *outbox);
void outbox_write(const struct outbox *outbox, struct fields_writer *writer);
bool outbox_read(struct outbox *outbox, struct fields_reader *reader);

#endif
