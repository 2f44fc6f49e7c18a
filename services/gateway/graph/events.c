#include "services/gateway/graph/events.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/gateway/feed/ids.h"
#include "services/gateway/graph/following.h"

#define NEXT "event: next\ndata: "
#define END "\n\n"
#define COMPLETE "event: complete\ndata: \n\n"

struct events {
    struct line line;
    struct following following;
    char secret[IDS_SECRET + 1];
};

static void events_write(struct events *events, const char *text)
{
    pipe_copy(&events->line.pipe, text, strlen(text));
}

// ---- What is told

static void write_id(struct events *events, const char *cursor)
{
    char id[CURSOR_TEXT + IDS_SECRET + 8];
    if (!*cursor) return;
    snprintf(id, sizeof id, "id: %s%s%s\n", cursor, *events->secret ? "." : "", events->secret);
    events_write(events, id);
}

static void on_next(void *arg, struct shared *answer, const char *cursor)
{
    struct events *events = arg;
    write_id(events, cursor);
    events_write(events, NEXT);
    pipe_share(&events->line.pipe, answer, 0, answer->len);
    events_write(events, END);
}

static void on_ready(void *arg)
{
    struct events *events = arg;
    pipe_flush(&events->line.pipe);
    if (events->line.viewer.counted) feed_writable(&events->line.viewer);
}

static void on_over(void *arg, const char *errors, size_t len)
{
    struct events *events = arg;
    events_write(events, NEXT "{\"errors\":");
    pipe_copy(&events->line.pipe, errors, len);
    events_write(events, "}" END COMPLETE);
}

static const struct following_owner following_owner = {on_next, on_ready, on_over};

// ---- Its line

static void on_deliver(void *arg, const struct feed_message *message)
{
    (void)arg;
    following_deliver(message);
}

static bool on_waits(void *arg) { return following_is_busy(&((struct events *)arg)->following); }

static void on_remind(void *arg) { events_write(arg, ": renew\n\n"); }

// A message with an id and nothing else sets EventSource's place, and is not told to pages.
static void on_beat(void *arg)
{
    struct events *events = arg;
    char text[32], cursor[CURSOR_TEXT] = "";
    if (events->following.sub) feed_cursor(events->following.sub, cursor);
    write_id(events, cursor);
    snprintf(text, sizeof text, ": %" PRId64 "\n\n", clock_unix_ms());
    events_write(events, text);
}

// Other events than the two would make clients give up.
static void on_bye(void *arg, const char *why, int64_t retry_ms)
{
    char text[80];
    if (strcmp(why, "ENDED") == 0) return;
    snprintf(text, sizeof text, "retry: %" PRId64 "\n: bye %s\n\n", retry_ms, why);
    events_write(arg, text);
}

static void on_gone(void *arg)
{
    struct events *events = arg;
    following_lose(&events->following);
    sodium_memzero(events->secret, sizeof events->secret);
    free(events);
}

static const struct line_form form = {on_deliver, on_waits, on_remind, on_bye, on_beat, on_gone};

bool events_open(const struct events_request *request, struct err *err)
{
    struct events *events = calloc(1, sizeof *events);
    struct line *line = &events->line;
    char text[48];
    if (!events) abort();
    events->following.owner = &following_owner;
    events->following.arg = events;
    if (request->secret) snprintf(events->secret, sizeof events->secret, "%s", request->secret);
    snprintf(text, sizeof text, "retry: %" PRId64 "\n\n", line_retry_ms());
    bool joined = line_join(line, &request->line, &form, events, err);
    line->viewer.tab = request->tab;
    if (joined) events_write(events, text);
    if (joined &&
        following_open(&events->following, request->graphs, request->run, request->request, &line->viewer,
                       request->after, err) &&
        line_open(line, &request->line, err))
        return true;
    line_close(line);
    return false;
}

void events_wrap(struct buf *answer)
{
    size_t len;
    char *json = buf_take(answer, &len);
    buf_str(answer, NEXT);
    buf_append(answer, json, len);
    buf_str(answer, END COMPLETE);
    free(json);
}
