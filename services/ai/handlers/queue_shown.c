#include "services/ai/handlers/queue_shown.h"

#include <math.h>

#include "lib/base/stamp.h"
#include "services/ai/ai.h"
#include "services/ai/handlers/shown.h"
#include "services/ai/pool/pool.h"
#include "services/ai/pool/seek.h"
#include "services/ai/pool/ticket.h"
#include "services/ai/pool/verdict.h"
#include "services/ai/pool/waits.h"

static bool no_room(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

// One that is still being made may come to nothing, and nobody knows of it yet.
bool queue_find_offer(struct rpc_call *call, const Queue__TicketRow *row, const Queue__OfferRow **offer,
                      struct err *err)
{
    const struct ai *ai = call->service;
    struct offer found = {.row = NULL};
    *offer = NULL;
    if (!ticket_is_live(row) || !row->offer_id[0]) return true;
    if (!offer_find(ai->store, row->offer_id, call->arena, &found, err)) return false;
    if (found.row && found.row->state != QUEUE__OFFER_ROW__STATE__MAKING) *offer = found.row;
    return true;
}

// ---- Its parts

static Ai__QueueTicket__State state_of(const Queue__TicketRow *row, const Queue__OfferRow *offer)
{
    if (row->state == QUEUE__TICKET_ROW__STATE__SEATED) return AI__QUEUE_TICKET__STATE__SEATED;
    if (row->state == QUEUE__TICKET_ROW__STATE__OUT) return AI__QUEUE_TICKET__STATE__OUT;
    return offer ? AI__QUEUE_TICKET__STATE__OFFERED : AI__QUEUE_TICKET__STATE__WAITING;
}

static bool show_offer(struct rpc_call *call, const Queue__TicketRow *row, const Queue__OfferRow *offer,
                       Ai__QueueTicket *reply, struct err *err)
{
    const struct ai *ai = call->service;
    Ai__QueueOffer *shown = arena_new(call->arena, Ai__QueueOffer);
    struct tickets tickets;
    if (!shown) return no_room(err);
    if (!tickets_of(ai->store, offer->id, call->arena, &tickets, err)) return false;
    const Queue__TicketRow **rows = arena_array(call->arena, tickets.count + 1, sizeof *rows);
    for (size_t i = 0; rows && i < tickets.count; i++) rows[i] = tickets.all[i].row;
    if (!rows) return no_room(err);
    const struct offer_count count = offer_count(rows, tickets.count);
    ai__queue_offer__init(shown);
    shown->offer_id = offer->id;
    shown->event_id = offer->event_id;
    shown->deadline = stamp_new(call->arena, offer->deadline_ms);
    shown->asked = (uint32_t)offer->n_user_ids;
    shown->accepted = count.accepted;
    shown->needed = offer->needed;
    shown->mine = row->state != QUEUE__TICKET_ROW__STATE__OFFERED;
    reply->offer = shown;
    return true;
}

static Ai__QueueSeat *show_seat(const Queue__TicketRow *row, struct arena *arena)
{
    Ai__QueueSeat *seat = arena_new(arena, Ai__QueueSeat);
    if (!seat) return NULL;
    ai__queue_seat__init(seat);
    seat->event_id = row->event_id;
    seat->state = (Events__Reservation__State)row->seat_state;
    seat->position = row->position;
    seat->payment_id = row->payment_id;
    return seat;
}

static Ai__QueueMiss *show_miss(const Queue__Miss *missed, struct arena *arena)
{
    Ai__QueueMiss *shown = arena_new(arena, Ai__QueueMiss);
    if (!shown) return NULL;
    ai__queue_miss__init(shown);
    shown->event_id = missed->event_id;
    shown->reason = (Ai__QueueMiss__Reason)missed->reason;
    shown->time = stamp_new(arena, missed->time_ms);
    return shown;
}

static Ai__QueuePenalty *show_penalty(const Queue__TicketRow *row, int64_t now_ms, struct arena *arena)
{
    Ai__QueuePenalty *shown = arena_new(arena, Ai__QueuePenalty);
    if (!shown) return NULL;
    ai__queue_penalty__init(shown);
    shown->timed_out = ticket_timed_out(row, now_ms);
    shown->allowed = TICKET_TIMED_OUT_MOST;
    shown->pause = duration_new(arena, ticket_pause_ms(row, now_ms));
    if (row->paused_until_ms > now_ms) shown->until = stamp_new(arena, row->paused_until_ms);
    return shown;
}

static Ai__QueueWindow *show_window(int64_t waited_ms, struct arena *arena)
{
    Ai__QueueWindow *shown = arena_new(arena, Ai__QueueWindow);
    const double now = queue_window(&seek_options, waited_ms > 0 ? (uint64_t)waited_ms : 0);
    if (!shown) return NULL;
    ai__queue_window__init(shown);
    if (isfinite(now)) shown->now__case = AI__QUEUE_WINDOW__NOW__NOW, shown->now = now;
    shown->at_60s__case = AI__QUEUE_WINDOW__AT_60S__AT_60S;
    shown->at_60s = queue_window(&seek_options, 60000);
    shown->at_120s__case = AI__QUEUE_WINDOW__AT_120S__AT_120S;
    shown->at_120s = queue_window(&seek_options, 120000);
    shown->everybody_after = duration_new(arena, (int64_t)seek_options.patience_ms);
    return shown;
}

static Ai__QueueWaitEstimate *show_estimate(const struct waits_told *told, struct arena *arena)
{
    Ai__QueueWaitEstimate *shown = arena_new(arena, Ai__QueueWaitEstimate);
    if (!shown) return NULL;
    ai__queue_wait_estimate__init(shown);
    shown->n = told->seated;
    if (!told->seated) return shown;
    shown->p50 = duration_new(arena, told->p50_ms);
    shown->p90 = duration_new(arena, told->p90_ms);
    return shown;
}

static bool show_waiting(struct rpc_call *call, const Queue__TicketRow *row, Ai__QueueTicket *reply,
                         struct err *err)
{
    const struct ai *ai = call->service;
    struct waits_told told;
    if (!waits_tell(ai->waits, ai->store, row->joined_ms, &told, err)) return false;
    reply->waiting = told.waiting;
    reply->wait_estimate = show_estimate(&told, call->arena);
    if (reply->state != AI__QUEUE_TICKET__STATE__WAITING) return true;
    reply->ahead = told.ahead;
    reply->place = told.ahead + 1;
    reply->window = show_window(call->now_ms - row->joined_ms, call->arena);
    reply->unheard = row->unheard;
    return true;
}

static void show_wishes(const Queue__Wishes *wishes, Ai__QueueTicket *reply, struct arena *arena)
{
    reply->size_min = wishes->size_min;
    reply->size_max = wishes->size_max;
    reply->group_ids = wishes->group_ids;
    reply->n_group_ids = wishes->n_group_ids;
    reply->gods = wishes->god_ids;
    reply->n_gods = wishes->n_god_ids;
    reply->starts_within = duration_new(arena, wishes->starts_within_ms);
    if (wishes->price_currency && (reply->price_max = arena_new(arena, Events__Price))) {
        events__price__init(reply->price_max);
        reply->price_max->amount = wishes->price_amount;
        reply->price_max->currency = (Events__Price__Currency)wishes->price_currency;
    }
    if ((reply->ranges = arena_new(arena, Ai__QueueRanges))) {
        ai__queue_ranges__init(reply->ranges);
        if (wishes->ranged_below) reply->ranges->below__case = AI__QUEUE_RANGES__BELOW__BELOW;
        if (wishes->ranged_above) reply->ranges->above__case = AI__QUEUE_RANGES__ABOVE__ABOVE;
        reply->ranges->below = wishes->below;
        reply->ranges->above = wishes->above;
    }
}

// ---- All of it

bool queue_show(struct rpc_call *call, const Queue__TicketRow *row, const Queue__OfferRow *offer,
                Ai__QueueTicket *reply, struct err *err)
{
    struct arena *arena = call->arena;
    reply->ticket_id = row->ticket_id;
    reply->state = state_of(row, offer);
    reply->joined_at = stamp_new(arena, row->joined_ms);
    reply->expires_at = stamp_new(arena, row->expires_ms);
    reply->rating = shown_numbers(seek_rating(call->service, row->user_id, call->now_ms), arena);
    reply->penalty = show_penalty(row, call->now_ms, arena);
    if (row->wishes) show_wishes(row->wishes, reply, arena);
    if (row->missed) reply->missed = show_miss(row->missed, arena);
    if (reply->state == AI__QUEUE_TICKET__STATE__SEATED) reply->seat = show_seat(row, arena);
    if (reply->state == AI__QUEUE_TICKET__STATE__OUT) reply->out = (Ai__QueueTicket__Out)row->out;
    if (offer && !show_offer(call, row, offer, reply, err)) return false;
    return show_waiting(call, row, reply, err) && (!arena->failed || no_room(err));
}
