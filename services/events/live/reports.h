// An event's closed phases as everybody sees them, each packed once. A closed phase changes only at the end,
// when everybody sees all, and when its players' names or the titles of their roles change. Under the
// aggregate's lock.
#ifndef EVENTS_LIVE_REPORTS_H
#define EVENTS_LIVE_REPORTS_H

#include "services/events/game/view/view.h"

struct reports {
    ProtobufCBinaryData *all; // events.PhaseReport by the phase's number - 1; without bytes: not made yet
    bool over;                // made after the end
    uint64_t names;           // version of the names in them
    uint32_t claims;          // of guests' seats, before it was made
    uint64_t dress;           // version of what the page's dress put in
    size_t bytes;
};

// True when this viewer sees no more of the closed phases than everybody does.
bool reports_fit(const struct viewer *viewer);
// The reports of a page filled by view_phases, made where they are missing; valid until the lock is left. The
// game is the aggregate's, or the late one. NULL without memory.
const ProtobufCBinaryData *reports_page(struct reports *reports, const struct game *game,
                                        struct view_page *page, size_t *count, struct arena *arena);
void reports_forget(struct reports *reports);

#endif
