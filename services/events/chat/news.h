// That somebody is named in a message goes to their own topic, once, whatever dies in between: a row that is
// stored before the message says that it is to be told, and goes when it was. A thread looks at rows that
// were left, and announces what is stored, because the number of an entry is known only then.
#ifndef EVENTS_CHAT_NEWS_H
#define EVENTS_CHAT_NEWS_H

#include "services/events/chat/rooms.h"

struct room_news;

MUST_CHECK bool room_news_start(struct room_news **news, struct events *events, struct err *err);
void room_news_rest(struct room_news *news); // ends the thread, which reads the store. NULL is fine
void room_news_stop(struct room_news *news); // frees, when the store is closed. NULL is fine

// Before a message is queued, under the room's lock: its row, resting on ticket `after`. Returns what the
// message rests on; `after` when there is nobody to tell.
uint64_t room_news_begin(struct open_room *open, const struct said *said, uint64_t after);
// After a message was queued, under the room's lock: tells those that it mentions, but not its writer, behind
// it and once. title: of the event.
void room_news_mention(struct open_room *open, const struct said *said, const char *title,
                       struct arena *arena);
// Tells what a process left that was killed in between, of rows that are older than what is on its way.
MUST_CHECK bool room_news_look(struct events *events, int64_t now_ms, struct err *err);

#endif
