// What was said in a channel: the answer to /catchup.
#ifndef AI_DISCORD_CATCHUP_H
#define AI_DISCORD_CATCHUP_H

#include "services/ai/discord/said.h"
#include "services/ai/discord/work.h"

// Never fails for good: then it says what was in the way.
void catchup_say(struct work *work, struct said *said);

#endif
