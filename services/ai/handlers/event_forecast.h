// How likely each side of an event is to win, before it is locked.
#ifndef AI_HANDLERS_EVENT_FORECAST_H
#define AI_HANDLERS_EVENT_FORECAST_H

#include "ai.pb-c.h"
#include "events.pb-c.h"
#include "lib/rpc/server.h"

// An event as events shows it to the caller.
struct event_shown {
    const Events__Event *event;
    const Events__Deck *deck;
    const Events__ListWaitlistReply *waitlist; // NULL: the caller does not lead the event
};

// EVENT_NOT_OPEN once it is locked, and when it is over.
MUST_CHECK bool event_forecast_is_due(const Events__Event *event, struct err *err);
MUST_CHECK bool event_forecast_fill(struct rpc_call *call, const struct event_shown *shown,
                                    Ai__EventForecast *reply, struct err *err);

#endif
