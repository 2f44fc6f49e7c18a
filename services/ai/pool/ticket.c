#include "services/ai/pool/ticket.h"

#include <string.h>

#define STATE(row, name) ((row)->state == QUEUE__TICKET_ROW__STATE__##name)

bool ticket_waits(const Queue__TicketRow *row) { return STATE(row, WAITING) && !row->unheard; }

bool ticket_is_live(const Queue__TicketRow *row)
{
    return STATE(row, WAITING) || STATE(row, OFFERED) || STATE(row, ACCEPTED) || STATE(row, SEATING);
}

bool ticket_is_asked(const Queue__TicketRow *row, const char *offer_id)
{
    return (STATE(row, OFFERED) || STATE(row, ACCEPTED)) && strcmp(row->offer_id, offer_id) == 0;
}

static void enter_state(Queue__TicketRow *row, Queue__TicketRow__State state, int64_t now_ms)
{
    row->state = state;
    row->changed_ms = now_ms;
}

void ticket_begin(Queue__TicketRow *row, const char *ticket_id, const Queue__Wishes *wishes, int64_t now_ms)
{
    const Queue__TicketRow before = *row;
    queue__ticket_row__init(row);
    row->user_id = before.user_id;
    row->timed_out_ms = before.timed_out_ms;
    row->n_timed_out_ms = before.n_timed_out_ms;
    row->pauses = before.pauses;
    row->paused_until_ms = before.paused_until_ms;
    if (before.changed_ms + TICKET_AGAIN_MS > now_ms) {
        row->refused_event_ids = before.refused_event_ids;
        row->n_refused_event_ids = before.n_refused_event_ids;
    }
    row->ticket_id = ticket_id;
    row->wishes = (Queue__Wishes *)wishes;
    row->joined_ms = now_ms;
    row->expires_ms = now_ms + TICKET_LIFE_MS;
    enter_state(row, QUEUE__TICKET_ROW__STATE__WAITING, now_ms);
}

void ticket_offer(Queue__TicketRow *row, const Queue__OfferRow *offer, int64_t now_ms)
{
    row->offer_id = offer->id;
    row->event_id = offer->event_id;
    row->deadline_ms = offer->deadline_ms;
    row->shown_ms = 0;
    row->waited_ms = now_ms > row->joined_ms ? now_ms - row->joined_ms : 0;
    enter_state(row, QUEUE__TICKET_ROW__STATE__OFFERED, now_ms);
}

void ticket_accept(Queue__TicketRow *row, int64_t now_ms)
{
    row->shown_ms = now_ms;
    enter_state(row, QUEUE__TICKET_ROW__STATE__ACCEPTED, now_ms);
}

void ticket_sit(Queue__TicketRow *row, int64_t now_ms)
{
    enter_state(row, QUEUE__TICKET_ROW__STATE__SEATING, now_ms);
}

void ticket_seat(Queue__TicketRow *row, const Events__Reservation *reservation, int64_t now_ms)
{
    row->seat_state = (uint32_t)reservation->state;
    row->position = reservation->position;
    row->payment_id = reservation->payment_id;
    enter_state(row, QUEUE__TICKET_ROW__STATE__SEATED, now_ms);
}

static Queue__Miss *miss_of(const Queue__TicketRow *row, Ai__QueueMiss__Reason reason, int64_t now_ms,
                            struct arena *arena)
{
    Queue__Miss *missed = arena_new(arena, Queue__Miss);
    if (!missed) return NULL;
    queue__miss__init(missed);
    missed->event_id = row->event_id;
    missed->reason = (uint32_t)reason;
    missed->time_ms = now_ms;
    return missed;
}

void ticket_wait_on(Queue__TicketRow *row, int64_t now_ms)
{
    row->offer_id = row->event_id = "";
    row->deadline_ms = row->shown_ms = row->waited_ms = 0;
    enter_state(row, QUEUE__TICKET_ROW__STATE__WAITING, now_ms);
}

bool ticket_return(Queue__TicketRow *row, Ai__QueueMiss__Reason reason, int64_t now_ms, struct arena *arena)
{
    Queue__Miss *missed = miss_of(row, reason, now_ms, arena);
    if (!missed) return false;
    row->missed = missed;
    ticket_wait_on(row, now_ms);
    return true;
}

// The oldest gives way.
bool ticket_refuse_event(Queue__TicketRow *row, const char *event_id, struct arena *arena)
{
    const size_t most = TICKET_REFUSED_MOST - 1, count = row->n_refused_event_ids;
    const size_t kept = count > most ? most : count;
    const char **ids = arena_array(arena, kept + 1, sizeof *ids);
    if (!ids) return false;
    for (size_t i = 0; i < kept; i++) ids[i] = row->refused_event_ids[count - kept + i];
    ids[kept] = event_id;
    row->refused_event_ids = ids;
    row->n_refused_event_ids = kept + 1;
    return true;
}

// Of which offer it was stays known, so that what is said again is understood.
void ticket_end(Queue__TicketRow *row, Ai__QueueTicket__Out out, int64_t now_ms)
{
    row->out = (uint32_t)out;
    enter_state(row, QUEUE__TICKET_ROW__STATE__OUT, now_ms);
}

// ---- Offers that were not answered

uint32_t ticket_timed_out(const Queue__TicketRow *row, int64_t now_ms)
{
    uint32_t count = 0;
    for (size_t i = 0; i < row->n_timed_out_ms; i++) count += row->timed_out_ms[i] + TICKET_HOUR_MS > now_ms;
    return count;
}

static uint32_t pauses_at(const Queue__TicketRow *row, int64_t now_ms)
{
    return row->paused_until_ms + TICKET_PAUSES_MS > now_ms ? row->pauses : 0;
}

int64_t ticket_pause_ms(const Queue__TicketRow *row, int64_t now_ms)
{
    static const int64_t minutes[] = {5, 15, 60};
    const size_t most = sizeof minutes / sizeof *minutes - 1;
    const uint32_t pauses = pauses_at(row, now_ms);
    return minutes[pauses < most ? pauses : most] * 60000;
}

// With a pause those that led to it are done with.
static bool count_time_out(Queue__TicketRow *row, int64_t now_ms, struct arena *arena)
{
    int64_t *times = arena_array(arena, TICKET_TIMED_OUT_MOST, sizeof *times);
    size_t count = 0;
    if (!times) return false;
    for (size_t i = 0; i < row->n_timed_out_ms && count < TICKET_TIMED_OUT_MOST - 1; i++)
        if (row->timed_out_ms[i] + TICKET_HOUR_MS > now_ms) times[count++] = row->timed_out_ms[i];
    times[count++] = now_ms;
    row->timed_out_ms = times;
    row->n_timed_out_ms = count;
    if (count < TICKET_TIMED_OUT_MOST) return true;
    const int64_t pause_ms = ticket_pause_ms(row, now_ms);
    row->pauses = pauses_at(row, now_ms) + 1;
    row->paused_until_ms = now_ms + pause_ms;
    row->n_timed_out_ms = 0;
    return true;
}

// They asked since then, and so know it.
static bool was_unheard(const Queue__TicketRow *row, int64_t now_ms)
{
    return row->missed && row->missed->reason == AI__QUEUE_MISS__REASON__UNHEARD &&
           row->missed->time_ms + TICKET_HOUR_MS > now_ms;
}

bool ticket_time_out(Queue__TicketRow *row, int64_t now_ms, struct arena *arena)
{
    if (!row->shown_ms && !was_unheard(row, now_ms)) {
        row->unheard = true;
        return ticket_return(row, AI__QUEUE_MISS__REASON__UNHEARD, now_ms, arena);
    }
    ticket_end(row, AI__QUEUE_TICKET__OUT__TIMED_OUT, now_ms);
    return !row->shown_ms || count_time_out(row, now_ms, arena);
}
