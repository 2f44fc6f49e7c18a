// What it is that came: a happening in its row of the table.
#ifndef CHAIN_PAYMENTS_RECEIVE_H
#define CHAIN_PAYMENTS_RECEIVE_H

#include "services/chain/payments/decide.h"

enum { RECEIVE_GRACE_MS = 90 * 1000 }; // behind the end of a hold, by the clock of where it was paid

// PAID, PAY_ASKED, PRICED and TIME_OVER become the row that they are; the others are one.
enum happens receive_class(const struct payment *payment, const struct happening *happening);
// Flags that money of this class raises; they are independent of one another, and of what follows.
uint8_t receive_flags(const struct payment *payment, const struct happening *happening);

// One reading of the ticket's account, with the place in the chain that it was read at.
struct ticket_reading {
    bool node_healthy;
    bool finalized; // the commitment; else confirmed
    bool present;
    bool by_credit; // the authority of events has it
    bool covered;   // the same: the account has its price as credit
    bool goes_back; // as one that nobody paid for
    uint64_t slot;
    uint64_t block_height;
};

// The row that a reading makes, or HAPPENINGS when it says nothing: because the node is away or behind,
// because nothing is new, or because only what is finalized counts.
enum happens receive_reading(const struct payment *payment, const struct ticket_reading *reading);

// It has a ticket, finalized, that nobody paid for: neither credit that lies aside nor what the account has.
bool receive_is_stray(const struct payment *payment, const struct ticket_reading *reading);

// The time that a permit asked for now ends at, by the cluster's clock: with the hold.
int64_t permit_until_ms(const struct payment *payment, int64_t now_ms, int64_t cluster_ms);

#endif
