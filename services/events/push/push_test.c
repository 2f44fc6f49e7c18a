// Topics step by step: what is fed into them, once and from their making on; what a courier does with a
// receiver that fails; and what goes when a topic is ended.
#include <arpa/inet.h>
#include <time.h>

#include "lib/base/clock.h"
#include "notifications.pb-c.h"
#include "services/events/push/courier.h"
#include "services/events/push/feeder.h"
#include "services/events/push/letter.h"
#include "services/events/push/push.h"
#include "services/events/streams.h"
#include "services/events/testing/table.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static int set_up_owner(void **state)
{
    set_up(state);
    service_teach(*state, god.user_id, "god", LEVEL_GOD);
    service_teach(*state, dev.user_id, "dev", LEVEL_DEV);
    return 0;
}

// Topics begin with the present of the wall clock, so the event's entries have to have it too.
static void open_now(struct service_world *world)
{
    char local[32];
    world->now_ms = clock_unix_ms() - 60000;
    time_t start = (time_t)(world->now_ms / 1000) + 86400;
    struct tm day;
    strftime(local, sizeof local, "%Y-%m-%dT%H:%M:%S", gmtime_r(&start, &day));
    open_event(world, "Evening", local);
    world->now_ms += 30000;
}

static struct uuid make_topic(struct service_world *world, const struct asker *who, const char *name,
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

static void retitle(struct service_world *world, const char *title)
{
    char request[WORLD_REQUEST];
    world->now_ms += 1000;
    snprintf(request, sizeof request, "{" EVENT ",'title':'%s'}", title);
    service_must(world, &god, "events.UpdateEvent", request);
}

static void feed(struct service_world *world)
{
    struct arena arena;
    struct err err = {0};
    bool late;
    arena_init(&arena, 8 << 20);
    struct feeder feeder = {&world->events, &arena, NULL, NULL};
    if (!feeder_look(&feeder, service_recall(world, "event"), &late, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
}

static uint64_t head_of(struct service_world *world, struct uuid id)
{
    uint64_t head;
    struct err err;
    assert_true(store_head(world->events.store, topic_stream(id.text).text, &head, &err));
    return head;
}

static void each_entry_is_there_once(void **state)
{
    struct service_world *world = *state;
    open_now(world);
    retitle(world, "before");
    struct uuid own = make_topic(world, &god, "own", "events.$event.public", "");
    struct uuid every = make_topic(world, &dev, "every", "events.*.public", "");
    feed(world);
    assert_int_equal(head_of(world, own), 0);
    for (int i = 0; i < 3; i++) retitle(world, i % 2 ? "one" : "two");
    feed(world);
    feed(world);
    assert_int_equal(head_of(world, own), 3);
    assert_int_equal(head_of(world, every), 3);
    // Who knows less than is there appends nothing twice.
    struct err err;
    char id[2 * UUID_LEN + 2];
    snprintf(id, sizeof id, "%s/%s", own.text, service_recall(world, "event"));
    assert_true(store_wait(world->events.store,
                           store_delete_made(world->events.store, &events_tables[EVENTS_FED], id, 1000, NULL),
                           &err));
    feed(world);
    assert_int_equal(head_of(world, own), 3);
    retitle(world, "more");
    feed(world);
    assert_int_equal(head_of(world, own), 4);
}

static void who_may_not_any_more_publishes_nothing(void **state)
{
    struct service_world *world = *state;
    open_now(world);
    struct uuid id = make_topic(world, &god, "own", "events.$event.public", "");
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    retitle(world, "unheard");
    feed(world);
    assert_int_equal(head_of(world, id), 0);
    service_teach(world, god.user_id, "god", LEVEL_GOD);
    feed(world);
    assert_int_equal(head_of(world, id), 1);
    service_teach_suspended(world, god.user_id, "god", LEVEL_GOD, 0);
    retitle(world, "unheard too");
    feed(world);
    assert_int_equal(head_of(world, id), 1);
}

// ---- A receiver that answers each request with the next of its statuses

struct receiver {
    int listener;
    const int *statuses;
    size_t count, at;
    char ids[16][80];
    unsigned port;
    pthread_t thread;
};

static void receive_one(struct receiver *receiver, int fd)
{
    char request[8192] = "", reply[128];
    size_t len = 0, body = 0;
    for (char *end = NULL; !end || len < (size_t)(end + 4 - request) + body;) {
        ssize_t n = recv(fd, request + len, sizeof request - 1 - len, 0);
        if (n <= 0) return;
        len += (size_t)n;
        end = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "content-length:");
        if (end && length) body = strtoul(length + 15, NULL, 10);
    }
    const char *id = strcasestr(request, "webhook-id: ");
    if (id) sscanf(id + 12, "%79[^\r]", receiver->ids[receiver->at]);
    snprintf(reply, sizeof reply, "HTTP/1.1 %d x\r\nContent-Length: 0\r\nRetry-After: 60\r\n\r\n",
             receiver->statuses[receiver->at++]);
    send(fd, reply, strlen(reply), MSG_NOSIGNAL);
}

static void *receive_all(void *arg)
{
    struct receiver *receiver = arg;
    for (int fd; receiver->at < receiver->count && (fd = accept(receiver->listener, NULL, NULL)) >= 0;
         close(fd))
        receive_one(receiver, fd);
    return NULL;
}

static void receiver_start(struct receiver *receiver, const int *statuses, size_t count)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    *receiver = (struct receiver){.statuses = statuses, .count = count};
    receiver->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(receiver->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(receiver->listener, 8), 0);
    assert_int_equal(getsockname(receiver->listener, (struct sockaddr *)&at, &len), 0);
    receiver->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&receiver->thread, NULL, receive_all, receiver), 0);
}

static void receiver_stop(struct receiver *receiver)
{
    shutdown(receiver->listener, SHUT_RDWR);
    pthread_join(receiver->thread, NULL);
    close(receiver->listener);
}

static struct uuid make_hook(struct service_world *world, const struct receiver *receiver)
{
    char more[160];
    snprintf(more, sizeof more, ",'webhook':{'url':'http://127.0.0.1:%u/'}", receiver->port);
    return make_topic(world, &god, "own", "events.$event.public", more);
}

// When it wants to be called again.
static int64_t step_at(struct service_world *world, int64_t now_ms)
{
    struct arena arena;
    struct err err = {0};
    int64_t again_ms;
    const struct outside outside = {.loopback = true};
    arena_init(&arena, 8 << 20);
    struct courier courier = {&world->events, &outside, &arena};
    if (!courier_step(&courier, "own", now_ms, &again_ms, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
    return again_ms;
}

static const Events__Topic *look_at_topic(struct service_world *world)
{
    const Events__ListTopicsReply *list =
        (const void *)service_must(world, &god, "events.ListTopics", "{}").reply;
    return list->topics[0];
}

static size_t count_letters(struct service_world *world)
{
    const Events__ListDeadLettersReply *list =
        (const void *)service_must(world, &god, "events.ListDeadLetters", "{'name':'own'}").reply;
    return list->n_letters;
}

static void a_courier_goes_on_from_entry_to_entry(void **state)
{
    static const int statuses[] = {500, 204, 200};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 3);
    open_now(world);
    struct uuid id = make_hook(world, &receiver);
    retitle(world, "one");
    retitle(world, "two");
    feed(world);
    int64_t now_ms = world->now_ms, again_ms = step_at(world, now_ms);
    assert_true(again_ms >= now_ms + 60000); // as the receiver asks
    assert_int_equal(step_at(world, now_ms + 1000), again_ms);
    assert_int_equal(receiver.at, 1);
    assert_int_equal(look_at_topic(world)->webhook->failures, 1);
    assert_int_equal(look_at_topic(world)->webhook->status, 500);
    now_ms = again_ms;
    assert_int_equal(step_at(world, now_ms), now_ms);
    assert_int_equal(step_at(world, now_ms), now_ms);
    assert_int_equal(step_at(world, now_ms), INT64_MAX);
    assert_int_equal(look_at_topic(world)->webhook->delivered, 2);
    assert_int_equal(look_at_topic(world)->webhook->failures, 0);
    receiver_stop(&receiver);
    assert_string_equal(receiver.ids[0], receiver.ids[1]);
    assert_string_not_equal(receiver.ids[1], receiver.ids[2]);
    assert_non_null(strstr(receiver.ids[0], id.text));
}

static void a_day_later_an_entry_is_given_up_and_can_be_had_again(void **state)
{
    static const int statuses[] = {500, 500, 204, 500, 204};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 5);
    open_now(world);
    make_hook(world, &receiver);
    retitle(world, "one");
    retitle(world, "two");
    feed(world);
    int64_t now_ms = world->now_ms;
    step_at(world, now_ms);
    assert_int_equal(count_letters(world), 0);
    now_ms += DAY_MS;
    assert_int_equal(step_at(world, now_ms), now_ms);
    assert_int_equal(count_letters(world), 1);
    assert_int_equal(step_at(world, now_ms), now_ms); // the second
    assert_int_equal(look_at_topic(world)->webhook->delivered, 2);
    service_must(world, &god, "events.Redeliver", "{'name':'own','indexes':[7]}");
    assert_int_equal(step_at(world, now_ms), INT64_MAX);
    service_must(world, &god, "events.Redeliver", "{'name':'own'}");
    assert_int_equal(step_at(world, now_ms), now_ms); // fails
    int64_t again_ms = step_at(world, now_ms);
    assert_true(again_ms > now_ms && again_ms < INT64_MAX);
    assert_int_equal(step_at(world, again_ms), again_ms);
    assert_int_equal(count_letters(world), 0);
    receiver_stop(&receiver);
    assert_string_equal(receiver.ids[0], receiver.ids[4]);
}

static void pauses_grow_to_an_hour(void **state)
{
    (void)state;
    assert_int_equal(courier_pause_ms(5000, 1), 5000);
    assert_int_equal(courier_pause_ms(5000, 2), 10000);
    assert_int_equal(courier_pause_ms(5000, 9), 1280000);
    assert_int_equal(courier_pause_ms(5000, 11), 3600000);
    assert_int_equal(courier_pause_ms(5000, INT32_MAX), 3600000);
}

static void an_ended_topic_leaves_nothing(void **state)
{
    static const int statuses[] = {500, 500, 500};
    struct service_world *world = *state;
    struct receiver receiver;
    struct store_rows rows;
    struct err err = {0};
    receiver_start(&receiver, statuses, 3);
    open_now(world);
    struct uuid id = make_hook(world, &receiver);
    for (int i = 0; i < 2; i++) retitle(world, i ? "one" : "two");
    feed(world);
    step_at(world, world->now_ms);
    step_at(world, world->now_ms + DAY_MS);
    assert_int_equal(count_letters(world), 1);
    service_must(world, &god, "events.DeleteTopic", "{'name':'own'}");
    assert_int_equal(head_of(world, id), 0);
    assert_true(push_sweep(&world->events, world->now_ms, &err));
    static const enum events_table tables[] = {EVENTS_TOPICS, EVENTS_FED, EVENTS_DELIVERIES,
                                               EVENTS_DEAD_LETTERS};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct store_query query = {.limit = 10, .page_token = ""};
        arena_reset(&world->arena);
        assert_true(
            store_find(world->events.store, &events_tables[tables[i]], &query, &world->arena, &rows, &err));
        assert_int_equal(rows.count, 0);
    }
    assert_int_equal(step_at(world, world->now_ms), INT64_MAX);
    receiver_stop(&receiver);
}

static void with_an_account_its_topics_end(void **state)
{
    struct service_world *world = *state;
    open_now(world);
    struct uuid id = make_topic(world, &god, "own", "events.$event.public", "");
    struct uuid other_one = make_topic(world, &dev, "other", "events.$event.public", "");
    retitle(world, "one");
    feed(world);
    service_teach_deleted(world, god.user_id, "gone");
    assert_int_equal(head_of(world, id), 0);
    assert_int_equal(head_of(world, other_one), 1);
    const Events__ListTopicsReply *list =
        (const void *)service_must(world, &god, "events.ListTopics", "{}").reply;
    assert_int_equal(list->n_topics, 0);
}

static void old_entries_are_trimmed_when_they_were_delivered(void **state)
{
    static const int statuses[] = {204};
    struct service_world *world = *state;
    struct receiver receiver;
    uint64_t oldest;
    struct err err = {0};
    receiver_start(&receiver, statuses, 1);
    open_now(world);
    struct uuid id = make_hook(world, &receiver);
    retitle(world, "one");
    retitle(world, "two");
    retitle(world, "three");
    feed(world);
    step_at(world, world->now_ms);
    struct stream_name stream = topic_stream(id.text);
    assert_true(push_sweep(&world->events, world->now_ms + 6 * DAY_MS, &err));
    assert_true(store_oldest(world->events.store, stream.text, &oldest, &err));
    assert_int_equal(oldest, 1);
    assert_true(push_sweep(&world->events, world->now_ms + 8 * DAY_MS, &err));
    assert_true(store_oldest(world->events.store, stream.text, &oldest, &err));
    assert_int_equal(oldest, 2);
    assert_true(push_sweep(&world->events, world->now_ms + 31 * DAY_MS, &err));
    assert_true(store_oldest(world->events.store, stream.text, &oldest, &err));
    assert_int_equal(oldest, 3); // the newest stays, so that the numbers go on
    receiver_stop(&receiver);
}

static void a_letter_is_signed_over_what_is_sent(void **state)
{
    struct key key = {.number = 1, .bytes = {1, 2, 3}};
    uint8_t public_key[32], secret[64], signature[64];
    struct letter letter;
    struct err err;
    char text[4096];
    (void)state;
    Events__TopicEntry entry = EVENTS__TOPIC_ENTRY__INIT;
    entry.index = 42;
    entry.topic = "own";
    assert_true(letter_make(&letter, &entry, god.user_id, &key, 1700000000123, &err));
    snprintf(text, sizeof text, "%s-42.1700000000.%s", god.user_id, letter.body.bytes);
    crypto_sign_seed_keypair(public_key, secret, key.bytes);
    const char *base64 = strstr(letter.headers[3], "v1a,") + 4;
    size_t len;
    assert_int_equal(sodium_base642bin(signature, sizeof signature, base64, strlen(base64), NULL, &len, NULL,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text), public_key),
                     0);
    letter_finish(&letter);
}

int main(void)
{
#define OWNED(test) cmocka_unit_test_setup_teardown(test, set_up_owner, tear_down)
    const struct CMUnitTest tests[] = {
        OWNED(each_entry_is_there_once),
        OWNED(who_may_not_any_more_publishes_nothing),
        OWNED(a_courier_goes_on_from_entry_to_entry),
        OWNED(a_day_later_an_entry_is_given_up_and_can_be_had_again),
        cmocka_unit_test(pauses_grow_to_an_hour),
        OWNED(an_ended_topic_leaves_nothing),
        OWNED(with_an_account_its_topics_end),
        OWNED(old_entries_are_trimmed_when_they_were_delivered),
        cmocka_unit_test(a_letter_is_signed_over_what_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
