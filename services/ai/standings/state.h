// The standings as bytes. Equal standings have equal bytes, however they came to be.
#ifndef AI_STANDINGS_STATE_H
#define AI_STANDINGS_STATE_H

#include "lib/base/arena.h"
#include "services/ai/standings/standings.h"

// A belief as it is stored, in the arena; NULL without room.
Standings__Belief *standings_stored(struct arena *arena, struct rating belief);
// In the arena. INTERNAL_ERROR without room.
MUST_CHECK bool standings_save(const struct standings *standings, struct arena *arena,
                               ProtobufCBinaryData *bytes, struct err *err);
// Into standings that are as after init. False, with these as after init again, for what is no state of this
// form, which can be made anew from the entries.
bool standings_load(struct standings *standings, ProtobufCBinaryData bytes, struct arena *arena);

#endif
