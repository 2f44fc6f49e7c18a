// What a channel of Discord is told of an event: one message, in words, of what everybody may see.
#ifndef EVENTS_PUSH_NOTICE_H
#define EVENTS_PUSH_NOTICE_H

#include "lib/base/buf.h"
#include "notifications.pb-c.h"
#include "services/events/push/topic_rows.h"

enum { NOTICE_KINDS = 10 };

// Kinds of entries that the notices are made of, NULL-ended, to be filled from `kinds`.
size_t notice_kinds(const Events__DiscordNotice__Value *filter, size_t count,
                    const char *kinds[NOTICE_KINDS]);
// Whether the URL is that of a webhook of Discord, or of this machine, for tests.
bool notice_takes(const char *url, bool loopback);

// Appends the JSON body for an entry; nothing when it says nothing there, or its event is gone.
MUST_CHECK bool notice_write(struct buf *body, struct events *events, const Events__TopicEntry *entry,
                             const Push__Published *published, struct arena *arena, struct err *err);

#endif
