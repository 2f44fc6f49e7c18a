// The names under which people are shown, by what auth has told of them. Views of a game have them; nothing
// that is stored or hashed of a game does.
#ifndef EVENTS_NAMES_SHOW_H
#define EVENTS_NAMES_SHOW_H

#include "lib/names/names.h"
#include "services/events/game/game.h"

// Gives the game's people, its god and the assistants their present names, no two alike: a name that is
// unknown, or now another's, or looks like an earlier player's, gets a mark behind it. Call it before the
// game is shown; it is cheap when nothing is new.
void names_show(struct names *names, struct game *game);
// The present name of one user, "" when auth has told of none; with the mark when it is now another's.
void names_of(struct names *names, const char *user_id, char name[PERSON_NAME]);

#endif
