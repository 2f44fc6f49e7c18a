// What a reader may read of rooms, of some hours: asked of events in the reader's name, page by page, so that
// what they may not read never arrives. It is kept until the window is closed, and nowhere else.
#ifndef AI_SUMMARIES_WINDOW_H
#define AI_SUMMARIES_WINDOW_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/ids.h"

enum { WINDOW_MESSAGES = 2000, WINDOW_BYTES = 1 << 20 }; // at most, of texts

struct window_message {
    struct uuid id;
    const char *room_id, *author, *text;
    const char *author_id; // the account's, or of the user of Discord
    int64_t time_ms;
};

struct window {
    struct window_message *messages; // one room after another, of each the oldest first
    size_t count;
    uint32_t textless; // were deleted, or are kept no more
    bool older;        // there are messages of these hours before those that were read
    size_t bytes;
    struct arena arena;
};

// One call of events for the reader; the reply is in the arena.
struct window_source {
    bool (*ask)(void *arg, const char *method, const ProtobufCMessage *request, struct arena *arena,
                ProtobufCMessage **reply, struct err *err);
    void *arg;
};

void window_open(struct window *window);
void window_close(struct window *window);
// The newest messages since then of a room, or of all rooms of an event that the reader may read. As events
// refuses it, when it does.
MUST_CHECK bool window_read_room(struct window *window, const struct window_source *source,
                                 const char *room_id, int64_t since_ms, struct err *err);
MUST_CHECK bool window_read_event(struct window *window, const struct window_source *source,
                                  const char *event_id, int64_t since_ms, struct err *err);

// Whether an author's messages are picked. False when nobody can say.
typedef bool window_may(void *arg, const char *author_id, bool *may, struct err *err);
// Those of its messages whose authors may; each author is asked about once. They last as long as the window.
// CALL_TOO_LARGE, or as `ask` fails.
MUST_CHECK bool window_pick(struct window *window, window_may *ask, void *arg, struct window *picked,
                            struct err *err);

#endif
