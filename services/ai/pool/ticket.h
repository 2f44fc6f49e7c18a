// What happens to somebody's ticket of the queue. Pure: rows are changed in place, what they point to is in
// the arena; they are stored by others.
#ifndef AI_POOL_TICKET_H
#define AI_POOL_TICKET_H

#include "ai.pb-c.h"
#include "lib/base/arena.h"
#include "queue.pb-c.h"

enum {
    TICKET_LIFE_MS = 24 * 3600 * 1000,
    TICKET_REFUSED_MOST = 20,  // events that are not offered again
    TICKET_TIMED_OUT_MOST = 3, // offers within an hour: then there is a pause
    TICKET_HOUR_MS = 3600 * 1000,
    TICKET_AGAIN_MS = 10 * 60 * 1000,    // how long refused events are remembered by who joins anew
    TICKET_PAUSES_MS = 24 * 3600 * 1000, // as long as pauses make the next one longer
};

bool ticket_waits(const Queue__TicketRow *row);   // and may be offered something
bool ticket_is_live(const Queue__TicketRow *row); // waits, or has an offer
bool ticket_is_asked(const Queue__TicketRow *row, const char *offer_id);

// Anew, with the penalties of the one before, and, if that ended just now, the events it refused.
void ticket_begin(Queue__TicketRow *row, const char *ticket_id, const Queue__Wishes *wishes, int64_t now_ms);
void ticket_offer(Queue__TicketRow *row, const Queue__OfferRow *offer, int64_t now_ms);
void ticket_accept(Queue__TicketRow *row, int64_t now_ms);
void ticket_sit(Queue__TicketRow *row, int64_t now_ms); // the seat is being taken
void ticket_seat(Queue__TicketRow *row, const Events__Reservation *reservation, int64_t now_ms);
// Back to the old place, as if nothing had been; and with what came of the offer. False without memory.
void ticket_wait_on(Queue__TicketRow *row, int64_t now_ms);
bool ticket_return(Queue__TicketRow *row, Ai__QueueMiss__Reason reason, int64_t now_ms, struct arena *arena);
// The event is not offered again. False without memory.
bool ticket_refuse_event(Queue__TicketRow *row, const char *event_id, struct arena *arena);
void ticket_end(Queue__TicketRow *row, Ai__QueueTicket__Out out, int64_t now_ms);
// The offer was not answered: it counts if it was shown. Else they wait, unheard; the second time within an
// hour they are out, or who never looks would hold up the others for nothing. False without memory.
bool ticket_time_out(Queue__TicketRow *row, int64_t now_ms, struct arena *arena);

// Of those that count at this time.
uint32_t ticket_timed_out(const Queue__TicketRow *row, int64_t now_ms);
int64_t ticket_pause_ms(const Queue__TicketRow *row, int64_t now_ms); // that would follow next

#endif
