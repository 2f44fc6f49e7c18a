// What a user was told, as their readers see it: the stream users.<id>, and the user's place in it.
#ifndef EVENTS_TOPICS_TOLD_H
#define EVENTS_TOPICS_TOLD_H

#include "events.pb-c.h"
#include "lib/base/cursor.h"
#include "notifications.pb-c.h"
#include "services/events/events.h"

enum { TOLD_KEY = 16 };

// Whose view of which stream a cursor is of. All viewers are the user.
struct told_view {
    uint8_t key[TOLD_KEY];
    char epoch[CURSOR_EPOCH + 1];
};

void told_view_make(struct told_view *view, struct store *store, const char *user_id);
void told_cursor(const struct told_view *view, uint64_t seq, char text[CURSOR_TEXT]);

// A stored notice without index and cursor; NULL when it can't be read.
Events__MeEntry *told_entry(const ProtobufCBinaryData *bytes, struct arena *arena);
Events__Preferences__About told_about(const char *kind);

// After something was told and stored: says so on the bus, to the other processes, and to the user's
// browsers.
MUST_CHECK bool told_publish(struct events *events, const char *user_id, struct err *err);

// What is kept of a user's news goes, for good. Blocks until it is gone.
MUST_CHECK bool told_forget(struct events *events, const char *user_id, struct err *err);

#endif
