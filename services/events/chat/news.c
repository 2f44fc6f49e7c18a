#include "services/events/chat/news.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/thread/periodic.h"
#include "services/events/streams.h"
#include "services/events/topics/told.h"

// PENDING: people whose topics are to be announced; of those beyond, their next news tells.
enum { PENDING = 1024, RARELY_MS = 3600 * 1000 };

struct room_news {
    struct events *events;
    struct periodic *thread;
    pthread_mutex_t mutex;
    struct uuid pending[PENDING];
    size_t count;
};

// ---- Announcing

static bool take_one(struct room_news *news, struct uuid *user_id)
{
    pthread_mutex_lock(&news->mutex);
    bool any = news->count;
    if (any) *user_id = news->pending[--news->count];
    pthread_mutex_unlock(&news->mutex);
    return any;
}

static void news_announce(struct room_news *news, const struct uuid *user_id)
{
    struct err err;
    if (!told_publish(news->events, user_id->text, &err)) log_err(LOG_WARN, "events.mentions", &err);
}

static int64_t news_work(void *arg)
{
    struct uuid user_id;
    while (take_one(arg, &user_id)) news_announce(arg, &user_id);
    return RARELY_MS;
}

bool room_news_start(struct room_news **started, struct events *events, struct err *err)
{
    struct room_news *news = *started = calloc(1, sizeof *news);
    if (!news) return err_fail(err, INTERNAL_ERROR, "out of memory");
    news->events = events;
    pthread_mutex_init(&news->mutex, NULL);
    return periodic_start(&news->thread, "mentions thread", RARELY_MS, news_work, news, err);
}

void room_news_rest(struct room_news *news)
{
    struct periodic *thread;
    if (!news) return;
    pthread_mutex_lock(&news->mutex);
    thread = news->thread;
    news->thread = NULL;
    pthread_mutex_unlock(&news->mutex);
    periodic_stop(thread);
}

void room_news_stop(struct room_news *news)
{
    if (!news) return;
    pthread_mutex_destroy(&news->mutex);
    free(news);
}

// ---- Telling

struct telling {
    struct events *events;
    struct uuid user_id;
};

static void news_told(void *arg, bool durable)
{
    struct telling *telling = arg;
    struct room_news *news = telling->events->room_news;
    if (durable && news) {
        pthread_mutex_lock(&news->mutex);
        if (news->count < PENDING) news->pending[news->count++] = telling->user_id;
        if (news->thread) periodic_wake(news->thread);
        pthread_mutex_unlock(&news->mutex);
    }
    free(telling);
}

static void news_queue(struct open_room *open, const struct said *said, const char *user_id,
                       const ProtobufCBinaryData *notice)
{
    struct room_text stream = room_stream(&open->room);
    struct telling *telling = calloc(1, sizeof *telling);
    if (!telling) return;
    telling->events = open->events;
    snprintf(telling->user_id.text, sizeof telling->user_id.text, "%s", user_id);
    const struct store_write write = {
        .after = open->live.ticket, .source = {stream.text, said->seq, 0}, .done = news_told, .arg = telling};
    store_append_next(open->events->store, users_stream(user_id).text, notice, 1, &write);
}

void room_news_mention(struct open_room *open, const struct said *said, const char *title,
                       struct arena *arena)
{
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    struct room_text room = room_id(&open->room);
    const char *writer = open->talk.writers[said->writer].user_id.text;
    if (!said->mentions_count) return;
    notice.event_id = open->room.event_id.text;
    notice.time_ms = said->time_ms;
    notice.kind = "MENTIONED";
    notice.title = title;
    notice.room_id = room.text;
    notice.message_id = said->id.text;
    ProtobufCBinaryData packed = {game__user_notice__get_packed_size(&notice), NULL};
    packed.data = arena_alloc(arena, packed.len);
    if (!packed.data) return; // the message stands
    game__user_notice__pack(&notice, packed.data);
    for (size_t i = 0; i < said->mentions_count; i++)
        if (strcmp(said->mentions[i].text, writer) != 0)
            news_queue(open, said, said->mentions[i].text, &packed);
}
