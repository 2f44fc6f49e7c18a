// Corrupt stored data of one event affects that event alone.
#include <sqlite3.h>

#include "services/events/testing/table.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/rows.h"
#include "services/events/streams.h"

#define SOUND "'event_id':'$sound'"

static void run(struct service_world *world, const char *format, const char *text)
{
    sqlite3 *db;
    char path[96], sql[512], *message = NULL;
    snprintf(path, sizeof path, "%s/events.db", world->dir);
    snprintf(sql, sizeof sql, format, text);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
    sqlite3_close(db);
}

// Two events with a player each: one is spoilt, the other stays as it is.
static void open_two(struct service_world *world)
{
    open_event(world, "Sound", "2027-01-15T20:00:00");
    service_remember(world, "sound", service_recall(world, "event"));
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    open_event(world, "Spoilt", "2027-01-15T21:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
}

static void reopen(struct service_world *world)
{
    char url[96];
    struct err err = {0};
    const struct events_settings settings = world->events.settings;
    snprintf(url, sizeof url, "sqlite:%s/events.db", world->dir);
    const struct events_options options = {.settings = &settings, .data_dir = world->dir, .store_url = url};
    events_close(&world->events);
    if (!events_open(&world->events, &options, &err)) fail_msg("%s", err.message);
}

static void spoil_entries(struct service_world *world)
{
    run(world, "UPDATE entry SET count=-1 WHERE at>>32=(SELECT id FROM stream WHERE name='events.%s')",
        service_recall(world, "event"));
    reopen(world);
}

static size_t events_of_player(struct service_world *world)
{
    return ((const Events__ListEventsReply *)service_must(world, &nobody, "events.ListEvents",
                                                          "{'player_id':'$player'}")
                .reply)
        ->n_events;
}

static size_t events_listed(struct service_world *world)
{
    return ((const Events__ListEventsReply *)service_must(world, &nobody, "events.ListEvents", "{}").reply)
        ->n_events;
}

// ---- Entries

static void an_event_whose_entries_are_none_is_corrupt_alone(void **state)
{
    struct service_world *world = *state;
    open_two(world);
    spoil_entries(world);
    for (int i = 0; i < 2; i++) // the second time it is not read
        assert_refuses(world, &nobody, "events.GetEvent", "{" EVENT "}", CONSE__REASON__VALUE__STORE_CORRUPT);
    service_must(world, &other, "events.Reserve", "{" SOUND "}");
    assert_int_equal(events_listed(world), 2); // its row is still right
}

static void the_clock_goes_on_for_the_others(void **state)
{
    struct service_world *world = *state;
    open_two(world);
    spoil_entries(world);
    service_wait(world, 10 * 24 * (int64_t)HOUR);
    struct answer answer = service_must(world, &god, "events.GetEvent", "{" SOUND "}");
    const Events__EventReply *reply = (const void *)service_travelled(world, answer.reply);
    assert_int_equal(reply->event->state, EVENTS__EVENT__STATE__EXPIRED);
}

static void an_operator_lists_the_topics_of_the_others(void **state)
{
    static const struct asker operator= {"", LEVEL_DEV};
    struct service_world *world = *state;
    open_two(world);
    spoil_entries(world);
    run(world, "UPDATE t_events SET bytes='' WHERE id='%s'", service_recall(world, "event"));
    const Bus__Heads *heads =
        (const void *)service_must(world, &operator, "events.feed.ListHeads", "{'pattern':'events.*'}").reply;
    assert_int_equal(heads->n_heads, 2); // .god and .public of the sound one
}

// ---- Rows

static void rows_that_are_none_are_made_anew(void **state)
{
    struct service_world *world = *state;
    open_two(world);
    run(world, "UPDATE t_events SET bytes=x'0aff' WHERE id='%s'", service_recall(world, "event"));
    run(world, "UPDATE t_seats SET bytes=x'0aff' WHERE id LIKE '%s/%%'", service_recall(world, "event"));
    assert_int_equal(events_listed(world), 1);
    assert_int_equal(events_of_player(world), 1);
    reopen(world);
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    assert_int_equal(events_listed(world), 2);
    assert_int_equal(events_of_player(world), 2);
}

static void a_deck_of_too_many_roles_opens_no_event(void **state)
{
    struct service_world *world = *state;
    Events__Deck deck = EVENTS__DECK__INIT;
    Events__DeckRole role = EVENTS__DECK_ROLE__INIT, *roles[GAME_MAX_ROLES + 1];
    Game__DeckRow row = GAME__DECK_ROW__INIT;
    struct err err;
    role.role_id = id_of(ROLE);
    role.copies = 1;
    for (size_t i = 0; i <= GAME_MAX_ROLES; i++) roles[i] = &role;
    row.id = deck.id = id_of(4242);
    row.group_id = deck.group_id = service_recall(world, "group");
    row.deck = &deck;
    deck.roles = roles;
    deck.n_roles = GAME_MAX_ROLES + 1;
    assert_true(store_wait(world->events.store,
                           store_put(world->events.store, &events_tables[EVENTS_DECKS], &row.base, 0, NULL),
                           &err));
    service_remember(world, "deck", row.id);
    assert_refuses(world, &god, "events.CreateEvent",
                   "{'group_id':'$group','deck_id':'$deck','title':'x','max_players':2,"
                   "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}",
                   CONSE__REASON__VALUE__STORE_CORRUPT);
}

// ---- Topics

static void a_topic_with_something_else_in_it_is_gone_on_with(void **state)
{
    struct service_world *world = *state;
    ProtobufCBinaryData junk = {3, (uint8_t *)"\xff\xff\xff"};
    struct stream_name topic = users_stream(player.user_id);
    uint64_t head, after;
    struct err err;
    open_two(world);
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'content':'new'}");
    service_hand_out(world, service_recall(world, "event"));
    assert_true(store_head(world->events.store, topic.text, &head, &err));
    assert_true(store_wait(world->events.store,
                           store_append(world->events.store, topic.text, head + 1, &junk, 1, NULL), &err));
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'content':'newer'}");
    service_hand_out(world, service_recall(world, "event"));
    assert_true(store_head(world->events.store, topic.text, &after, &err));
    assert_int_equal(after, head + 2);
    assert_refuses(world, &player, "events.feed.Read", "{'stream':'users.$player'}",
                   CONSE__REASON__VALUE__STORE_CORRUPT);
}

// ---- Snapshots

static void save_snapshot(struct service_world *world, void (*spoil)(Game__Snapshot *saved))
{
    struct aggregate *aggregate;
    struct err err;
    const char *id = service_recall(world, "event");
    assert_true(aggregate_enter(&world->events, id, &aggregate, &err));
    arena_reset(&world->arena);
    Game__Snapshot *saved = snapshot_make(&aggregate->game, &world->arena);
    assert_non_null(saved);
    if (spoil) spoil(saved);
    size_t len = game__snapshot__get_packed_size(saved);
    uint8_t *bytes = arena_alloc(&world->arena, len);
    game__snapshot__pack(saved, bytes);
    uint64_t ticket = store_snapshot(world->events.store, events_stream(id).text, aggregate->game.chain.seq,
                                     (ProtobufCBinaryData){len, bytes});
    aggregate_leave(aggregate);
    assert_true(store_wait(world->events.store, ticket, &err));
    reopen(world);
}

static void take_another_head(Game__Snapshot *saved) { saved->head.data[0] ^= 1; }
static void take_another_person(Game__Snapshot *saved)
{
    struct log_run *runs = (struct log_run *)saved->runs.data;
    runs[0].audience = (struct audience){AUDIENCE_PERSON, 0xFFFF};
}

static uint64_t snapshot_used(struct service_world *world)
{
    struct aggregate *aggregate;
    struct err err;
    assert_true(aggregate_enter(&world->events, service_recall(world, "event"), &aggregate, &err));
    uint64_t seq = aggregate->snapshot_seq;
    aggregate_leave(aggregate);
    return seq;
}

// ---- Deal secrets

static void deal_both(struct service_world *world, const char *who)
{
    char request[96];
    snprintf(request, sizeof request, "{'event_id':'$%s'}", who);
    service_must(world, &other, "events.Reserve", request);
    service_must(world, &god, "events.LockEvent", request);
}

static void secrets_that_are_none_spoil_one_deal(void **state)
{
    static const char *const spoilt[] = {"x'ff'", "x'12'", "x'1200'", "zeroblob(4000)"};
    struct service_world *world = *state;
    open_two(world);
    deal_both(world, "event");
    deal_both(world, "sound");
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "UPDATE entry SET attached=%s WHERE at>>32=(SELECT id FROM stream WHERE name='events.%%s') "
                 "AND attached IS NOT NULL",
                 spoilt[i]);
        run(world, sql, service_recall(world, "event"));
        reopen(world);
        assert_refuses(world, &god, "events.Reveal", "{" EVENT "}", IS(STORE_CORRUPT));
    }
    service_must(world, &god, "events.Reveal", "{" SOUND "}");
}

static void a_snapshot_that_does_not_fit_is_not_used(void **state)
{
    struct service_world *world = *state;
    open_two(world);
    save_snapshot(world, NULL);
    assert_true(snapshot_used(world) > 0);
    save_snapshot(world, take_another_head);
    assert_int_equal(snapshot_used(world), 0);
    save_snapshot(world, take_another_person);
    assert_int_equal(snapshot_used(world), 0);
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_whose_entries_are_none_is_corrupt_alone),
        TEST(the_clock_goes_on_for_the_others),
        TEST(an_operator_lists_the_topics_of_the_others),
        TEST(rows_that_are_none_are_made_anew),
        TEST(a_deck_of_too_many_roles_opens_no_event),
        TEST(a_topic_with_something_else_in_it_is_gone_on_with),
        TEST(secrets_that_are_none_spoil_one_deal),
        TEST(a_snapshot_that_does_not_fit_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
