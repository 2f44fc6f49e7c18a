// Payments as people see them, and who may. Private to the room.
#ifndef CHAIN_HANDLERS_PAID_H
#define CHAIN_HANDLERS_PAID_H

#include "payments.pb-c.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/payments/explain.h"
#include "services/chain/seats/seats.h"

// A payment, also of an event that is over, which rows have.
struct paid {
    struct payment payment;
    uint32_t account; // of who pays
    uint32_t god;     // who leads its event
    bool winner, disputes;
    struct till_payment *open; // NULL: of an event that is over
};

// The caller's account; LEDGER_NO_ACCOUNT: none.
uint32_t paid_caller(const struct book_call *b);
// Whether the account, which may be none, leads an event as `god`, or the caller is a dev.
bool paid_leads(const struct book_call *b, uint32_t god);

// Enters the ledger and finds the payment. NOT_FOUND: it is none.
MUST_CHECK bool paid_begin(struct book_call *b, const char *payment_id, struct paid *paid, struct err *err);
// The event's, in their order; also of one that is over. NOT_FOUND: no seat of it costs anything.
struct paid_list {
    struct paid *items;
    size_t count;
    uint32_t god;
};
MUST_CHECK bool paid_list_begin(struct book_call *b, const char *event_id, struct paid_list *list,
                                struct err *err);
// As it is now, after what was done to it.
void paid_refresh(struct paid *paid);
// With what the event and its jobs say of it.
enum payment_state paid_state(const struct book_call *b, const struct paid *paid);
// In the arena; NULL when that is full.
Chain__Payment *paid_shown(const struct book_call *b, const struct paid *paid);

#endif
