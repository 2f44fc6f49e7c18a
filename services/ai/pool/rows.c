#include "services/ai/pool/rows.h"

#include "services/ai/ai.h"
#include "services/ai/pool/kept.h"
#include "services/ai/tables.h"

enum { PAGE = 1000, OFFERS_MOST = 10000, SWEPT = 100, ARENA = 1 << 20, TRIES = 8 };
enum { OFFER_KEPT_MS = 24 * 3600 * 1000 };
#define TICKET_KEPT_MS (INT64_C(30) * 24 * 3600 * 1000)

static const struct store_table *const tickets_table = &ai_tables[AI_TICKETS];
static const struct store_table *const offers_table = &ai_tables[AI_OFFERS];

// ---- Tickets

bool ticket_find(struct store *store, const char *user_id, struct arena *arena, struct ticket *ticket,
                 struct err *err)
{
    *ticket = (struct ticket){.row = NULL};
    if (!store_get(store, tickets_table, user_id, arena, (ProtobufCMessage **)&ticket->row, &ticket->version,
                   err))
        return false;
    if (!ticket->row) ticket->version = 0;
    return true;
}

uint64_t ticket_queue(const struct ai *ai, const struct ticket *ticket, uint64_t after)
{
    const struct store_write write = {.after = after};
    const uint64_t queued = store_put(ai->store, tickets_table, &ticket->row->base, ticket->version, &write);
    kept_touch(ai->kept, ticket->row->user_id, queued);
    return queued;
}

bool ticket_put(const struct ai *ai, struct ticket *ticket, struct err *err)
{
    if (!store_wait(ai->store, ticket_queue(ai, ticket, 0), err)) return false;
    ticket->version++;
    return true;
}

// ---- Lists

static void add_page(const struct store_rows *page, struct tickets *tickets)
{
    for (size_t i = 0; i < page->count; i++)
        tickets->all[tickets->count++] =
            (struct ticket){(Queue__TicketRow *)page->messages[i], page->versions[i]};
}

static bool list_tickets(struct store *store, struct store_query *query, size_t most, struct arena *arena,
                         struct tickets *tickets, struct err *err)
{
    struct store_rows page = {.more = true};
    query->page_token = "";
    *tickets = (struct tickets){arena_array(arena, most + 1, sizeof *tickets->all), 0};
    if (!tickets->all) return err_fail(err, INTERNAL_ERROR, "no memory for the queue");
    while (page.more && tickets->count < most) {
        const size_t left = most - tickets->count;
        query->limit = left < PAGE ? (uint32_t)left : PAGE;
        if (!store_find(store, tickets_table, query, arena, &page, err)) return false;
        add_page(&page, tickets);
        query->page_token = page.next_page_token;
    }
    return true;
}

bool tickets_waiting(struct store *store, struct arena *arena, struct tickets *tickets, struct err *err)
{
    struct store_query query = {
        .index = "by_joining", .equal = {{.number = QUEUE__TICKET_ROW__STATE__WAITING}}, .equal_count = 1};
    return list_tickets(store, &query, ROWS_MOST, arena, tickets, err);
}

bool tickets_older(struct store *store, int64_t joined_ms, struct arena *arena, struct tickets *tickets,
                   struct err *err)
{
    const struct store_value to = {.number = joined_ms};
    struct store_query query = {.index = "by_joining",
                                .equal = {{.number = QUEUE__TICKET_ROW__STATE__WAITING}},
                                .equal_count = 1,
                                .to = &to};
    return list_tickets(store, &query, PAGE, arena, tickets, err);
}

bool tickets_of(struct store *store, const char *offer_id, struct arena *arena, struct tickets *tickets,
                struct err *err)
{
    struct store_query query = {.index = "by_offer", .equal = {{.text = offer_id}}, .equal_count = 1};
    return list_tickets(store, &query, PAGE, arena, tickets, err);
}

bool tickets_seated(struct store *store, uint32_t most, struct arena *arena, struct tickets *tickets,
                    struct err *err)
{
    struct store_query query = {.index = "by_change",
                                .equal = {{.number = QUEUE__TICKET_ROW__STATE__SEATED}},
                                .equal_count = 1,
                                .descending = true};
    return list_tickets(store, &query, most, arena, tickets, err);
}

// ---- Offers

bool offer_find(struct store *store, const char *offer_id, struct arena *arena, struct offer *offer,
                struct err *err)
{
    *offer = (struct offer){.row = NULL};
    return store_get(store, offers_table, offer_id, arena, (ProtobufCMessage **)&offer->row, &offer->version,
                     err);
}

bool offer_put(struct store *store, struct offer *offer, struct err *err)
{
    const struct store_write write = {.after = 0};
    if (!store_wait(store, store_put(store, offers_table, &offer->row->base, offer->version, &write), err))
        return false;
    offer->version++;
    return true;
}

bool offers_in(struct store *store, Queue__OfferRow__State state, struct arena *arena, struct offers *offers,
               struct err *err)
{
    struct store_query query = {
        .index = "by_state", .equal = {{.number = state}}, .equal_count = 1, .limit = PAGE, .page_token = ""};
    struct store_rows page = {.more = true};
    *offers = (struct offers){arena_array(arena, OFFERS_MOST + PAGE, sizeof *offers->all), 0};
    if (!offers->all) return err_fail(err, INTERNAL_ERROR, "no memory for offers");
    while (page.more && offers->count < OFFERS_MOST) {
        if (!store_find(store, offers_table, &query, arena, &page, err)) return false;
        for (size_t i = 0; i < page.count; i++)
            offers->all[offers->count++] =
                (struct offer){(Queue__OfferRow *)page.messages[i], page.versions[i]};
        query.page_token = page.next_page_token;
    }
    return true;
}

// ---- Forgetting

static bool sweep_found(struct store *store, const struct store_table *table, const struct store_query *query,
                        bool *more, struct arena *arena, struct err *err)
{
    struct store_rows rows;
    if (!store_find(store, table, query, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_write write = {.after = 0};
        store_delete(store, table, store_row_id(table, rows.messages[i]), rows.versions[i], &write);
    }
    *more |= rows.more;
    return true;
}

static bool sweep_tickets(struct store *store, Queue__TicketRow__State state, int64_t until_ms, bool *more,
                          struct arena *arena, struct err *err)
{
    const struct store_value to = {.number = until_ms};
    const struct store_query query = {
        .index = "by_change", .equal = {{.number = state}}, .equal_count = 1, .to = &to, .limit = SWEPT};
    return sweep_found(store, tickets_table, &query, more, arena, err);
}

bool tickets_sweep(struct store *store, int64_t now_ms, bool *more, struct arena *arena, struct err *err)
{
    const struct store_value to = {.number = now_ms - OFFER_KEPT_MS};
    const struct store_query over = {.index = "by_state",
                                     .equal = {{.number = QUEUE__OFFER_ROW__STATE__OVER}},
                                     .equal_count = 1,
                                     .to = &to,
                                     .limit = SWEPT};
    const int64_t until_ms = now_ms - TICKET_KEPT_MS;
    *more = false;
    return sweep_found(store, offers_table, &over, more, arena, err) &&
           sweep_tickets(store, QUEUE__TICKET_ROW__STATE__SEATED, until_ms, more, arena, err) &&
           sweep_tickets(store, QUEUE__TICKET_ROW__STATE__OUT, until_ms, more, arena, err);
}

static bool forget_once(const struct ai *ai, const char *user_id, struct arena *arena, struct err *err)
{
    const struct store_write write = {.after = 0};
    struct ticket ticket;
    if (!ticket_find(ai->store, user_id, arena, &ticket, err)) return false;
    if (!ticket.row) return true;
    const uint64_t queued = store_delete(ai->store, tickets_table, user_id, ticket.version, &write);
    kept_touch(ai->kept, user_id, queued);
    return store_wait(ai->store, queued, err);
}

bool tickets_forget(const struct ai *ai, const char *user_id, struct err *err)
{
    struct arena arena;
    bool ok = false;
    arena_init(&arena, ARENA);
    for (int i = 0; i < TRIES && !ok; i++) {
        *err = (struct err){0};
        arena_reset(&arena);
        ok = forget_once(ai, user_id, &arena, err);
        if (!ok && !err_is(err, CONFLICT)) break;
    }
    arena_finish(&arena);
    return ok;
}
