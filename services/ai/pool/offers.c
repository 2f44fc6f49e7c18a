#include "services/ai/pool/offers.h"

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/base/stamp.h"
#include "services/ai/pool/seats.h"
#include "services/ai/pool/ticket.h"
#include "services/ai/pool/verdict.h"
#include "services/ai/tables.h"

static bool no_room(struct err *err) { return err_fail(err, INTERNAL_ERROR, "no memory for an offer"); }

static bool is_in(const struct ticket *ticket, Queue__TicketRow__State state)
{
    return ticket->row->state == state;
}

static struct offer_count count_of(const struct tick *tick, const struct tickets *tickets)
{
    const Queue__TicketRow **rows = arena_array(tick->arena, tickets->count + 1, sizeof *rows);
    for (size_t i = 0; rows && i < tickets->count; i++) rows[i] = tickets->all[i].row;
    return offer_count(rows, rows ? tickets->count : 0);
}

bool offer_promises(const struct tick *tick, const struct offer *offer, uint32_t *promised, struct err *err)
{
    struct tickets tickets;
    if (!tickets_of(tick->ai->store, offer->row->id, tick->arena, &tickets, err)) return false;
    const struct offer_count count = count_of(tick, &tickets);
    *promised = count.asked + count.left;
    return true;
}

// Somebody who came first has it their way, which the next tick finds.
static bool put_ticket(const struct tick *tick, struct ticket *ticket, bool *all, struct err *err)
{
    if (ticket_put(tick->ai, ticket, err)) return true;
    *all = false;
    return err_is(err, CONFLICT);
}

static bool end_offer(const struct tick *tick, struct offer *offer, struct err *err)
{
    offer->row->state = QUEUE__OFFER_ROW__STATE__OVER;
    return offer_put(tick->ai->store, offer, err);
}

// ---- Telling

// That it came to nothing is told once, if nothing dies; tickets say it all the same.
static void tell_end(const struct tick *tick, const struct offer *offer, const char **user_ids, size_t count)
{
    struct err err = {0};
    if (count &&
        !seats_tell(tick, offer->row, EVENTS__TELL_OFFER_REQUEST__KIND__OFFER_ENDED, user_ids, count, &err))
        log_err(LOG_WARN, "ai.pool", &err);
}

static bool tell_of(const struct tick *tick, struct offer *offer, const struct tickets *tickets,
                    struct err *err)
{
    const char **user_ids = arena_array(tick->arena, tickets->count + 1, sizeof *user_ids);
    struct err untold = {0};
    size_t count = 0;
    if (!user_ids) return no_room(err);
    for (size_t i = 0; i < tickets->count; i++)
        if (is_in(&tickets->all[i], QUEUE__TICKET_ROW__STATE__OFFERED))
            user_ids[count++] = tickets->all[i].row->user_id;
    if (count &&
        !seats_tell(tick, offer->row, EVENTS__TELL_OFFER_REQUEST__KIND__OFFERED, user_ids, count, &untold)) {
        log_err(LOG_WARN, "ai.pool", &untold);
        return true; // the next tick tries again
    }
    offer->row->told = true;
    return offer_put(tick->ai->store, offer, err);
}

// ---- Making

static bool undo_offer(const struct tick *tick, struct offer *offer, const struct tickets *tickets,
                       struct err *err)
{
    bool all = true;
    for (size_t i = 0; i < tickets->count; i++) {
        struct ticket *ticket = &tickets->all[i];
        if (!ticket_is_asked(ticket->row, offer->row->id)) continue;
        ticket_wait_on(ticket->row, tick->now_ms);
        if (!put_ticket(tick, ticket, &all, err)) return false;
    }
    return !all || end_offer(tick, offer, err);
}

static bool open_offer(const struct tick *tick, struct offer *offer, struct err *err)
{
    struct tickets tickets;
    if (!tickets_of(tick->ai->store, offer->row->id, tick->arena, &tickets, err)) return false;
    const struct offer_count count = count_of(tick, &tickets);
    if (count.asked + count.accepted < offer->row->needed || offer_is_late(offer->row, tick->now_ms))
        return undo_offer(tick, offer, &tickets, err);
    offer->row->state = QUEUE__OFFER_ROW__STATE__OPEN;
    return offer_put(tick->ai->store, offer, err) && tell_of(tick, offer, &tickets, err);
}

static bool fill_offer(Queue__OfferRow *row, const struct tick *tick, const struct seek *seek,
                       const struct queue_match *match)
{
    const struct uuid id = uuid_new(tick->now_ms);
    const char **user_ids = arena_array(tick->arena, match->players, sizeof *user_ids);
    int64_t *waited_ms = arena_array(tick->arena, match->players, sizeof *waited_ms);
    queue__offer_row__init(row);
    row->id = arena_str(tick->arena, id.text);
    if (!user_ids || !waited_ms || !row->id) return false;
    for (uint32_t i = 0; i < match->players; i++) {
        user_ids[i] = seek->seekers[match->seats[i].tag].user_id;
        waited_ms[i] = (int64_t)match->seats[i].waited_ms;
    }
    row->state = QUEUE__OFFER_ROW__STATE__MAKING;
    row->event_id = seek->event->id;
    row->starts_ms = seek->starts_ms;
    row->made_ms = tick->now_ms;
    row->deadline_ms = tick->now_ms + offer_answer_ms(waited_ms[0]);
    row->user_ids = user_ids;
    row->n_user_ids = match->players;
    row->waited_ms = waited_ms;
    row->n_waited_ms = match->players;
    return true;
}

// Whoever left meanwhile is not of it.
static bool queue_offer(const struct tick *tick, const struct seek *seek, const struct queue_match *match,
                        struct offer *offer, struct err *err)
{
    struct store *store = tick->ai->store;
    const struct store_write write = {.after = 0};
    uint64_t queued[QUEUE_MOST_SEATS];
    const uint64_t made = store_put(store, &ai_tables[AI_OFFERS], &offer->row->base, 0, &write);
    for (uint32_t i = 0; i < match->players; i++) {
        const struct seeker *seeker = &seek->seekers[match->seats[i].tag];
        Queue__TicketRow row = *seeker->row; // which is lent
        ticket_offer(&row, offer->row, tick->now_ms);
        queued[i] = ticket_queue(tick->ai, &(struct ticket){&row, seeker->version}, made);
    }
    for (uint32_t i = 0; i < match->players; i++)
        if (!store_wait(store, queued[i], err) && !err_is(err, CONFLICT)) return false;
    offer->version = 1;
    return true;
}

bool offer_make(const struct tick *tick, struct seek *seek, const struct queue_match *match, uint32_t needed,
                struct err *err)
{
    Queue__OfferRow *row = arena_new(tick->arena, Queue__OfferRow);
    struct offer offer = {.row = row};
    if (!row || !fill_offer(row, tick, seek, match)) return no_room(err);
    row->needed = needed;
    seek_take(seek, match);
    return queue_offer(tick, seek, match, &offer, err) && open_offer(tick, &offer, err);
}

bool offers_complete(const struct tick *tick, struct err *err)
{
    struct offers offers;
    if (!offers_in(tick->ai->store, QUEUE__OFFER_ROW__STATE__MAKING, tick->arena, &offers, err)) return false;
    for (size_t i = 0; i < offers.count; i++)
        if (!open_offer(tick, &offers.all[i], err)) return false;
    return true;
}

// ---- Tending

// Of an offer that events could not tell of nobody is late.
static bool end_late(const struct tick *tick, const struct offer *offer, struct ticket *ticket)
{
    if (offer->row->told) return ticket_time_out(ticket->row, tick->now_ms, tick->arena);
    return ticket_return(ticket->row, AI__QUEUE_MISS__REASON__OTHERS, tick->now_ms, tick->arena);
}

static bool time_out(const struct tick *tick, struct offer *offer, const struct tickets *tickets,
                     struct err *err)
{
    const char **ended = arena_array(tick->arena, tickets->count + 1, sizeof *ended);
    size_t count = 0;
    if (!ended) return no_room(err);
    for (size_t i = 0; i < tickets->count; i++) {
        struct ticket *ticket = &tickets->all[i];
        bool done = true;
        if (!is_in(ticket, QUEUE__TICKET_ROW__STATE__OFFERED)) continue;
        if (!end_late(tick, offer, ticket)) return no_room(err);
        if (!put_ticket(tick, ticket, &done, err)) return false;
        if (done) ended[count++] = ticket->row->user_id;
    }
    tell_end(tick, offer, ended, count);
    return true;
}

// Those who did not fail are as they were.
static bool fail_offer(const struct tick *tick, struct offer *offer, const struct tickets *tickets,
                       struct err *err)
{
    const char **ended = arena_array(tick->arena, tickets->count + 1, sizeof *ended);
    size_t count = 0;
    bool all = true;
    if (!ended) return no_room(err);
    for (size_t i = 0; i < tickets->count; i++) {
        struct ticket *ticket = &tickets->all[i];
        if (!ticket_is_asked(ticket->row, offer->row->id)) continue;
        if (!ticket_return(ticket->row, AI__QUEUE_MISS__REASON__OTHERS, tick->now_ms, tick->arena))
            return no_room(err);
        if (!put_ticket(tick, ticket, &all, err)) return false;
        ended[count++] = ticket->row->user_id;
    }
    if (!all) return true; // the next tick looks at it again
    tell_end(tick, offer, ended, count);
    return end_offer(tick, offer, err);
}

bool offer_tend(const struct tick *tick, struct offer *offer, struct err *err)
{
    struct tickets tickets;
    struct store *store = tick->ai->store;
    if (!tickets_of(store, offer->row->id, tick->arena, &tickets, err)) return false;
    if (!offer->row->told && !tell_of(tick, offer, &tickets, err)) return false;
    if (tick->clock_agrees && offer_is_late(offer->row, tick->now_ms) &&
        (!time_out(tick, offer, &tickets, err) ||
         !tickets_of(store, offer->row->id, tick->arena, &tickets, err)))
        return false;
    switch (offer_judge(offer->row, count_of(tick, &tickets))) {
    case VERDICT_SEAT:
        return seats_give(tick, offer->row, &tickets, err);
    case VERDICT_FAIL:
        return fail_offer(tick, offer, &tickets, err);
    case VERDICT_OVER:
        return end_offer(tick, offer, err);
    case VERDICT_WAIT:
        return true;
    }
    return true;
}
