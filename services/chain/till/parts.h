// Parts of the till. Private to the room.
#ifndef CHAIN_TILL_PARTS_H
#define CHAIN_TILL_PARTS_H

#include "services/chain/till/till.h"

// In the maps of payments and events.
struct till_place {
    uint64_t hash;
    uint8_t id[TILL_ID_BYTES];
    void *object; // owned
};

// Makes room for one more of each. False without memory.
bool till_reserve(struct till *till);
// There is room, and none with the id.
struct till_event *till_add_event(struct till *till, const uint8_t id[TILL_ID_BYTES]);
struct till_payment *till_add_payment(struct till *till, struct till_event *event,
                                      const uint8_t id[TILL_ID_BYTES]);
// It is over, and its payments with it.
void till_remove_event(struct till *till, struct till_event *event);
void till_note_over(struct till *till, const uint8_t event[TILL_ID_BYTES]);
// How many of those that are over are known by themselves.
size_t till_over_kept(const struct till *till);
bool till_has_escrow(const struct ledger_accounts *accounts, const uint8_t event[TILL_ID_BYTES]);
void till_owed_init(struct till *till, const uint8_t seed[16]);
// One more of the account's is owed, or one less; there is room.
void till_count_owed(struct till *till, uint32_t account, bool more);
// The same of a payment that was owed before, or was not.
void till_note_owed(struct till *till, const struct till_payment *payment, bool before);
// When it is due, unless that is as before; there is room.
void till_note_payment(struct till *till, const struct till_payment *payment, int64_t before_ms);
void till_note_event(struct till *till, const struct till_event *event, int64_t before_ms);
// What is wrong with what an entry moves of credit, when its payment is as this afterwards; NULL: nothing.
const char *till_check_credit(const struct ledger_accounts *accounts, const Ledger__Entry *entry,
                              const struct till_payment *of, const struct payment *after);
// Whether it is over, and does not have yet that the pot is divided.
bool till_is_unmarked(const struct till_payment *payment);

#endif
