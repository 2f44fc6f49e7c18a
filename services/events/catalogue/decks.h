// Decks against the catalogue, and as the entry that opens an event has them.
#ifndef EVENTS_CATALOGUE_DECKS_H
#define EVENTS_CATALOGUE_DECKS_H

#include "services/events/events.h"

// NOT_FOUND.
MUST_CHECK bool deck_find(struct events *events, const char *deck_id, struct arena *arena,
                          Game__DeckRow **row, uint64_t *version, struct err *err);
// Every role and card exists, is enabled, is named once, and not in more copies than the catalogue has.
// DECK_INVALID.
MUST_CHECK bool deck_check(struct events *events, const Events__Deck *deck, struct arena *arena,
                           struct err *err);
// The deck with its roles' facts, sorted by role id, and its hash.
MUST_CHECK bool deck_fill(struct events *events, const Events__Deck *deck, struct arena *arena,
                          Game__Opened *opened, struct err *err);
// What a game must know of a role. INVALID_FIELD when there is none.
MUST_CHECK bool role_facts_find(struct events *events, const char *role_id, struct arena *arena,
                                Game__RoleFacts **facts, struct err *err);

#endif
