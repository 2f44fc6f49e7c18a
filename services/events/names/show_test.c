// How names are shown that auth publishes: present, never two alike, and no part of what is stored of a game.
#include "services/events/streams.h"
#include "services/events/testing/table.h"

#define MIRA "01890000-0000-7000-8000-000000000100" // player
#define LENA "01890000-0000-7000-8000-000000000101" // other

static void reopen(struct service_world *world)
{
    char url[96];
    struct err err = {0};
    const struct events_settings settings = world->events.settings;
    const struct events_options options = {.settings = &settings, .data_dir = world->dir, .store_url = url};
    snprintf(url, sizeof url, "sqlite:%s/events.db", world->dir);
    events_close(&world->events);
    if (!events_open(&world->events, &options, &err)) fail_msg("%s", err.message);
}

static void learn_all(struct service_world *world, uint64_t generation, const struct name_news *news,
                      size_t count)
{
    struct err err = {0};
    const struct bus_batch batch =
        name_news_page(&world->arena, (struct bus_place){generation, count}, news, count);
    if (!names_learn(world->events.names, &batch, &err)) fail_msg("%s", err.message);
}

#define LEARN(world, generation, ...)                                                                        \
    learn_all(world, generation, (const struct name_news[]){__VA_ARGS__},                                    \
              sizeof((const struct name_news[]){__VA_ARGS__}) / sizeof(struct name_news))

static const Events__Event *event_for(struct service_world *world, const struct asker *asker)
{
    const ProtobufCMessage *reply =
        service_travelled(world, service_must(world, asker, "events.GetEvent", "{" EVENT "}").reply);
    return ((const Events__EventReply *)reply)->event;
}

static void assert_shown(struct service_world *world, const char *first, const char *second)
{
    const struct asker *const askers[] = {&nobody, &god, &player};
    for (size_t i = 0; i < 3; i++) {
        const Events__Event *event = event_for(world, askers[i]);
        assert_int_equal(event->n_players, 2);
        assert_string_equal(event->players[0]->username, first);
        assert_string_equal(event->players[1]->username, second);
    }
}

static void two_players(struct service_world *world)
{
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
}

static void a_rename_is_shown_at_once(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    assert_shown(world, "mira", "lena");
    LEARN(world, 1, NAMED(MIRA, "Mirabel", 2));
    assert_shown(world, "Mirabel", "lena");
    LEARN(world, 1, NAMED(MIRA, "mirabel", 3)); // nothing but the case
    assert_shown(world, "mirabel", "lena");
}

static void an_older_version_changes_nothing(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "third", 3), NAMED(LENA, "lena", 1), NAMED(MIRA, "second", 2));
    assert_shown(world, "third", "lena");
    LEARN(world, 1, NAMED(MIRA, "first", 1), NAMED(MIRA, "third", 3));
    assert_shown(world, "third", "lena");
}

// Whatever the order in which they come, and across a page's end.
static void names_that_change_hands_are_never_shown_twice(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    LEARN(world, 1, NAMED(LENA, "Mira", 2)); // mira's own change is still to come
    assert_shown(world, "mira~00000100", "Mira");
    LEARN(world, 1, NAMED(MIRA, "lena", 2));
    assert_shown(world, "lena", "Mira");
    LEARN(world, 1, NAMED(MIRA, "mira", 3), NAMED(LENA, "lena", 3));
    assert_shown(world, "mira", "lena");
}

// Their tokens said "someone" when they took their seats.
static void players_that_are_not_known_are_told_apart(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    assert_shown(world, "someone", "someone~00000101");
    LEARN(world, 1, NAMED(LENA, "Someone", 1));
    assert_shown(world, "someone~00000100", "Someone");
    LEARN(world, 1, NAMED(LENA, "lena", 2));
    assert_shown(world, "someone", "lena");
}

static void names_outlive_a_restart(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 4), NAMED(LENA, "lena", 1));
    reopen(world);
    assert_shown(world, "mira", "lena");
    LEARN(world, 1, NAMED(MIRA, "old", 3));
    assert_shown(world, "mira", "lena");
}

// After a restore of auth its versions begin lower.
static void another_content_of_auth_counts_whatever_its_versions(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 40), NAMED(LENA, "lena", 40));
    LEARN(world, 2, NAMED(MIRA, "miranda", 5), NAMED(LENA, "lena", 6));
    assert_shown(world, "miranda", "lena");
    LEARN(world, 2, NAMED(MIRA, "mira", 4));
    assert_shown(world, "miranda", "lena");
}

static void assert_in_phases(struct service_world *world, const struct asker *asker, const char *first)
{
    const Events__ListPhasesReply *reply = (const void *)service_travelled(
        world, service_must(world, asker, "events.ListPhases", "{" EVENT "}").reply);
    assert_int_equal(reply->n_phases, 1);
    assert_string_equal(reply->phases[0]->players[0]->username, first);
}

static void reports_of_closed_phases_follow(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_must(world, &god, "events.ClosePhase", "{" EVENT "}");
    assert_in_phases(world, &nobody, "mira");
    LEARN(world, 1, NAMED(MIRA, "miranda", 2));
    assert_in_phases(world, &nobody, "miranda");
    assert_in_phases(world, &god, "miranda");
    assert_shown(world, "miranda", "lena");
}

static void a_game_that_is_shown_late_has_present_names(void **state)
{
    struct service_world *world = *state;
    const Events__EventReply *made =
        (const void *)service_must(
            world, &god, "events.CreateEvent",
            "{'group_id':'$group','deck_id':'$deck','title':'Late','max_players':2,'spectator_delay':'60s',"
            "'starts_at':{'local':'2027-01-15T20:00:00','zone':'UTC'}}")
            .reply;
    service_remember(world, "event", made->event->id);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    assert_shown(world, "mira", "lena");
    LEARN(world, 1, NAMED(LENA, "helena", 2));
    assert_shown(world, "mira", "helena");
}

static void a_rename_changes_no_entry(void **state)
{
    struct service_world *world = *state;
    uint64_t before, after;
    struct err err;
    two_players(world);
    const char *event_id = service_recall(world, "event");
    assert_true(store_head(world->events.store, events_stream(event_id).text, &before, &err));
    LEARN(world, 1, NAMED(MIRA, "mira", 1));
    assert_shown(world, "mira", "someone");
    assert_true(store_head(world->events.store, events_stream(event_id).text, &after, &err));
    assert_int_equal(before, after);
    reopen(world); // it verifies
    assert_shown(world, "mira", "someone");
}

static void known_players_that_look_alike_are_told_apart(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "rnira", 1));
    assert_shown(world, "mira", "rnira~00000101");
    LEARN(world, 1, NAMED(MIRA, "Ali", 2), NAMED(LENA, "AIi", 2));
    assert_shown(world, "Ali", "AIi~00000101");
    LEARN(world, 1, NAMED(LENA, "all", 3));
    assert_shown(world, "Ali", "all");
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'" MIRA "'}");
    LEARN(world, 1, NAMED(LENA, "A1i", 4));
    assert_string_equal(event_for(world, &nobody)->players[0]->username, "A1i");
    service_must(world, &player, "events.Reserve", "{" EVENT "}"); // with the first place among people
    assert_shown(world, "Ali", "A1i~00000101");
    reopen(world);
    assert_shown(world, "Ali", "A1i~00000101");
}

static void reserve_guest(struct service_world *world, const char *request)
{
    const Events__ReserveReply *reply =
        (const void *)service_must(world, &god, "events.Reserve", request).reply;
    assert_int_equal(reply->reservation->state, EVENTS__RESERVATION__STATE__CONFIRMED);
    service_remember(world, "guest", reply->reservation->user_id);
}

#define GUEST(name) "{" EVENT ",'guest_name':'" name "'}"

static void a_guest_is_marked_and_has_a_name_of_their_own(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    assert_refuses(world, &god, "events.Reserve", GUEST("MIRA"), CONSE__REASON__VALUE__USERNAME_TAKEN);
    assert_refuses(world, &god, "events.Reserve", GUEST("mira "), CONSE__REASON__VALUE__INVALID_FIELD);
    assert_refuses(world, &god, "events.Reserve", GUEST("mira~1"), CONSE__REASON__VALUE__INVALID_FIELD);
    assert_refuses(world, &god, "events.Reserve", GUEST("mi\u200bra"), CONSE__REASON__VALUE__USERNAME_TAKEN);
    assert_refuses(world, &god, "events.Reserve", GUEST("m\u0456ra"), CONSE__REASON__VALUE__USERNAME_TAKEN);
    assert_refuses(world, &god, "events.Reserve", GUEST("mira\u02dc1"), CONSE__REASON__VALUE__INVALID_FIELD);
    assert_refuses(world, &god, "events.Reserve", GUEST("\u3164"), CONSE__REASON__VALUE__INVALID_FIELD);
    assert_refuses(world, &other, "events.Reserve", GUEST("lena"), CONSE__REASON__VALUE__NOT_OWNER);
    reserve_guest(world, GUEST("Lena")); // who is not here
    assert_shown(world, "mira", "Lena");
    const Events__Event *event = event_for(world, &nobody);
    assert_false(event->players[0]->guest);
    assert_true(event->players[1]->guest);
    assert_refuses(world, &god, "events.Reserve", GUEST("anna"), CONSE__REASON__VALUE__EVENT_FULL);
    LEARN(world, 1, NAMED(MIRA, "lena2", 2), NAMED(LENA, "lenka", 2), NAMED(MIRA, "LENA", 3));
    event = event_for(world, &nobody); // the guest gives way
    assert_string_equal(event->players[0]->username, "LENA");
    assert_true(strncmp(event->players[1]->username, "Lena~", 5) == 0);
    reopen(world);
    assert_true(event_for(world, &god)->players[1]->guest);
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$guest'}");
    reserve_guest(world, GUEST("lеn\u200da3")); // by a letter that is not Latin
    LEARN(world, 1, NAMED(MIRA, "LENA3", 4));
    assert_true(strstr(event_for(world, &nobody)->players[1]->username, "a3~"));
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$guest'}");
    reserve_guest(world, GUEST("مهمان"));
    assert_string_equal(event_for(world, &nobody)->players[1]->username, "مهمان");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}");
    service_hand_out(world, service_recall(world, "event"));
}

static void nothing_is_told_to_a_guest(void **state)
{
    struct service_world *world = *state;
    struct arena arena;
    struct store_head *heads;
    struct err err = {0};
    size_t count;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    reserve_guest(world, GUEST("anna"));
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$guest'}");
    reserve_guest(world, GUEST("berta"));
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    service_must(world, &god, "events.Reveal", "{" EVENT "}"); // a card for each
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.UpdatePlayer", "{" EVENT ",'user_id':'$guest','status':'DISABLED'}");
    service_hand_out(world, service_recall(world, "event"));
    arena_init(&arena, 1 << 20);
    assert_true(store_heads(world->events.store, "users.", "", 10, &arena, &heads, &count, &err));
    assert_int_equal(count, 2); // of the god and the player
    arena_finish(&arena);
}

// What has been played still shows it.
static void a_deleted_account_is_shown_by_the_name_that_says_so(void **state)
{
    struct service_world *world = *state;
    two_players(world);
    LEARN(world, 1, NAMED(MIRA, "mira", 1), NAMED(LENA, "lena", 1));
    LEARN(world, 1, NAMED(MIRA, "deleted-0123456789abcdef", 2, .deleted = true));
    assert_shown(world, "deleted-0123456789abcdef", "lena");
    reopen(world);
    assert_shown(world, "deleted-0123456789abcdef", "lena");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rename_is_shown_at_once),
        TEST(an_older_version_changes_nothing),
        TEST(names_that_change_hands_are_never_shown_twice),
        TEST(players_that_are_not_known_are_told_apart),
        TEST(names_outlive_a_restart),
        TEST(another_content_of_auth_counts_whatever_its_versions),
        TEST(reports_of_closed_phases_follow),
        TEST(a_game_that_is_shown_late_has_present_names),
        TEST(a_rename_changes_no_entry),
        TEST(known_players_that_look_alike_are_told_apart),
        TEST(a_guest_is_marked_and_has_a_name_of_their_own),
        TEST(nothing_is_told_to_a_guest),
        TEST(a_deleted_account_is_shown_by_the_name_that_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
