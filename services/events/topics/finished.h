// The stream events.games: finished games, one entry each, and one more whenever an account took a guest's
// seat over since, for services that learn from games. It has what everybody may read by then and nothing of
// a game that runs. The projector's thread makes it from the events' own streams, and its first sweep
// completes it.
#ifndef EVENTS_TOPICS_FINISHED_H
#define EVENTS_TOPICS_FINISHED_H

#include "services/events/events.h"

#define GAMES_STREAM "events.games"
#define GAMES_KIND "GAME"

// Publishes the event's game, when it is finished and not published yet; returns when that is durable. It has
// an effect once: the entry's source is the one that finished the game, or by which a seat was taken over
// since.
MUST_CHECK bool finished_run(struct events *events, const char *event_id, struct arena *arena,
                             struct err *err);

#endif
