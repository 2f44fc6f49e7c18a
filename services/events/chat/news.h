// That somebody is named in a message goes to their own topic. What is stored there is announced by a thread,
// because the number of an entry is known only when it is stored.
#ifndef EVENTS_CHAT_NEWS_H
#define EVENTS_CHAT_NEWS_H

#include "services/events/chat/rooms.h"

struct room_news;

MUST_CHECK bool room_news_start(struct room_news **news, struct events *events, struct err *err);
void room_news_rest(struct room_news *news); // ends the thread, which reads the store. NULL is fine
void room_news_stop(struct room_news *news); // frees, when the store is closed. NULL is fine

// After a message was queued, under the room's lock: tells those that it mentions, but not its writer, behind
// it and once. title: of the event.
void room_news_mention(struct open_room *open, const struct said *said, const char *title,
                       struct arena *arena);

#endif
