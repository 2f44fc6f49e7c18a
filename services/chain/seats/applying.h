// An entry of events.money while it is applied. Private to the room.
#ifndef CHAIN_SEATS_APPLYING_H
#define CHAIN_SEATS_APPLYING_H

#include "services/chain/seats/seats.h"

// One entry of events.money.
struct applying {
    struct book_call *b;
    const Money__FromEvents *told;
    uint8_t id[TILL_ID_BYTES]; // of the event
    struct till_event *event;  // NULL: no seat of it costs something yet
};

// That it makes no sense.
void apply_log_odd(const struct applying *a, const char *why);
// Who is gone, or on the way out, gets no account any more: what is told of them is the treasury's.
uint32_t apply_account_of(struct book_call *b, const char *user_id);
// A change of the event, made if it is not there, with who leads it now.
void apply_begin_change(const struct applying *a, struct seats_change *change);
// Makes the event, or names who leads it now.
bool apply_know_event(struct applying *a);

void apply_seat_held(struct applying *a);
void apply_seat_given(struct applying *a);
void apply_seat_ending(struct applying *a);

#endif
