// Groups and decks for their owners: finding them, and judging the caller's right by the method's passport.
// Private to the room.
#ifndef EVENTS_HANDLERS_OWNED_H
#define EVENTS_HANDLERS_OWNED_H

#include "services/events/handlers/handlers.h"

// NOT_FOUND; no right is judged.
MUST_CHECK bool group_find(struct rpc_call *call, const char *id, Game__GroupRow **row, uint64_t *version,
                           struct err *err);
// The group that the method's owner names.
MUST_CHECK bool group_begin(struct rpc_call *call, Game__GroupRow **row, uint64_t *version, struct err *err);
// The deck that it names, whose owner is its group's god.
MUST_CHECK bool deck_begin(struct rpc_call *call, Game__DeckRow **row, uint64_t *version, struct err *err);

#endif
