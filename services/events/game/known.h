// Whether an entry says only what this program knows. One of a newer program may have another kind, further
// fields or further values: to fold it without them would show a game that nobody played. Pure.
#ifndef EVENTS_GAME_KNOWN_H
#define EVENTS_GAME_KNOWN_H

#include <stdbool.h>

#include "game.pb-c.h"

bool entry_is_known(const Game__Entry *entry);

#endif
