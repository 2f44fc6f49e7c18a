#include "services/ai/pool/seats.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/names/names.h"
#include "services/ai/pool/ticket.h"
#include "services/ai/tables.h"

enum { PEOPLE_MOST = 256, EVENTS_MOST = 200 };

static bool no_room(struct err *err) { return err_fail(err, INTERNAL_ERROR, "no memory for seats"); }

bool seats_tell(const struct tick *tick, const Queue__OfferRow *offer, Events__TellOfferRequest__Kind kind,
                const char **user_ids, size_t count, struct err *err)
{
    Events__TellOfferRequest request = EVENTS__TELL_OFFER_REQUEST__INIT;
    request.offer_id = offer->id;
    request.event_id = offer->event_id;
    request.kind = kind;
    request.user_ids = user_ids;
    request.n_user_ids = count;
    return outside_tell(tick->outside, &request, tick->arena, err);
}

// ---- Who must not

struct giving {
    const struct tick *tick;
    const Queue__OfferRow *offer;
    const struct tickets *tickets;
    const Events__Event *event; // as it is now; NULL: it takes nobody any more
    bool changed;               // somebody waits again: the next tick judges anew
};

static bool is_accepted(const struct ticket *ticket)
{
    return ticket->row->state == QUEUE__TICKET_ROW__STATE__ACCEPTED;
}

static bool put_back(struct giving *giving, struct ticket *ticket, Ai__QueueMiss__Reason reason,
                     struct err *err)
{
    const struct tick *tick = giving->tick;
    giving->changed = true;
    if (reason != AI__QUEUE_MISS__REASON__EVENT_FULL &&
        !ticket_refuse_event(ticket->row, giving->offer->event_id, tick->arena))
        return no_room(err);
    if (!ticket_return(ticket->row, reason, tick->now_ms, tick->arena)) return no_room(err);
    if (!ticket_put(tick->ai, ticket, err)) return err_is(err, CONFLICT);
    const char *user_id = ticket->row->user_id;
    struct err untold = {0}; // the ticket says it
    (void)!seats_tell(tick, giving->offer, EVENTS__TELL_OFFER_REQUEST__KIND__OFFER_ENDED, &user_id, 1,
                      &untold);
    return true;
}

static bool is_seating(const struct ticket *ticket)
{
    return ticket->row->state == QUEUE__TICKET_ROW__STATE__SEATING;
}

static struct ticket *accepted_by(const struct giving *giving, const char *user_id)
{
    for (size_t i = 0; i < giving->tickets->count; i++) {
        struct ticket *ticket = &giving->tickets->all[i];
        if (is_accepted(ticket) && strcmp(ticket->row->user_id, user_id) == 0) return ticket;
    }
    return NULL;
}

// Those who accepted, and who sits there. Whoever answers later is judged then.
static size_t name_people(const struct giving *giving, const char *user_ids[PEOPLE_MOST])
{
    const Events__Event *event = giving->event;
    size_t count = 0;
    user_ids[count++] = event->god_id;
    for (size_t i = 0; i < giving->tickets->count && count < PEOPLE_MOST / 2; i++) {
        const struct ticket *ticket = &giving->tickets->all[i];
        if (is_accepted(ticket) || is_seating(ticket)) user_ids[count++] = ticket->row->user_id;
    }
    for (size_t i = 0; i < event->n_players && count < PEOPLE_MOST; i++)
        if (*event->players[i]->account_id) user_ids[count++] = event->players[i]->account_id;
    return count;
}

// Of two who accepted, the one who waits less.
static struct ticket *who_gives_way(const struct giving *giving, const Auth__FindBlocksReply__Pair *pair)
{
    struct ticket *one = accepted_by(giving, pair->user_id), *other = accepted_by(giving, pair->blocked_id);
    if (!one || !other) return one ? one : other;
    return one->row->joined_ms > other->row->joined_ms ? one : other;
}

static bool part_blocked(struct giving *giving, struct err *err)
{
    const char *user_ids[PEOPLE_MOST];
    const Auth__FindBlocksReply *blocks;
    const size_t count = name_people(giving, user_ids);
    if (!outside_blocks(giving->tick->outside, user_ids, count, giving->tick->arena, &blocks, err))
        return false;
    for (size_t i = 0; i < blocks->n_pairs; i++) {
        struct ticket *ticket = who_gives_way(giving, blocks->pairs[i]);
        if (ticket && !put_back(giving, ticket, AI__QUEUE_MISS__REASON__REFUSED, err)) return false;
    }
    return true;
}

static bool is_near(const struct giving *giving, const Events__Event *event)
{
    const int64_t starts_ms = event->starts_at ? stamp_ms(event->starts_at->utc) : 0;
    return strcmp(event->id, giving->offer->event_id) != 0 && event->state != EVENTS__EVENT__STATE__DONE &&
           event->state != EVENTS__EVENT__STATE__CANCELLED && event->state != EVENTS__EVENT__STATE__EXPIRED &&
           llabs(starts_ms - giving->offer->starts_ms) < SEEK_CLASH_MS;
}

static bool has_seat_near(const struct giving *giving, const char *user_id, bool *near, struct err *err)
{
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    Google__Protobuf__Timestamp after = stamp_of(giving->offer->starts_ms - SEEK_CLASH_MS);
    Google__Protobuf__Timestamp before = stamp_of(giving->offer->starts_ms + SEEK_CLASH_MS);
    struct event_list list;
    request.player_id = user_id;
    request.starts_after = &after;
    request.starts_before = &before;
    *near = false;
    if (!outside_events_of(giving->tick->outside, &request, EVENTS_MOST, giving->tick->arena, &list, err))
        return false;
    for (size_t i = 0; i < list.count; i++) *near |= is_near(giving, list.all[i]);
    return true;
}

static bool part_busy(struct giving *giving, struct err *err)
{
    for (size_t i = 0; i < giving->tickets->count; i++) {
        struct ticket *ticket = &giving->tickets->all[i];
        bool near = false;
        if (is_accepted(ticket) && !has_seat_near(giving, ticket->row->user_id, &near, err)) return false;
        if (near && !put_back(giving, ticket, AI__QUEUE_MISS__REASON__TIME_CLASH, err)) return false;
    }
    return true;
}

static bool part_all(struct giving *giving, struct err *err)
{
    for (size_t i = 0; i < giving->tickets->count; i++) {
        struct ticket *ticket = &giving->tickets->all[i];
        if (ticket_is_asked(ticket->row, giving->offer->id) &&
            !put_back(giving, ticket, AI__QUEUE_MISS__REASON__EVENT_GONE, err))
            return false;
    }
    return true;
}

static bool find_event(struct giving *giving, struct err *err)
{
    const bool found = outside_event(giving->tick->outside, giving->offer->event_id, giving->tick->arena,
                                     &giving->event, err);
    if (!found && !err_is(err, NOT_FOUND)) return false;
    if (!found || giving->event->state != EVENTS__EVENT__STATE__OPEN) giving->event = NULL;
    return true;
}

static bool has_accepted(const struct tickets *tickets)
{
    for (size_t i = 0; i < tickets->count; i++)
        if (is_accepted(&tickets->all[i])) return true;
    return false;
}

static bool part_some(struct giving *giving, struct err *err)
{
    if (!has_accepted(giving->tickets)) return true;
    if (!find_event(giving, err)) return false;
    if (!giving->event) return part_all(giving, err);
    return part_blocked(giving, err) && part_busy(giving, err);
}

// ---- Reserving

enum seat_outcome seat_outcome(const Events__ReserveReply *reply, const struct err *err)
{
    if (!reply && outside_may_repeat(err)) return SEAT_UNKNOWN;
    if (!reply && err_is(err, EVENT_FULL)) return SEAT_FULL;
    if (!reply)
        return err_is(err, NOT_FOUND) || err_is(err, EVENT_NOT_OPEN) || err_is(err, EVENT_NOT_PAYABLE)
                   ? SEAT_GONE
                   : SEAT_REFUSED;
    if (!reply->reservation) return SEAT_UNKNOWN;
    switch (reply->reservation->state) {
    case EVENTS__RESERVATION__STATE__CONFIRMED:
    case EVENTS__RESERVATION__STATE__PENDING:
        return SEAT_TAKEN;
    case EVENTS__RESERVATION__STATE__WAITLISTED:
        return reply->existing ? SEAT_FULL : SEAT_WAITLISTED;
    default:
        return SEAT_GONE;
    }
}

static bool find_caller(const struct giving *giving, const char *user_id, struct name_told *told,
                        Rpc__Caller *caller)
{
    rpc__caller__init(caller);
    if (!names_get(giving->tick->ai->names, user_id, told) || told->suspended_until_ms > giving->tick->now_ms)
        return false;
    caller->user_id = told->user_id.text;
    caller->username = told->username;
    caller->level = told->level;
    return true;
}

static const Events__ReserveReply *ask_seat(const struct giving *giving, const Rpc__Caller *caller,
                                            struct err *err)
{
    const struct tick *tick = giving->tick;
    Events__ReserveRequest request = EVENTS__RESERVE_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = giving->offer->event_id;
    const struct outside_question question = {
        "events.Reserve", caller, arena_printf(tick->arena, "offer.%s", giving->offer->id), &request.base};
    if (!tick->outside->ask(tick->outside->arg, &question, tick->arena, &reply, err)) return NULL;
    return (const Events__ReserveReply *)reply;
}

// Who was too late for a seat is not left waiting for one that they did not ask to wait for.
static void leave_waitlist(const struct giving *giving, const Rpc__Caller *caller)
{
    const struct tick *tick = giving->tick;
    Events__SeatRequest request = EVENTS__SEAT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    request.event_id = giving->offer->event_id;
    request.user_id = caller->user_id;
    const struct outside_question question = {"events.CancelReservation", caller,
                                              arena_printf(tick->arena, "offer.%s", giving->offer->id),
                                              &request.base};
    (void)!tick->outside->ask(tick->outside->arg, &question, tick->arena, &reply, &err);
}

static bool seat_one(struct giving *giving, struct ticket *ticket, const Events__Reservation *reservation,
                     struct err *err)
{
    const struct tick *tick = giving->tick;
    const char *user_id = ticket->row->user_id;
    if (!seats_tell(tick, giving->offer, EVENTS__TELL_OFFER_REQUEST__KIND__OFFER_SEATED, &user_id, 1, err) &&
        outside_may_repeat(err))
        return true; // the next tick asks again
    ticket_seat(ticket->row, reservation, tick->now_ms);
    return ticket_put(tick->ai, ticket, err) || err_is(err, CONFLICT);
}

static bool give_seat(struct giving *giving, struct ticket *ticket, struct err *err)
{
    struct name_told told;
    Rpc__Caller caller;
    struct err refused = {0};
    if (!find_caller(giving, ticket->row->user_id, &told, &caller))
        return put_back(giving, ticket, AI__QUEUE_MISS__REASON__REFUSED, err);
    const Events__ReserveReply *reply = ask_seat(giving, &caller, &refused);
    switch (seat_outcome(reply, &refused)) {
    case SEAT_TAKEN:
        return seat_one(giving, ticket, reply->reservation, err);
    case SEAT_UNKNOWN:
        return true;
    case SEAT_WAITLISTED:
        leave_waitlist(giving, &caller);
        return put_back(giving, ticket, AI__QUEUE_MISS__REASON__EVENT_FULL, err);
    case SEAT_FULL:
        return put_back(giving, ticket, AI__QUEUE_MISS__REASON__EVENT_FULL, err);
    case SEAT_GONE:
        return put_back(giving, ticket, AI__QUEUE_MISS__REASON__EVENT_GONE, err);
    case SEAT_REFUSED:
        return put_back(giving, ticket, AI__QUEUE_MISS__REASON__REFUSED, err);
    }
    return true;
}

// From then on nobody leaves the queue in between.
static bool begin_seats(struct giving *giving, struct err *err)
{
    for (size_t i = 0; i < giving->tickets->count; i++) {
        struct ticket *ticket = &giving->tickets->all[i];
        if (!is_accepted(ticket)) continue;
        ticket_sit(ticket->row, giving->tick->now_ms);
        if (ticket_put(giving->tick->ai, ticket, err)) continue;
        if (!err_is(err, CONFLICT)) return false;
        giving->changed = true;
    }
    return true;
}

static bool give_all(struct giving *giving, struct err *err)
{
    for (size_t i = 0; i < giving->tickets->count; i++) {
        struct ticket *ticket = &giving->tickets->all[i];
        if (is_seating(ticket) && !give_seat(giving, ticket, err)) return false;
    }
    return true;
}

bool seats_give(const struct tick *tick, const Queue__OfferRow *offer, const struct tickets *tickets,
                struct err *err)
{
    struct giving giving = {.tick = tick, .offer = offer, .tickets = tickets};
    if (!part_some(&giving, err)) return outside_may_repeat(err);
    if (giving.changed) return true;
    return begin_seats(&giving, err) && (giving.changed || give_all(&giving, err));
}
