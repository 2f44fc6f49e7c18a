// Following an event in tests, as a gateway does for its viewers.
#ifndef EVENTS_TESTING_FOLLOW_H
#define EVENTS_TESTING_FOLLOW_H

#include "lib/base/cursor.h"
#include "services/events/testing/table.h"

typedef const Events__FollowReply *follow_reply;
typedef const Events__FollowReply__View *follow_view;

// Of one viewer. more: further members of the request, each with a comma before it; or "".
static inline struct answer follow_try(struct service_world *world, const char *method,
                                       const struct asker *who, const char *after, const char *more)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{" EVENT ",'viewers':[{'user_id':'%s','level':%u,'after':'%s'}]%s}",
             who->user_id, who->level, after, more);
    return service_ask(world, &nobody, method, request);
}

static inline follow_reply follow_as(struct service_world *world, const char *method, const struct asker *who,
                                     const char *after, const char *more)
{
    struct answer answer = follow_try(world, method, who, after, more);
    if (!answer.ok) fprintf(stderr, "%s: %s\n", method, answer.err.message), _exit(1);
    return (follow_reply)answer.reply;
}

static inline follow_reply follow(struct service_world *world, const struct asker *who, const char *after)
{
    return follow_as(world, "events.FollowEvent", who, after, "");
}

static inline follow_reply follow_page(struct service_world *world, const struct asker *who,
                                       const char *after)
{
    return follow_as(world, "events.FollowEventPage", who, after, "");
}

struct cursor_text {
    char text[CURSOR_TEXT];
};

// What the viewer would have as cursor after this view.
static inline struct cursor_text cursor_after(follow_view view)
{
    struct cursor cursor = {.offset = view->place->offset};
    struct cursor_text out;
    assert_int_equal(view->place->key.len, CLASS_KEY);
    cursor_epoch(view->place->key.data, cursor.epoch);
    cursor_write(&cursor, out.text);
    return out;
}

// The cursor of who has just come.
static inline struct cursor_text cursor_now(struct service_world *world, const struct asker *who)
{
    follow_reply reply = follow_page(world, who, "");
    assert_int_equal(reply->views[0]->snapshot, 1);
    return cursor_after(reply->views[0]);
}

static inline struct cursor_text cursor_at(const char *cursor, uint64_t offset)
{
    struct cursor at;
    struct cursor_text out;
    assert_true(cursor_parse(cursor, &at));
    at.offset = offset;
    cursor_write(&at, out.text);
    return out;
}

static inline const Events__LogEntry *body_of(follow_reply reply, size_t view, size_t i)
{
    return reply->bodies[reply->views[view]->body[i]]->event;
}

static inline void assert_goes_on(follow_reply reply, size_t entries)
{
    follow_view view = reply->views[0];
    assert_int_equal(view->place->reset, EVENTS__RESET__REASON__NONE);
    assert_int_equal(view->snapshot, 0);
    assert_false(view->more);
    assert_int_equal(view->n_body, entries);
}

static inline void assert_begins_anew(follow_reply reply, Events__Reset__Reason reason)
{
    follow_view view = reply->views[0];
    assert_int_equal(view->place->reset, reason);
    assert_int_equal(view->snapshot, 1);
    assert_int_equal(reply->n_snapshots, 1);
    assert_int_equal(view->n_body, 0);
}

#endif
