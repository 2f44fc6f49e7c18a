// Answers to commands that are a look at what there is: /stats, /event. They say nothing that everybody may
// not know, but the asker's own rating.
#ifndef AI_DISCORD_GLANCE_H
#define AI_DISCORD_GLANCE_H

#include "events.pb-c.h"
#include "services/ai/discord/said.h"
#include "services/ai/discord/work.h"

// The event that the command names, as everybody may see it; NULL when there is none.
MUST_CHECK bool glance_event(struct work *work, const Events__Event **event, struct err *err);
void glance_say(struct work *work, struct said *said);

#endif
