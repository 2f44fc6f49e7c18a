// What the methods of rooms share.
#ifndef EVENTS_HANDLERS_ROOMS_H
#define EVENTS_HANDLERS_ROOMS_H

#include "services/events/chat/show.h"
#include "services/events/chat/visit.h"

// The caller, for what is shown; part must outlive it.
struct reader reader_of(const struct visit *visit, const struct room_text *part);
// All texts that a message had, as far as they are stored.
MUST_CHECK bool rooms_add_texts(const struct visit *visit, const struct said *said, Events__Message *message,
                                struct err *err);

#endif
