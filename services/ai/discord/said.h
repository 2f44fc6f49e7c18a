// Summaries as messages for Discord, in which what people wrote is harmless. Pure.
#ifndef AI_DISCORD_SAID_H
#define AI_DISCORD_SAID_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "services/ai/summaries/extract.h"

// Of a message, counted as UTF-16 does; and how many messages an answer has at most.
enum { SAID_CHARACTERS = 2000, SAID_MESSAGES = 3 };

struct said_summary {
    const struct window *window;
    const struct bullets *bullets;
    const char *guild_id, *channel_id;
    const char *head, *note; // lines before; the note may be ""
};

struct said {
    const char *messages[SAID_MESSAGES];
    size_t count;
};

// Whole lines, in the arena; what has no room is left out. NULL messages without memory.
void said_summary(const struct said_summary *summary, struct arena *arena, struct said *said);

#endif
