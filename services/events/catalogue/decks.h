// Decks: checked against the catalogue, and in the form of the entry that opens an event.
#ifndef EVENTS_CATALOGUE_DECKS_H
#define EVENTS_CATALOGUE_DECKS_H

#include "services/events/events.h"

// The first CONSE_FORMAT whose programs know of a role that it meets; see replica_all_know.
enum { MEETS_SINCE = 3 };

// NOT_FOUND.
MUST_CHECK bool deck_find(struct events *events, const char *deck_id, struct arena *arena,
                          Game__DeckRow **row, uint64_t *version, struct err *err);
// Every role and card exists, is enabled, is named once, and has no more copies than in the catalogue.
// DECK_INVALID.
MUST_CHECK bool deck_check(struct events *events, const Events__Deck *deck, struct arena *arena,
                           struct err *err);
// The deck with its roles' facts, sorted by role id, and its hash.
MUST_CHECK bool deck_fill(struct events *events, const Events__Deck *deck, struct arena *arena,
                          Game__Opened *opened, struct err *err);
// A role's facts for the game. INVALID_FIELD when there is none.
MUST_CHECK bool role_facts_find(struct events *events, const char *role_id, struct arena *arena,
                                Game__RoleFacts **facts, struct err *err);

#endif
