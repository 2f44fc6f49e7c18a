// Where a viewer stands in an event's log: their class, its numbers of entries, and cursors.
#ifndef EVENTS_TOPICS_PLACES_H
#define EVENTS_TOPICS_PLACES_H

#include "lib/base/cursor.h"
#include "services/events/live/command.h"

struct watcher {
    struct viewer_class class;
    struct viewer eyes; // on the log
    struct class_key key;
    char epoch[CURSOR_EPOCH + 1];
};

// What a cursor is judged by.
struct watched {
    const char *user_id;
    const struct game *game; // as this viewer sees it
};

// Under the aggregate's lock. A user of this level, or nobody: "" and 0.
struct watcher watcher_of(struct aggregate *aggregate, const char *user_id, uint32_t level);
// Number of the newest entry that these eyes see, of those up to `until`.
uint64_t watcher_head(const struct game *game, const struct viewer *eyes, uint64_t until);
// Why a cursor of another epoch is no more good: RIGHTS when it is of another class of this viewer.
Events__Reset__Reason watcher_lost(struct aggregate *aggregate, const char *user_id, const char *epoch);
// NONE when the viewer goes on from the cursor, or why not. *ahead: they do, but the game does not have all
// that they have seen.
Events__Reset__Reason watcher_judge(struct aggregate *aggregate, const struct watcher *watcher,
                                    const struct watched *watched, const struct cursor *cursor, bool *ahead);
// When a late viewer sees more without any news, unix; 0: unknown, or the viewer is not late.
int64_t watcher_due_ms(const struct aggregate *aggregate, const struct watcher *watcher);
void watcher_cursor(const struct watcher *watcher, uint64_t offset, char text[CURSOR_TEXT]);
// How a GET that a stream continues says where: the caller has seen command->game as it is.
void place_tell(struct command *command);

#endif
