// Answers about the account of who asks: /link, /tips, and their rating. They are for the asker alone.
#ifndef AI_DISCORD_OWN_H
#define AI_DISCORD_OWN_H

#include "services/ai/discord/said.h"
#include "services/ai/discord/work.h"

void own_say(struct work *work, struct said *said);
// Appends a line with the rating of the account that is linked; nothing without one.
void own_rating(struct work *work, struct buf *text);

#endif
