// Wall time and IANA zones. A wall time that the clocks skip is taken after the gap (later by the length of
// the gap); of one that happens twice the first is taken. Thread-safe.
#ifndef EVENTS_GAME_ZONE_H
#define EVENTS_GAME_ZONE_H

#include "lib/base/err.h"

// local: 2026-12-01T20:30:00, whose form was checked. INVALID_FIELD for starts_at.zone when there is no such
// zone.
MUST_CHECK bool zone_to_utc(const char *local, const char *zone, int64_t *unix_ms, struct err *err);

struct arena;
struct game;
// The event as an iCalendar object (RFC 5545) with its time zone; NULL when the arena is full.
char *calendar_write(const struct game *game, const char *name, struct arena *arena);

#endif
