#include "services/gateway/stream/hub.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/net/loop.h"
#include "services/gateway/stream/names.h"
#include "services/gateway/stream/topics.h"

struct hub_stream {
    struct name name;
    struct hub_subscription *first;
    bool emptied; // listed with those to be looked at after the walk
    struct hub_stream *next_emptied;
    char text[];
};

struct inbox {
    struct news **all;
    size_t count, room;
};

struct hub {
    struct topics *topics;
    struct loop *loop;
    size_t index;
    struct names streams;
    struct hub_subscription *next; // to be told next
    bool walking;                  // streams stay meanwhile
    struct hub_stream *emptied;
    struct news *overrun_news;
    pthread_mutex_t lock; // of what follows
    struct inbox inbox, taken;
    bool overrun;
};

// ---- News

struct news *news_hold(struct news *news)
{
    atomic_fetch_add_explicit(&news->holders, 1, memory_order_relaxed);
    return news;
}

void news_drop(struct news *news)
{
    if (!news || atomic_fetch_sub_explicit(&news->holders, 1, memory_order_acq_rel) > 1) return;
    shared_drop(news->payload);
    free(news);
}

// ---- Life

bool hub_create(struct hub **out, struct topics *topics, struct loop *loop, size_t index, struct err *err)
{
    struct hub *hub = calloc(1, sizeof *hub);
    if (!hub) return err_fail(err, INTERNAL_ERROR, "no memory");
    hub->topics = topics;
    hub->loop = loop;
    hub->index = index;
    hub->overrun_news = topics_news(&(Bus__Notice){.stream = "", .kind = NEWS_OVERRUN}, 0);
    pthread_mutex_init(&hub->lock, NULL);
    if (!hub->overrun_news) return hub_destroy(hub), err_fail(err, INTERNAL_ERROR, "no memory");
    topics_join(topics, hub, index);
    *out = hub;
    return true;
}

void hub_destroy(struct hub *hub)
{
    if (!hub) return;
    assert(hub->streams.count == 0);
    for (size_t i = 0; i < hub->inbox.count; i++) news_drop(hub->inbox.all[i]);
    free(hub->inbox.all);
    free(hub->taken.all);
    news_drop(hub->overrun_news);
    names_finish(&hub->streams);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

// ---- Subscriptions

static void forget_stream(struct hub *hub, struct hub_stream *stream)
{
    topics_unwant(hub->topics, stream->text, stream->name.hash, hub->index);
    names_remove(&hub->streams, &stream->name);
    free(stream);
}

static struct hub_stream *listen_to(struct hub *hub, const char *text, uint64_t hash, struct err *err)
{
    if (hub->streams.count >= HUB_STREAMS_MOST)
        return err_fail(err, SERVICE_BUSY, "too many streams are listened to"), NULL;
    size_t size = strlen(text) + 1;
    struct hub_stream *stream = calloc(1, sizeof *stream + size);
    if (!stream) return err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
    memcpy(stream->text, text, size);
    stream->name = (struct name){.hash = hash, .text = stream->text};
    if (names_add(&hub->streams, &stream->name)) {
        if (topics_want(hub->topics, text, hash, hub->index)) return stream;
        names_remove(&hub->streams, &stream->name);
    }
    free(stream);
    return err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
}

bool hub_subscribe(struct hub *hub, struct hub_subscription *subscription, const char *text, struct err *err)
{
    uint64_t hash = topics_hash(hub->topics, text);
    struct hub_stream *stream = (struct hub_stream *)names_find(&hub->streams, text, hash);
    if (!stream && !(stream = listen_to(hub, text, hash, err))) return false;
    subscription->stream = stream;
    subscription->next = stream->first;
    subscription->link = &stream->first;
    if (stream->first) stream->first->link = &subscription->next;
    stream->first = subscription;
    return true;
}

void hub_unsubscribe(struct hub *hub, struct hub_subscription *subscription)
{
    struct hub_stream *stream = subscription->stream;
    if (!stream) return;
    if (hub->next == subscription) hub->next = subscription->next;
    *subscription->link = subscription->next;
    if (subscription->next) subscription->next->link = subscription->link;
    subscription->stream = NULL;
    if (stream->first || stream->emptied) return;
    if (!hub->walking) return forget_stream(hub, stream);
    stream->emptied = true;
    stream->next_emptied = hub->emptied;
    hub->emptied = stream;
}

// ---- Delivery

static void hub_tell(struct hub *hub, struct hub_stream *stream, const struct news *news)
{
    for (struct hub_subscription *told = stream->first; told; told = hub->next) {
        hub->next = told->next;
        told->news(told->arg, news);
    }
}

static void tell_everybody(struct hub *hub, const struct news *news)
{
    for (size_t i = 0; i < hub->streams.size; i++)
        for (struct name *name = hub->streams.buckets[i]; name; name = name->next)
            hub_tell(hub, (struct hub_stream *)name, news);
}

static void begin_walk(struct hub *hub)
{
    assert(!hub->walking);
    hub->walking = hub->streams.still = true;
}

static void end_walk(struct hub *hub)
{
    hub->walking = hub->streams.still = false;
    for (struct hub_stream *stream = hub->emptied, *next; stream; stream = next) {
        next = stream->next_emptied;
        stream->emptied = false;
        if (!stream->first) forget_stream(hub, stream);
    }
    hub->emptied = NULL;
}

static void hub_empty(struct inbox *inbox)
{
    enum { KEPT = 1024 };
    inbox->count = 0;
    if (inbox->room <= KEPT) return;
    free(inbox->all);
    *inbox = (struct inbox){0};
}

static bool take_inbox(struct hub *hub)
{
    struct inbox taken = hub->taken;
    pthread_mutex_lock(&hub->lock);
    bool overrun = hub->overrun;
    hub->overrun = false;
    hub->taken = hub->inbox;
    hub->inbox = taken;
    pthread_mutex_unlock(&hub->lock);
    return overrun;
}

void hub_awake(struct hub *hub)
{
    bool overrun = take_inbox(hub);
    begin_walk(hub);
    for (size_t i = 0; i < hub->taken.count; i++) {
        struct news *news = hub->taken.all[i];
        struct hub_stream *stream = (struct hub_stream *)names_find(&hub->streams, news->stream, news->hash);
        if (stream) hub_tell(hub, stream, news);
        news_drop(news);
    }
    hub_empty(&hub->taken);
    if (overrun) tell_everybody(hub, hub->overrun_news);
    end_walk(hub);
    if (overrun) log_warn("news were dropped, as the loop does not keep up");
}

static bool has_room(struct inbox *inbox)
{
    enum { FIRST = 64 };
    if (inbox->count < inbox->room) return true;
    if (inbox->room == HUB_INBOX_MOST) return false;
    size_t room = inbox->room ? inbox->room * 2 : FIRST;
    struct news **bigger = realloc(inbox->all, room * sizeof *bigger);
    if (!bigger) return false;
    inbox->all = bigger;
    inbox->room = room;
    return true;
}

void hub_push(struct hub *hub, struct news *news)
{
    pthread_mutex_lock(&hub->lock);
    bool sleeps = hub->inbox.count == 0 && !hub->overrun;
    if (news && has_room(&hub->inbox))
        hub->inbox.all[hub->inbox.count++] = news_hold(news);
    else
        hub->overrun = true;
    pthread_mutex_unlock(&hub->lock);
    if (sleeps) loop_wake(hub->loop);
}
