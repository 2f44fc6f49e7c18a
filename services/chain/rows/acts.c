// What the audit is told of the ledger: acts that appends carry, and refunds.
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "services/chain/book/book.h"
#include "services/chain/rows/page.h"

#define REFUNDS BOOK_STREAM "/refunds"

// How many entries of its append may be before one that an act makes: accounts, memos, the end of a block.
enum { BEFORE_FEW = 2, BEFORE_MOST = 5 };

// -1: it is none that an act makes.
static int acts_before(const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_GRANTED:
        return BEFORE_MOST;
    case LEDGER__ENTRY__BODY_CARD_MADE: // those of games have a deal
        return entry->card_made->deal ? -1 : BEFORE_MOST;
    case LEDGER__ENTRY__BODY_ROLE_STOPPED: // the catalogue's have a version
        return entry->role_stopped->version ? -1 : BEFORE_FEW;
    case LEDGER__ENTRY__BODY_EVENT_CHANGED:
    case LEDGER__ENTRY__BODY_LIST_WANTED:
    case LEDGER__ENTRY__BODY_LIST_ENTERED:
        return BEFORE_FEW;
    case LEDGER__ENTRY__BODY_LIST_MADE:
        return BEFORE_MOST;
    default:
        return -1;
    }
}

// The append's first entry is not known, so the nearest act is taken: one of an append before is in the audit
// already, and is not added again. What follows one of its kind is of the same append, or begins another.
bool rows_page_act(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, struct err *err)
{
    int before = acts_before(entry);
    bool follows = page->before == entry->body_case, found = false;
    page->before = entry->body_case;
    if (before < 0) return true;
    if (follows) before = 0;
    for (uint64_t back = 0; !found && back <= (uint64_t)before && back < number; back++)
        if (!audit_take(page->chain->audit, BOOK_STREAM, number - back, page->arena, &found, err))
            return false;
    return true;
}

static void fill_refund(Audit__Refunded *refunded, const Ledger__PaymentRow *row, int64_t amount)
{
    refunded->event_id = row->event_id;
    refunded->amount = (uint64_t)amount;
    if (row->payment) refunded->currency = row->payment->currency;
}

bool rows_page_refund(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                      const Ledger__PaymentRow *row, struct err *err)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    const struct store_source source = {REFUNDS, number, 0};
    Audit__Entry act = AUDIT__ENTRY__INIT;
    Audit__Actor actor = AUDIT__ACTOR__INIT;
    Audit__Refunded refunded = AUDIT__REFUNDED__INIT;
    if (!changed->change || !changed->change->refund) return true;
    Google__Protobuf__Timestamp time = stamp_of(entry->time_ms);
    const struct uuid id = uuid_new(entry->time_ms);
    actor.way = AUDIT__AUDIT_WAY__VALUE__SERVICE;
    fill_refund(&refunded, row, changed->change->refund->amount);
    act.id = id.text;
    act.time = &time;
    act.kind = AUDIT__AUDIT_KIND__VALUE__REFUNDED;
    act.service = "chain";
    act.actor = &actor;
    act.target = row->id;
    act.detail_case = AUDIT__ENTRY__DETAIL_REFUNDED;
    act.refunded = &refunded;
    return audit_add(page->chain->audit, &act, &source, err);
}
