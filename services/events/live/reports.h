// An event's closed phases as everybody sees them, each packed once: a closed phase never changes, but for
// the end, when everybody sees all, and for what its players are called. Under the aggregate's lock.
#ifndef EVENTS_LIVE_REPORTS_H
#define EVENTS_LIVE_REPORTS_H

#include "services/events/game/view/view.h"

struct reports {
    ProtobufCBinaryData *all; // events.PhaseReport by the phase's number - 1; without bytes: not made yet
    bool over;                // made after the end
    uint64_t names;           // as of which they were made
    size_t bytes;
};

// True when this viewer sees no more of the closed phases than everybody does.
bool reports_fit(const struct viewer *viewer);
// The reports of a page, which is filled as by view_phases, made where they are missing; valid until the lock
// is left. The game is the aggregate's, or the one that is shown late. NULL without memory.
const ProtobufCBinaryData *reports_page(struct reports *reports, const struct game *game,
                                        struct view_page *page, size_t *count, struct arena *arena);
void reports_forget(struct reports *reports);

#endif
