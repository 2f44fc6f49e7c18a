// The queue, as those who wait in it call it: everybody changes their own ticket.
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/queue_shown.h"
#include "services/ai/pool/pool.h"
#include "services/ai/pool/ticket.h"

enum { TRIES = 8, SIZE_MOST = 100 };
#define WITHIN_MS (INT64_C(7) * 24 * 3600 * 1000) // when nothing else is said

static bool no_room(struct err *err)
{
    return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

// ---- One's own ticket

// Changes a ticket, or finds that nothing is to be changed. Whoever came first is seen at the next try.
typedef bool ticket_change(struct rpc_call *call, struct ticket *ticket, bool *changed, struct err *err);

static bool change_once(struct rpc_call *call, ticket_change *change, struct ticket *ticket, bool *changed,
                        struct err *err)
{
    const struct ai *ai = call->service;
    *changed = false;
    return ticket_find(ai->store, call->caller->user_id, call->arena, ticket, err) &&
           change(call, ticket, changed, err) && (!*changed || ticket_put(ai, ticket, err));
}

static bool change_own(struct rpc_call *call, ticket_change *change, struct ticket *ticket, struct err *err)
{
    const struct ai *ai = call->service;
    bool ok = false, changed = false;
    for (int i = 0; i < TRIES && !ok; i++) {
        *err = (struct err){0};
        ok = change_once(call, change, ticket, &changed, err);
        if (!ok && !err_is(err, CONFLICT)) break;
    }
    if (ok && changed) pool_wake(ai->pool);
    return ok;
}

static bool show_own(struct rpc_call *call, const struct ticket *ticket, Ai__QueueTicket *reply,
                     struct err *err)
{
    const Queue__OfferRow *offer;
    return queue_find_offer(call, ticket->row, &offer, err) &&
           queue_show(call, ticket->row, offer, reply, err);
}

// ---- Joining

static bool check_wishes(const Ai__JoinQueueRequest *request, struct err *err)
{
    const uint32_t size_max = request->size_max ? request->size_max : SIZE_MOST;
    return request->size_min <= size_max ||
           err_field(err, INVALID_FIELD, "size_min", "size_min is more than size_max");
}

static Queue__Wishes *read_wishes(const Ai__JoinQueueRequest *request, struct arena *arena)
{
    Queue__Wishes *wishes = arena_new(arena, Queue__Wishes);
    const Ai__QueueRanges *ranges = request->ranges;
    if (!wishes) return NULL;
    queue__wishes__init(wishes);
    wishes->size_min = request->size_min ? request->size_min : 1;
    wishes->size_max = request->size_max ? request->size_max : SIZE_MOST;
    wishes->group_ids = request->group_ids;
    wishes->n_group_ids = request->n_group_ids;
    wishes->god_ids = request->gods;
    wishes->n_god_ids = request->n_gods;
    wishes->starts_within_ms = request->starts_within ? duration_ms(request->starts_within) : WITHIN_MS;
    if (request->price_max && request->price_max->currency != EVENTS__PRICE__CURRENCY__FREE) {
        wishes->price_amount = request->price_max->amount;
        wishes->price_currency = (uint32_t)request->price_max->currency;
    }
    wishes->ranged_below = ranges && ranges->below__case;
    wishes->below = wishes->ranged_below ? ranges->below : 0;
    wishes->ranged_above = ranges && ranges->above__case;
    wishes->above = wishes->ranged_above ? ranges->above : 0;
    return wishes;
}

static bool are_the_same(const Queue__Wishes *one, const Queue__Wishes *other, struct arena *arena)
{
    const size_t len = one ? queue__wishes__get_packed_size(one) : 0;
    if (!one || len != queue__wishes__get_packed_size(other)) return false;
    uint8_t *left = arena_alloc(arena, len + 1), *right = arena_alloc(arena, len + 1);
    if (!left || !right) return false;
    queue__wishes__pack(one, left);
    queue__wishes__pack(other, right);
    return memcmp(left, right, len) == 0;
}

static bool check_pause(const Queue__TicketRow *row, int64_t now_ms, struct err *err)
{
    if (row->paused_until_ms <= now_ms) return true;
    err_fail(err, QUEUE_PAUSED, "you let %d offers pass unanswered: the queue is closed to you for a while",
             TICKET_TIMED_OUT_MOST);
    err_retry_after(err, row->paused_until_ms - now_ms);
    return false;
}

static bool join_own(struct rpc_call *call, struct ticket *ticket, bool *changed, struct err *err)
{
    const Queue__Wishes *wishes = read_wishes((const Ai__JoinQueueRequest *)call->request, call->arena);
    const struct uuid id = uuid_new(call->now_ms);
    const char *ticket_id = arena_str(call->arena, id.text);
    if (!ticket->row && (ticket->row = arena_new(call->arena, Queue__TicketRow))) {
        queue__ticket_row__init(ticket->row);
        ticket->row->user_id = call->caller->user_id;
    }
    if (!wishes || !ticket_id || !ticket->row) return no_room(err);
    if (ticket_is_live(ticket->row))
        return are_the_same(ticket->row->wishes, wishes, call->arena) ||
               err_fail(err, ALREADY_QUEUED, "you wait in the queue already, for something else");
    if (!check_pause(ticket->row, call->now_ms, err)) return false;
    ticket_begin(ticket->row, ticket_id, wishes, call->now_ms);
    *changed = true;
    return true;
}

HANDLER(join_queue, Ai__JoinQueueRequest, Ai__QueueTicket)
{
    struct ticket ticket;
    if (!check_wishes(request, err) || !change_own(call, join_own, &ticket, err)) return false;
    reply->existing = ticket.row->joined_ms != call->now_ms;
    return show_own(call, &ticket, reply, err);
}

// ---- Looking

// That it was shown is noted on the way; if it is not, then it just does not count.
static void note_shown(struct rpc_call *call, struct ticket *ticket, const Queue__OfferRow *offer)
{
    const struct ai *ai = call->service;
    Queue__TicketRow *row = ticket->row;
    const bool shows = offer && row->state == QUEUE__TICKET_ROW__STATE__OFFERED && !row->shown_ms;
    if (!shows && !row->unheard) return;
    if (shows) row->shown_ms = call->now_ms;
    row->unheard = false;
    rpc_wait_for(call, ticket_queue(ai, ticket, 0));
}

static bool not_queued(struct err *err) { return err_fail(err, NOT_FOUND, "you are not in the queue"); }

HANDLER(get_queue, Ai__QueueRequest, Ai__QueueTicket)
{
    const struct ai *ai = call->service;
    const Queue__OfferRow *offer;
    struct ticket ticket;
    if (!ticket_find(ai->store, call->caller->user_id, call->arena, &ticket, err)) return false;
    if (!ticket.row) return not_queued(err);
    if (!queue_find_offer(call, ticket.row, &offer, err) || !queue_show(call, ticket.row, offer, reply, err))
        return false;
    note_shown(call, &ticket, offer);
    return true;
}

// ---- Leaving

// Who lets an offer down by saying so is not offered that event again for a while, also when they join anew:
// or they could have others called together for nothing as often as they like.
static bool leave_as(struct rpc_call *call, struct ticket *ticket, Ai__QueueTicket__Out out, struct err *err)
{
    Queue__TicketRow *row = ticket->row;
    if (row->event_id[0] && !ticket_refuse_event(row, row->event_id, call->arena)) return no_room(err);
    ticket_end(row, out, call->now_ms);
    return true;
}

static bool under_way(struct err *err)
{
    return err_fail(err, SEAT_UNDER_WAY, "the seat is being taken; give it back at the event");
}

static bool leave_own(struct rpc_call *call, struct ticket *ticket, bool *changed, struct err *err)
{
    if (!ticket->row || !ticket_is_live(ticket->row)) return true;
    if (ticket->row->state == QUEUE__TICKET_ROW__STATE__SEATING) return under_way(err);
    *changed = true;
    return leave_as(call, ticket, AI__QUEUE_TICKET__OUT__LEFT, err);
}

HANDLER(leave_queue, Ai__QueueRequest, Google__Protobuf__Empty)
{
    struct ticket ticket;
    return change_own(call, leave_own, &ticket, err);
}

// ---- Offers

static bool is_of(const struct rpc_call *call, const struct ticket *ticket)
{
    const Ai__QueueOfferRequest *request = (const Ai__QueueOfferRequest *)call->request;
    return ticket->row && strcmp(ticket->row->offer_id, request->offer_id) == 0;
}

static bool refuse_over(struct err *err)
{
    return err_fail(err, OFFER_OVER, "the offer does not stand, or is not yours");
}

static bool accept_own(struct rpc_call *call, struct ticket *ticket, bool *changed, struct err *err)
{
    if (!is_of(call, ticket)) return refuse_over(err);
    switch (ticket->row->state) {
    case QUEUE__TICKET_ROW__STATE__ACCEPTED:
    case QUEUE__TICKET_ROW__STATE__SEATING:
    case QUEUE__TICKET_ROW__STATE__SEATED:
        return true;
    case QUEUE__TICKET_ROW__STATE__OFFERED:
        if (call->now_ms >= ticket->row->deadline_ms) return refuse_over(err);
        ticket_accept(ticket->row, call->now_ms);
        *changed = true;
        return true;
    default:
        return refuse_over(err);
    }
}

static bool decline_own(struct rpc_call *call, struct ticket *ticket, bool *changed, struct err *err)
{
    if (!is_of(call, ticket)) return refuse_over(err);
    switch (ticket->row->state) {
    case QUEUE__TICKET_ROW__STATE__SEATING:
        return under_way(err);
    case QUEUE__TICKET_ROW__STATE__OFFERED:
    case QUEUE__TICKET_ROW__STATE__ACCEPTED:
        *changed = true;
        return leave_as(call, ticket, AI__QUEUE_TICKET__OUT__DECLINED, err);
    default:
        return ticket->row->out == AI__QUEUE_TICKET__OUT__DECLINED || refuse_over(err);
    }
}

HANDLER(accept_offer, Ai__QueueOfferRequest, Ai__QueueTicket)
{
    struct ticket ticket;
    return change_own(call, accept_own, &ticket, err) && show_own(call, &ticket, reply, err);
}

HANDLER(decline_offer, Ai__QueueOfferRequest, Ai__QueueTicket)
{
    struct ticket ticket;
    return change_own(call, decline_own, &ticket, err) && show_own(call, &ticket, reply, err);
}

const struct rpc_method ai_queue_methods[] = {
    RPC_METHOD("ai.JoinQueue", join_queue),       RPC_METHOD("ai.GetQueue", get_queue),
    RPC_METHOD("ai.LeaveQueue", leave_queue),     RPC_METHOD("ai.AcceptOffer", accept_offer),
    RPC_METHOD("ai.DeclineOffer", decline_offer), {0},
};
