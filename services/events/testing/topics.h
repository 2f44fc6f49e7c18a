// Topics of a god and a dev in tests, of an event that is of this moment, and what feeds them.
#ifndef EVENTS_TESTING_TOPICS_H
#define EVENTS_TESTING_TOPICS_H

#include <time.h>

#include "lib/base/clock.h"
#include "notifications.pb-c.h"
#include "services/events/push/feeder.h"
#include "services/events/streams.h"
#include "services/events/testing/table.h"

static inline int set_up_owner(void **state)
{
    set_up(state);
    service_teach(*state, god.user_id, "god", LEVEL_GOD);
    service_teach(*state, dev.user_id, "dev", LEVEL_DEV);
    return 0;
}

// Topics begin with the present of the wall clock, so the event's entries have to have it too.
static inline void open_now(struct service_world *world)
{
    char local[32];
    world->now_ms = clock_unix_ms() - 60000;
    time_t start = (time_t)(world->now_ms / 1000) + 86400;
    struct tm day;
    strftime(local, sizeof local, "%Y-%m-%dT%H:%M:%S", gmtime_r(&start, &day));
    open_event(world, "Evening", local);
    world->now_ms += 30000;
}

static inline struct uuid make_topic(struct service_world *world, const struct asker *who, const char *name,
                                     const char *pattern, const char *more)
{
    char request[WORLD_REQUEST];
    struct uuid id = {{0}};
    snprintf(request, sizeof request, "{'name':'%s','pattern':'%s'%s}", name, pattern, more);
    const Events__TopicReply *reply =
        (const void *)service_must(world, who, "events.CreateTopic", request).reply;
    strcpy(id.text, reply->topic->stream + strlen(TOPICS_PREFIX));
    return id;
}

static inline void retitle(struct service_world *world, const char *title)
{
    char request[WORLD_REQUEST];
    world->now_ms += 1000;
    snprintf(request, sizeof request, "{" EVENT ",'title':'%s'}", title);
    service_must(world, &god, "events.UpdateEvent", request);
}

static inline void feed(struct service_world *world)
{
    struct arena arena;
    struct err err = {0};
    bool late;
    arena_init(&arena, 8 << 20);
    struct feeder feeder = {&world->events, &arena, NULL, NULL};
    if (!feeder_look(&feeder, service_recall(world, "event"), &late, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

static inline uint64_t topic_head(struct service_world *world, struct uuid id)
{
    uint64_t head;
    struct err err;
    assert_true(store_head(world->events.store, topic_stream(id.text).text, &head, &err));
    return head;
}

#endif
