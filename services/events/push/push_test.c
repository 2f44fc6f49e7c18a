// Topics step by step: what is fed into them, once and from their making on; what a courier does with a
// receiver that fails; and what goes when a topic is ended.
#include "services/events/push/courier.h"
#include "services/events/push/letter.h"
#include "services/events/push/push.h"
#include "services/events/testing/receiver.h"
#include "services/events/testing/topics.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void each_entry_is_there_once(void **state)
{
    struct service_world *world = *state;
    open_now(world);
    retitle(world, "before");
    struct uuid own = make_topic(world, &god, "own", "events.$event.public", "");
    struct uuid every = make_topic(world, &dev, "every", "events.*.public", "");
    feed(world);
    assert_int_equal(topic_head(world, own), 0);
    for (int i = 0; i < 3; i++) retitle(world, i % 2 ? "one" : "two");
    feed(world);
    feed(world);
    assert_int_equal(topic_head(world, own), 3);
    assert_int_equal(topic_head(world, every), 3);
    // Who knows less than is there appends nothing twice.
    struct err err;
    char id[2 * UUID_LEN + 2];
    snprintf(id, sizeof id, "%s/%s", own.text, service_recall(world, "event"));
    assert_true(store_wait(world->events.store,
                           store_delete_made(world->events.store, &events_tables[EVENTS_FED], id, 1000, NULL),
                           &err));
    feed(world);
    assert_int_equal(topic_head(world, own), 3);
    retitle(world, "more");
    feed(world);
    assert_int_equal(topic_head(world, own), 4);
}

static void who_may_not_any_more_publishes_nothing(void **state)
{
    struct service_world *world = *state;
    open_now(world);
    struct uuid id = make_topic(world, &god, "own", "events.$event.public", "");
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    retitle(world, "unheard");
    feed(world);
    assert_int_equal(topic_head(world, id), 0);
    service_teach(world, god.user_id, "god", LEVEL_GOD);
    feed(world);
    assert_int_equal(topic_head(world, id), 1);
    service_teach_suspended(world, god.user_id, "god", LEVEL_GOD, 0);
    retitle(world, "unheard too");
    feed(world);
    assert_int_equal(topic_head(world, id), 1);
}

// ---- A receiver

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
    struct courier courier = {.events = &world->events, .outside = &outside, .arena = &arena};
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

static void assert_empty(struct service_world *world, enum events_table table)
{
    const struct store_query query = {.limit = 10, .page_token = ""};
    struct store_rows rows;
    struct err err;
    arena_reset(&world->arena);
    assert_true(store_find(world->events.store, &events_tables[table], &query, &world->arena, &rows, &err));
    assert_int_equal(rows.count, 0);
}

static void an_ended_topic_leaves_nothing(void **state)
{
    static const int statuses[] = {500, 500, 500};
    struct service_world *world = *state;
    struct receiver receiver;
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
    assert_int_equal(topic_head(world, id), 0);
    assert_true(push_sweep(&world->events, world->now_ms, &err));
    static const enum events_table tables[] = {EVENTS_TOPICS, EVENTS_FED, EVENTS_DELIVERIES,
                                               EVENTS_DEAD_LETTERS};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) assert_empty(world, tables[i]);
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
    assert_int_equal(topic_head(world, id), 0);
    assert_int_equal(topic_head(world, other_one), 1);
    const Events__ListTopicsReply *list =
        (const void *)service_must(world, &god, "events.ListTopics", "{}").reply;
    assert_int_equal(list->n_topics, 0);
}

// Calls that were accepted before the account's end was heard, and are carried out behind it.
static void what_was_under_way_goes_too(void **state)
{
    struct service_world *world = *state;
    struct err err = {0};
    open_now(world);
    service_teach_deleted(world, god.user_id, "gone");
    service_teach_deleted(world, player.user_id, "gone too");
    make_topic(world, &god, "own", "events.$event.public", ",'webhook':{'url':'http://127.0.0.1:1/'}");
    service_must(
        world, &player, "events.AddBrowser",
        "{'endpoint':'http://127.0.0.1:1/','keys':{'auth':'BTBZMqHH6r4Tts7J_aSIgg','p256dh':'"
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'}}");
    service_must(
        world, &other, "events.AddBrowser",
        "{'endpoint':'http://127.0.0.1:2/','keys':{'auth':'BTBZMqHH6r4Tts7J_aSIgg','p256dh':'"
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'}}");
    if (!push_sweep(&world->events, world->now_ms, &err)) fail_msg("%s", err.message);
    assert_empty(world, EVENTS_TOPICS);
    const Events__ListBrowsersReply *list =
        (const void *)service_must(world, &player, "events.ListBrowsers", "{}").reply;
    assert_int_equal(list->n_browsers, 0);
    list = (const void *)service_must(world, &other, "events.ListBrowsers", "{}").reply;
    assert_int_equal(list->n_browsers, 1);
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
        OWNED(what_was_under_way_goes_too),
        OWNED(old_entries_are_trimmed_when_they_were_delivered),
        cmocka_unit_test(a_letter_is_signed_over_what_is_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
