// The stream events.games: finished games, one entry each, for services that learn from games. It has what
// everybody may read by then and nothing of a game that runs. Made from the events' own streams by the
// projector's thread, and completed by its first sweep.
#ifndef EVENTS_TOPICS_FINISHED_H
#define EVENTS_TOPICS_FINISHED_H

#include "services/events/events.h"

#define GAMES_STREAM "events.games"
#define GAMES_KIND "GAME"

// Tells of the event, when it is finished and was not told of; returns when that is durable. Once, however
// often: the entry has the one that finished the game as its source.
MUST_CHECK bool finished_run(struct events *events, const char *event_id, struct arena *arena,
                             struct err *err);

#endif
