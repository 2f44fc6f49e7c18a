// What a seat costs, from a request into the terms of an event; and what chain must offer for its terms.
#ifndef EVENTS_HANDLERS_PRICES_H
#define EVENTS_HANDLERS_PRICES_H

#include "services/events/live/command.h"

// Of a new event, or all of them anew.
MUST_CHECK bool price_fill(const struct events *events, Game__Terms *terms, const Events__Price *price,
                           const Events__PaymentTerms *said, struct arena *arena, struct err *err);
MUST_CHECK bool price_edit(const struct command *command, Game__Terms *terms,
                           const Events__UpdateEventRequest *request, struct err *err);

// Whether deals may wait for a block of chain's cluster.
MUST_CHECK bool beacon_is_taken(const struct events *events, struct arena *arena, struct err *err);

#endif
