// Reading an event's entries as a viewer may see them: for the log, and for the topics of the event. The
// entries are chosen under the event's lock and read from the store after it.
#ifndef EVENTS_TOPICS_EVENT_LOG_H
#define EVENTS_TOPICS_EVENT_LOG_H

#include "lib/bus/feed.h"
#include "services/events/live/command.h"
#include "services/events/topics/places.h"

enum { EVENT_LOG_MOST = 500, EVENT_LOG_MOST_BYTES = 256 << 10 };

struct event_log_page {
    struct log_place places[EVENT_LOG_MOST];
    size_t count;
    uint64_t next; // index after the last
    bool open;     // the game is over
    Events__LogEntry **entries;
    size_t entries_count; // fewer than count when the size limit was reached
};

// Under the lock. until: newest entry that may be read.
void event_log_choose(struct event_log_page *page, const struct command *command, const struct viewer *viewer,
                      uint64_t from, size_t limit);
// Outside the lock.
MUST_CHECK bool event_log_fetch(struct event_log_page *page, struct store *store, const char *event_id,
                                const struct viewer *viewer, struct arena *arena, struct err *err);

// An entry without its numbers, from its packed Link; hidden: as a leaf. NULL with the reason.
Events__LogEntry *event_log_entry(const ProtobufCBinaryData *link, bool hidden, struct arena *arena,
                                  struct err *err);
// Whether these eyes get the entry as a leaf: sealed ones, and to an operator before the end those of a
// single player.
bool event_log_hides(struct audience audience, const struct viewer *eyes, bool over);

// The log as its caller, who is the watcher, sees it from this index on. Leaves the event.
MUST_CHECK bool event_log_read(struct command *command, const struct watcher *watcher, uint64_t from,
                               size_t limit, Events__LogReply *reply, struct err *err);
// A page of events.<id>.public or .god.
MUST_CHECK bool event_log_feed(struct command *command, bool public_only, uint64_t from, size_t limit,
                               struct feed_page *page, struct err *err);

#endif
