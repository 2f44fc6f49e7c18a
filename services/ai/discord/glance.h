// Answers to commands that are a look at what there is: /stats, /event. They say nothing that everybody may
// not know.
#ifndef AI_DISCORD_GLANCE_H
#define AI_DISCORD_GLANCE_H

#include "services/ai/discord/said.h"
#include "services/ai/discord/work.h"

void glance_say(struct work *work, struct said *said);

#endif
