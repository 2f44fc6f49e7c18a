#include "services/events/chat/news.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/topics/told.h"

// PENDING: people whose topics are to be announced; of those beyond, their next news tells.
enum { PENDING = 1024, FIRST_LOOK_MS = 1000, LOOK_MS = 10 * 1000, PAGE = 100, ARENA = 32 << 20 };
// A row is left when it is so old; its message comes no more; what can't be told is told no more.
enum { LEFT_MS = 10 * 1000, COMES_MS = 3600 * 1000, GIVES_UP_MS = 24 * 3600 * 1000 };

struct room_news {
    struct events *events;
    struct periodic *thread;
    pthread_mutex_t mutex;
    struct uuid pending[PENDING];
    size_t count;
    int64_t look_ms; // monotonic, of the next look
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

static void look_when_due(struct room_news *news)
{
    struct err err;
    if (clock_mono_ms() < news->look_ms || !store_accepts(news->events->store, NULL)) return;
    if (!room_news_look(news->events, clock_unix_ms(), &err)) log_err(LOG_WARN, "events.mentions", &err);
    news->look_ms = clock_mono_ms() + LOOK_MS;
}

static int64_t news_work(void *arg)
{
    struct room_news *news = arg;
    struct uuid user_id;
    while (take_one(news, &user_id)) news_announce(news, &user_id);
    look_when_due(news);
    return LOOK_MS;
}

bool room_news_start(struct room_news **started, struct events *events, struct err *err)
{
    struct room_news *news = *started = calloc(1, sizeof *news);
    if (!news) return err_fail(err, INTERNAL_ERROR, "out of memory");
    news->events = events;
    pthread_mutex_init(&news->mutex, NULL);
    return periodic_start(&news->thread, "mentions thread", FIRST_LOOK_MS, news_work, news, err);
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

// Behind *ticket, which becomes its own. False without memory: the row stays, and it is told later.
static bool news_queue(struct open_room *open, const struct said *said, const char *user_id,
                       const ProtobufCBinaryData *notice, uint64_t *ticket)
{
    struct room_text stream = room_stream(&open->room);
    struct telling *telling = calloc(1, sizeof *telling);
    if (!telling) return false;
    telling->events = open->events;
    snprintf(telling->user_id.text, sizeof telling->user_id.text, "%s", user_id);
    const struct store_write write = {
        .after = *ticket, .source = {stream.text, said->seq, 0}, .done = news_told, .arg = telling};
    *ticket = store_append_next(open->events->store, users_stream(user_id).text, notice, 1, &write);
    return true;
}

static bool is_told(const struct open_room *open, const struct said *said, const struct uuid *user_id)
{
    const struct uuid *writer = &open->talk.writers[said->writer].user_id;
    return strcmp(user_id->text, writer->text) != 0 && !names_is_deleted(open->events->names, user_id->text);
}

// Whom a change names is not told.
static const struct wording *first_wording(const struct said *said)
{
    return said->before_count ? &said->before[0] : &said->newest;
}

static bool tells_somebody(const struct open_room *open, const struct said *said)
{
    const struct wording *first = first_wording(said);
    for (size_t i = 0; i < first->mentions_count; i++)
        if (is_told(open, said, &first->mentions[i])) return true;
    return false;
}

uint64_t room_news_begin(struct open_room *open, const struct said *said, uint64_t after)
{
    struct room_text room = room_id(&open->room);
    Chat__MentionRow row = CHAT__MENTION_ROW__INIT;
    const struct store_write write = {.after = after};
    if (!tells_somebody(open, said)) return after;
    row.id = said->id.text;
    row.room_id = room.text;
    row.time_ms = said->time_ms;
    return store_put(open->events->store, &events_tables[EVENTS_MENTIONS], &row.base, 0, &write);
}

static void news_end(struct events *events, const char *message_id, uint64_t after)
{
    const struct store_write write = {.after = after};
    store_delete(events->store, &events_tables[EVENTS_MENTIONS], message_id, 1, &write);
}

static bool pack_notice(const struct open_room *open, const struct said *said, const char *title,
                        struct arena *arena, ProtobufCBinaryData *packed)
{
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    struct room_text room = room_id(&open->room);
    notice.event_id = open->room.event_id.text;
    notice.time_ms = said->time_ms;
    notice.kind = "MENTIONED";
    notice.title = title;
    notice.room_id = room.text;
    notice.message_id = said->id.text;
    *packed = (ProtobufCBinaryData){game__user_notice__get_packed_size(&notice), NULL};
    packed->data = arena_alloc(arena, packed->len);
    if (packed->data) game__user_notice__pack(&notice, packed->data);
    return packed->data;
}

// Each rests on the one before, so that the row goes when all were told.
void room_news_mention(struct open_room *open, const struct said *said, const char *title,
                       struct arena *arena)
{
    ProtobufCBinaryData packed;
    const struct wording *first = first_wording(said);
    uint64_t ticket = open->live.ticket;
    if (!tells_somebody(open, said) || !pack_notice(open, said, title, arena, &packed)) return;
    for (size_t i = 0; i < first->mentions_count; i++)
        if (is_told(open, said, &first->mentions[i]) &&
            !news_queue(open, said, first->mentions[i].text, &packed, &ticket))
            return;
    news_end(open->events, said->id.text, ticket);
}

// ---- What was left

// *title stays NULL when there is no such event.
static bool find_title(struct events *events, const char *event_id, struct arena *arena, const char **title,
                       struct err *err)
{
    struct aggregate *aggregate;
    *title = NULL;
    if (!aggregate_enter(events, event_id, &aggregate, err)) return err_is(err, NOT_FOUND);
    *title = arena_str(arena, aggregate->game.terms.title);
    aggregate_leave(aggregate);
    return *title || err_fail(err, INTERNAL_ERROR, "no memory for mentions");
}

static bool tell_left(struct events *events, const Chat__MentionRow *row, int64_t now_ms, struct arena *arena,
                      struct err *err)
{
    struct live_need need = {.fresh_from_ns = clock_mono_ns()};
    struct room room;
    struct open_room *open;
    const char *title = NULL;
    bool parsed = row->time_ms + GIVES_UP_MS > now_ms && room_parse(&room, row->room_id);
    if (parsed && !find_title(events, room.event_id.text, arena, &title, err)) return false;
    if (!title) return news_end(events, row->id, 0), true;
    if (!room_enter(events, &room, &need, &open, err)) return false;
    const struct said *said = talk_find(&open->talk, row->id);
    if (said && !said->deleted_ms && tells_somebody(open, said))
        room_news_mention(open, said, title, arena);
    else if (said || row->time_ms + COMES_MS < now_ms)
        news_end(events, row->id, 0);
    room_leave(open);
    return true;
}

static void tell_page(struct events *events, const struct store_rows *rows, int64_t now_ms,
                      struct arena *arena)
{
    for (size_t i = 0; i < rows->count; i++) {
        const Chat__MentionRow *row = (const Chat__MentionRow *)rows->messages[i];
        struct err err; // of one, which does not delay others
        if (row->time_ms + LEFT_MS <= now_ms && !tell_left(events, row, now_ms, arena, &err))
            log_err(LOG_WARN, "events.mentions", &err);
    }
}

bool room_news_look(struct events *events, int64_t now_ms, struct err *err)
{
    struct store_query query = {.limit = PAGE, .page_token = ""};
    struct store_rows rows = {.more = true};
    struct arena arena;
    bool ok = true;
    if (!replica_holds(events->replica, EVENTS_SWEEPS)) return true;
    arena_init(&arena, ARENA);
    for (; ok && rows.more; query.page_token = rows.next_page_token) {
        ok = store_find(events->store, &events_tables[EVENTS_MENTIONS], &query, &arena, &rows, err);
        if (ok) tell_page(events, &rows, now_ms, &arena);
    }
    arena_finish(&arena);
    return ok;
}
