// Who is named in a text by @username: users that may read the room as it is now, each
// once.
#ifndef EVENTS_CHAT_MENTIONS_H
#define EVENTS_CHAT_MENTIONS_H

#include "lib/names/names.h"
#include "services/events/chat/rights.h"
#include "services/events/chat/talk.h"

struct mentions {
    struct uuid users[TALK_MAX_MENTIONS];
    const char *ids[TALK_MAX_MENTIONS];
    size_t count;
};

void mentions_find(struct mentions *mentions, struct names *names, const struct game *game,
                   const struct room *room, int64_t now_ms, const char *text);

#endif
