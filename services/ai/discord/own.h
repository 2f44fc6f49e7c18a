// Answers about the account of who asks: /link, /tips. They are for the asker alone.
#ifndef AI_DISCORD_OWN_H
#define AI_DISCORD_OWN_H

#include "services/ai/discord/said.h"
#include "services/ai/discord/work.h"

void own_say(struct work *work, struct said *said);

#endif
