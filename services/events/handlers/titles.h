// Names that are put into replies when they are made: of roles and sides as the catalogue has them now, of
// gods and groups. What is stored has ids alone, except in the log. All is made in the call's arena; false
// when that is full. Private to the room.
#ifndef EVENTS_HANDLERS_TITLES_H
#define EVENTS_HANDLERS_TITLES_H

#include "services/events/handlers/handlers.h"

// What can be kept of a reply with names is out of date when one of these is another.
struct titles_version {
    uint64_t catalogue, groups;
};
struct titles_version titles_version(const struct events *events);

// Of an event that was filled by a view, and of its players. A group that can't be read has no name.
bool titles_event(struct events *events, Events__Event *event, struct arena *arena);
bool titles_player(struct events *events, Events__Player *player, struct arena *arena);
// An event of a list, by its god's present name too.
bool titles_summary(struct events *events, Events__Event *event, struct arena *arena);
// For reports: valid as long as events.
struct view_dress titles_dress(struct events *events);

// Copies for a reply, so that what is stored stays without names. NULL when the arena is full.
Events__Group *titles_group(struct events *events, const Events__Group *group, struct arena *arena);
Events__Deck *titles_deck(struct events *events, const Events__Deck *deck, struct arena *arena);

#endif
