// A stream whose news come by another stream, which only the service knows: it names that in its answers.
#include "services/gateway/feed/testing/house.h"

#define NAME "friday"
#define FIRST "topics.01890000-0000-7000-8000-00000000a001"
#define SECOND "topics.01890000-0000-7000-8bbb-00000000a002"

// ---- The service

static struct {
    pthread_mutex_t lock;
    const char *stream; // "": there is no such topic
    uint64_t count;
    int asked;
} topic_log = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void show_topic(Events__FollowReply *reply, struct arena *arena)
{
    Events__TopicSnapshot *snapshot = arena_new(arena, Events__TopicSnapshot);
    events__topic_snapshot__init(snapshot);
    reply->snapshots = arena_array(arena, 1, sizeof *reply->snapshots);
    reply->snapshots[0] = arena_new(arena, Events__FollowReply__Snapshot);
    events__follow_reply__snapshot__init(reply->snapshots[0]);
    reply->snapshots[0]->state_case = EVENTS__FOLLOW_REPLY__SNAPSHOT__STATE_TOPIC;
    reply->snapshots[0]->topic = snapshot;
    reply->n_snapshots = 1;
}

static void add_topic_entry(Events__FollowReply *reply, uint64_t index, struct arena *arena)
{
    Events__TopicEntry *entry = arena_new(arena, Events__TopicEntry);
    events__topic_entry__init(entry);
    entry->index = index;
    entry->topic = NAME;
    Events__FollowReply__Body *body = reply->bodies[reply->n_bodies++] =
        arena_new(arena, Events__FollowReply__Body);
    events__follow_reply__body__init(body);
    body->body_case = EVENTS__FOLLOW_REPLY__BODY__BODY_TOPIC;
    body->topic = entry;
}

static void tell_entries(Events__FollowReply *reply, Events__FollowReply__View *view, uint64_t after,
                         struct arena *arena)
{
    view->from = after + 1;
    view->body = arena_array(arena, topic_log.count + 1, sizeof *view->body);
    reply->bodies = arena_array(arena, topic_log.count + 1, sizeof *reply->bodies);
    while (after < topic_log.count) {
        view->body[view->n_body++] = (uint32_t)reply->n_bodies;
        add_topic_entry(reply, ++after, arena);
    }
    view->place->offset = after;
}

static void tell_topic(Events__FollowReply *reply, const char *after, struct arena *arena)
{
    Events__FollowReply__View *view = arena_new(arena, Events__FollowReply__View);
    struct cursor cursor;
    char epoch[CURSOR_EPOCH + 1];
    events__follow_reply__view__init(view);
    view->place = arena_new(arena, Events__Place);
    events__place__init(view->place);
    reply->views = arena_array(arena, 1, sizeof *reply->views);
    reply->views[reply->n_views++] = view;
    reply->stream = topic_log.stream;
    reply->seq = topic_log.count;
    view->place->reset = EVENTS__RESET__REASON__RIGHTS;
    if (!*topic_log.stream) return;
    view->place->key = (ProtobufCBinaryData){16, arena_copy(arena, topic_log.stream + 27, 16)};
    cursor_epoch(view->place->key.data, epoch);
    bool good = cursor_parse(after, &cursor) && strcmp(cursor.epoch, epoch) == 0;
    view->place->reset = *after && !good ? EVENTS__RESET__REASON__EPOCH : EVENTS__RESET__REASON__NONE;
    view->place->offset = topic_log.count;
    view->snapshot = !good;
    show_topic(reply, arena);
    if (good) tell_entries(reply, view, cursor.offset, arena);
}

HANDLER(follow_topic, Events__FollowTopicRequest, Events__FollowReply)
{
    (void)err;
    pthread_mutex_lock(&topic_log.lock);
    assert_string_equal(request->name, NAME);
    assert_int_equal(request->n_viewers, 1);
    topic_log.asked++;
    tell_topic(reply, request->viewers[0]->after, call->arena);
    pthread_mutex_unlock(&topic_log.lock);
    return true;
}

static const struct rpc_method topic_methods[] = {RPC_METHOD("events.FollowTopic", follow_topic), {0}};
static const struct rpc_method *const topic_tables[] = {topic_methods, NULL};

static int topic_asked(void)
{
    pthread_mutex_lock(&topic_log.lock);
    int asked_times = topic_log.asked;
    pthread_mutex_unlock(&topic_log.lock);
    return asked_times;
}

static void tell_news(struct house *house, const char *stream, uint64_t seq, const char *kind)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    notice.seq = seq;
    notice.kind = kind;
    topics_publish(house->topics, &notice);
}

static void publish(struct house *house)
{
    pthread_mutex_lock(&topic_log.lock);
    uint64_t seq = ++topic_log.count;
    pthread_mutex_unlock(&topic_log.lock);
    tell_news(house, topic_log.stream, seq, "E");
}

static void name_stream(const char *stream, uint64_t count)
{
    pthread_mutex_lock(&topic_log.lock);
    topic_log.stream = stream;
    topic_log.count = count;
    pthread_mutex_unlock(&topic_log.lock);
}

// ---- A viewer

struct reader {
    struct feed_viewer viewer;
    int told[FEED_KINDS];
    uint64_t seen;
    struct err err;
};

static bool reader_room(void *arg) { return arg; }

static size_t reader_waiting(const void *arg) { return !arg; } // nothing

static void reader_deliver(void *arg, const struct feed_message *message)
{
    struct reader *reader = arg;
    struct cursor cursor;
    reader->told[message->kind]++;
    if (message->kind == FEED_ENTRY) assert_int_equal(message->item->number, ++reader->seen);
    if (message->kind == FEED_SNAPSHOT && cursor_parse(message->cursor, &cursor))
        reader->seen = cursor.offset;
    if (message->kind == FEED_ERROR) reader->err = *message->err;
}

static void reader_flush(void *arg) { (void)arg; }

static void reader_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    (void)why, (void)retry_ms;
    feed_leave(&((struct reader *)arg)->viewer);
}

static const struct feed_transport reader_transport = {
    reader_room, reader_waiting, reader_deliver, reader_flush, reader_flush, reader_end, NULL};

static void read_topic(struct house *house, struct reader *reader)
{
    struct caller caller = {.address = "192.0.2.1", .household = "192.0.2.1", .known = true};
    struct err err;
    strcpy(caller.claims.user_id, user_name(1));
    caller.claims.level = 2;
    caller.claims.expires_s = clock_unix_ms() / 1000 + 900;
    *reader = (struct reader){.seen = 0};
    if (!feed_check_topic("topic:" NAME, true, &err) ||
        !feed_join(house->feed, &reader->viewer, &reader_transport, reader, &caller, &err) ||
        !feed_subscribe(&reader->viewer, "topic:" NAME, "", &err))
        fail_msg("%s", err.message);
}

static void open_topic_house(struct house *house, const char *address, const char *stream, uint64_t count)
{
    house_methods = topic_tables;
    topic_log.asked = 0;
    name_stream(stream, count);
    open_house(house, address);
}

// ---- Stories

static void news_of_the_named_stream_are_asked_for(void **state)
{
    struct house house;
    struct reader reader;
    (void)state;
    open_topic_house(&house, "inproc://named", FIRST, 3);
    read_topic(&house, &reader);
    HOUSE_UNTIL(&house, reader.told[FEED_SNAPSHOT] == 1 && topic_asked() == 2); // once more, since it hears
    assert_int_equal(reader.seen, 3);
    for (uint64_t i = 4; i <= 6; i++) {
        publish(&house);
        HOUSE_UNTIL(&house, reader.seen == i);
    }
    assert_int_equal(reader.told[FEED_ENTRY], 3);
    assert_int_equal(reader.told[FEED_RESET], 0);
    close_house(&house);
}

static void another_stream_takes_the_place_of_one_that_ended(void **state)
{
    struct house house;
    struct reader reader;
    (void)state;
    open_topic_house(&house, "inproc://renamed", FIRST, 9);
    read_topic(&house, &reader);
    HOUSE_UNTIL(&house, reader.told[FEED_SNAPSHOT] == 1 && topic_asked() == 2);
    name_stream(SECOND, 1);
    tell_news(&house, FIRST, 0, NEWS_HINT);
    HOUSE_UNTIL(&house,
                reader.told[FEED_RESET] == 1 && reader.told[FEED_SNAPSHOT] == 2 && topic_asked() == 4);
    assert_int_equal(reader.seen, 1);
    publish(&house);
    HOUSE_UNTIL(&house, reader.seen == 2);
    int before = topic_asked();
    tell_news(&house, FIRST, 10, "E"); // nobody listens
    publish(&house);
    HOUSE_UNTIL(&house, reader.seen == 3);
    assert_int_equal(topic_asked(), before + 1);
    close_house(&house);
}

static void who_follows_hears_of_the_end(void **state)
{
    struct house house;
    struct reader reader;
    (void)state;
    open_topic_house(&house, "inproc://gone", FIRST, 9);
    read_topic(&house, &reader);
    HOUSE_UNTIL(&house, reader.told[FEED_SNAPSHOT] == 1 && topic_asked() == 2);
    name_stream("", 0);
    tell_news(&house, FIRST, 0, NEWS_HINT);
    HOUSE_UNTIL(&house, reader.told[FEED_ERROR] == 1);
    assert_int_equal(reader.err.reason, CONSE__REASON__VALUE__NOT_FOUND);
    assert_int_equal(topic_asked(), 3); // an answer that knows less is no older one
    close_house(&house);
}

static void a_topic_has_a_name_and_somebody(void **state)
{
    struct err err;
    (void)state;
    assert_false(feed_check_topic("topic:" NAME, false, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__TOKEN_INVALID);
    static const char *const wrong[] = {"topic:", "topic:No-Slug", "topic:a.b", ("topics:" NAME), "topic"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(feed_check_topic(wrong[i], true, &err));
        assert_int_equal(err.reason, CONSE__REASON__VALUE__INVALID_FIELD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_of_the_named_stream_are_asked_for),
        cmocka_unit_test(another_stream_takes_the_place_of_one_that_ended),
        cmocka_unit_test(who_follows_hears_of_the_end),
        cmocka_unit_test(a_topic_has_a_name_and_somebody),
    };
    return cmocka_run_group_tests_name("feed_topic", tests, NULL, NULL);
}
