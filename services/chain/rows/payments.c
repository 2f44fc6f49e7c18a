// Rows of payments and of the events that they are for, and what events are told of each entry.
#include <inttypes.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/bus/bus.h"
#include "services/chain/book/book.h"
#include "services/chain/rows/page.h"
#include "services/chain/till/told.h"

enum { FIRST_ROOM = 16 };

// ---- Rows

static Ledger__PaymentRow *find_paged(const struct rows_page *page, const char *id)
{
    for (size_t i = 0; i < page->payment_count; i++)
        if (strcmp(page->payments[i]->id, id) == 0) return page->payments[i];
    return NULL;
}

static bool keep_paged(struct rows_page *page, Ledger__PaymentRow *row)
{
    if (page->payment_count == page->payment_room) {
        size_t room = page->payment_room ? 2 * page->payment_room : FIRST_ROOM;
        Ledger__PaymentRow **rows = arena_array(page->arena, room, sizeof(Ledger__PaymentRow *));
        if (!rows) return false;
        if (page->payment_count) memcpy(rows, page->payments, page->payment_count * sizeof *rows);
        page->payments = rows;
        page->payment_room = room;
    }
    page->payments[page->payment_count++] = row;
    return true;
}

// What is stored is what the pages before this one made. *row is NULL when there is none.
static bool find_row(struct rows_page *page, const ProtobufCBinaryData *id, Ledger__PaymentRow **row,
                     struct err *err)
{
    const struct uuid text = uuid_text(id->data);
    uint64_t version;
    *row = find_paged(page, text.text);
    if (*row) return true;
    if (!store_get(page->chain->store, &chain_tables[CHAIN_PAYMENTS], text.text, page->arena,
                   (ProtobufCMessage **)row, &version, err))
        return false;
    return !*row || keep_paged(page, *row) || err_fail(err, INTERNAL_ERROR, "no memory for rows");
}

static Ledger__PaymentRow *make_row(struct rows_page *page, uint64_t number,
                                    const Ledger__PaymentChanged *changed)
{
    Ledger__PaymentRow *row = arena_new(page->arena, Ledger__PaymentRow);
    if (!row) return NULL;
    ledger__payment_row__init(row);
    row->id = arena_str(page->arena, uuid_text(changed->payment.data).text);
    row->event_id = arena_str(page->arena, uuid_text(changed->event.data).text);
    row->opened = number;
    return !page->arena->failed && keep_paged(page, row) ? row : NULL;
}

static void put_row(struct rows_page *page, uint64_t number, Ledger__PaymentRow *row)
{
    row->entry = number;
    rows_page_put(page, CHAIN_PAYMENTS, &row->base, number);
}

static bool fill_row(struct rows_page *page, Ledger__PaymentRow *row, const struct payment *payment,
                     uint32_t account)
{
    struct stored_payment *stored = arena_new(page->arena, struct stored_payment);
    if (!stored) return false;
    stored_payment_write(stored, payment, account);
    if (row->payment) stored->message.winner = row->payment->winner;
    row->payment = &stored->message;
    return true;
}

static bool open_row(struct rows_page *page, uint64_t number, const Ledger__Entry *entry)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    struct payment *payment = arena_new(page->arena, struct payment);
    Ledger__PaymentRow *row = make_row(page, number, changed);
    if (!payment || !row || !stored_opening_read(changed, entry->time_ms, payment) ||
        !fill_row(page, row, payment, changed->opening->account))
        return false;
    put_row(page, number, row);
    return true;
}

// A row may be ahead of the place that was reached.
static bool change_row(struct rows_page *page, uint64_t number, Ledger__PaymentRow *row,
                       const Ledger__PaymentChanged *changed)
{
    struct payment *payment = arena_new(page->arena, struct payment);
    struct payment_change change;
    if (row->entry >= number) return true;
    if (!payment || !row->payment || !stored_payment_read(row->payment, payment) ||
        !stored_change_read(changed->change, payment, &change))
        return false;
    payment_apply(payment, &change);
    if (!fill_row(page, row, payment, row->payment->account)) return false;
    put_row(page, number, row);
    return true;
}

static bool refuse_row(uint64_t number, struct err *err)
{
    return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the ledger pays for nothing", number);
}

static bool make_payment(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, struct err *err)
{
    const Ledger__PaymentChanged *changed = entry->payment_changed;
    Ledger__PaymentRow *row;
    bool ok = false;
    if (!find_row(page, &changed->payment, &row, err)) return false;
    if (row)
        ok = change_row(page, number, row, changed);
    else if (changed->opening)
        ok = open_row(page, number, entry);
    return ok ? !row || rows_page_refund(page, number, entry, row, err) : refuse_row(number, err);
}

// ---- What events are told

static bool tell_events(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, struct err *err)
{
    ProtobufCBinaryData told[TOLD_MOST];
    size_t count = told_of(entry, page->arena, told);
    const struct store_write write = {.after = page->told, .source = {BOOK_STREAM, number, 0}};
    if (page->arena->failed) return err_fail(err, INTERNAL_ERROR, "no memory for what events are told");
    if (count) page->told = store_append_next(page->chain->store, TOLD_STREAM, told, count, &write);
    return true;
}

bool rows_page_payment(struct rows_page *page, uint64_t number, const Ledger__Entry *entry, struct err *err)
{
    return make_payment(page, number, entry, err) && tell_events(page, number, entry, err);
}

bool rows_page_told(struct rows_page *page, struct err *err)
{
    return !page->told ||
           (store_wait(page->chain->store, page->told, err) && rows_tell_head(page->chain, err));
}

// Of no event. A row has what was told last; it is put behind that, so it may be told twice.
#define LAMPORTS_ROW "lamports"

static bool append_offers(struct chain *chain, unsigned offers, struct arena *arena, struct err *err)
{
    Money__FromChain said = MONEY__FROM_CHAIN__INIT;
    Money__LamportsTaken word = MONEY__LAMPORTS_TAKEN__INIT;
    word.taken = offers & ROWS_LAMPORTS;
    word.beacons = offers & ROWS_BEACONS;
    said.time_ms = clock_unix_ms();
    said.body_case = MONEY__FROM_CHAIN__BODY_LAMPORTS_TAKEN;
    said.lamports_taken = &word;
    ProtobufCBinaryData packed = {money__from_chain__get_packed_size(&said), NULL};
    packed.data = arena_alloc(arena, packed.len);
    if (!packed.data) return err_fail(err, INTERNAL_ERROR, "no memory for what events are told");
    money__from_chain__pack(&said, packed.data);
    return store_wait(chain->store,
                      store_append_next(chain->store, TOLD_STREAM, &packed, 1, &(struct store_write){0}),
                      err);
}

static bool tell_offers(struct chain *chain, unsigned offers, struct arena *arena, struct err *err)
{
    const struct store_table *places = &chain_tables[CHAIN_PLACES];
    Ledger__PlaceRow row = LEDGER__PLACE_ROW__INIT, *kept;
    uint64_t version;
    if (!store_get(chain->store, places, LAMPORTS_ROW, arena, (ProtobufCMessage **)&kept, &version, err))
        return false;
    if ((kept ? kept->entry : 0) == offers) return true;
    row.id = LAMPORTS_ROW;
    row.entry = offers;
    return append_offers(chain, offers, arena, err) &&
           store_wait(
               chain->store,
               store_put(chain->store, places, &row.base, kept ? version : 0, &(struct store_write){0}), err);
}

bool rows_tell_offers(struct chain *chain, unsigned offers, struct err *err)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    bool ok = tell_offers(chain, offers, &arena, err);
    arena_finish(&arena);
    return ok;
}

bool rows_tell_head(struct chain *chain, struct err *err)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = TOLD_STREAM;
    if (!store_head(chain->store, TOLD_STREAM, &notice.seq, err)) return false;
    if (chain->publisher && notice.seq) bus_publish(chain->publisher, &notice);
    return true;
}

// ---- Events

static bool set_winner(struct rows_page *page, uint64_t number, const ProtobufCBinaryData *id, uint32_t place,
                       struct err *err)
{
    Ledger__PaymentRow *row;
    if (!find_row(page, id, &row, err)) return false;
    if (!row || !row->payment) return refuse_row(number, err);
    if (row->entry >= number) return true;
    row->payment->winner = place;
    put_row(page, number, row);
    return true;
}

bool rows_page_paid_event(struct rows_page *page, uint64_t number, const Ledger__Entry *entry,
                          struct err *err)
{
    const Ledger__EventChanged *changed = entry->event_changed;
    Ledger__PaidEventRow row = LEDGER__PAID_EVENT_ROW__INIT;
    const struct uuid id = uuid_text(changed->event.data);
    row.id = id.text;
    row.god = changed->god;
    row.stage = changed->stage;
    row.paid_out = changed->paid_out;
    row.entry = number;
    rows_page_put(page, CHAIN_PAID_EVENTS, &row.base, number);
    for (size_t i = 0; i < changed->n_winners; i++)
        if (!set_winner(page, number, &changed->winners[i], (uint32_t)i + 1, err)) return false;
    return tell_events(page, number, entry, err);
}
