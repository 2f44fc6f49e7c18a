// The tables that events keeps; tables.c has their indexes.
#ifndef EVENTS_TABLES_H
#define EVENTS_TABLES_H

#include "lib/store/store.h"

enum events_table {
    EVENTS_SIDES,
    EVENTS_ROLES,
    EVENTS_LAST_MOVES,
    EVENTS_GROUPS,
    EVENTS_DECKS,
    EVENTS_EVENTS,
    EVENTS_SEATS,
    EVENTS_SECRETS,
    EVENTS_IMAGES,
    EVENTS_IMAGE_TOUCHES,
    EVENTS_NOTICES,
    EVENTS_CONSUMED, // before the names, so that a dump of a store in use has no place ahead of them
    EVENTS_TOLD,     // likewise, of what was told
    EVENTS_NAMES,
    EVENTS_ROOM_CURSORS,
    EVENTS_ROOM_WRITERS,
    EVENTS_ROOMS,
    EVENTS_MENTIONS,
    EVENTS_SEEN,
    EVENTS_PREFERENCES,
    EVENTS_TOPICS,
    EVENTS_FED,
    EVENTS_DELIVERIES,
    EVENTS_DEAD_LETTERS,
    EVENTS_BROWSERS,
    EVENTS_LEASES,
    EVENTS_BEATS,
    EVENTS_KEYS,
    EVENTS_TABLES
};
extern const struct store_table events_tables[]; // by enum events_table, ended by a NULL name

#endif
