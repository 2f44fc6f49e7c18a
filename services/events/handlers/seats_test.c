// The host's tools for seats, through the service's methods.
#include "services/events/game/join.h"
#include "services/events/testing/table.h"

#define REASON(name) CONSE__REASON__VALUE__##name

static const struct asker third = {"01890000-0000-7000-8000-000000000102", LEVEL_PLAYER};

// Two seats and a waitlist; auth has told of three people.
static void open_named(struct service_world *world)
{
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_remember(world, "third", third.user_id);
    service_teach(world, god.user_id, "host", LEVEL_GOD);
    service_teach(world, player.user_id, "mira", LEVEL_PLAYER);
    service_teach(world, other.user_id, "lena", LEVEL_PLAYER);
    service_teach(world, third.user_id, "omid", LEVEL_PLAYER);
}

static const Events__Event *event_for(struct service_world *world, const struct asker *who)
{
    struct answer answer = service_must(world, who, "events.GetEvent", "{" EVENT "}");
    return ((const Events__EventReply *)service_travelled(world, answer.reply))->event;
}

// ---- Walk-ins

static void assert_reserved(struct service_world *world, const char *request, const struct asker *whom,
                            Events__Reservation__State state, bool existing)
{
    const Events__ReserveReply *reply =
        (const void *)service_must(world, &god, "events.Reserve", request).reply;
    assert_string_equal(reply->reservation->user_id, whom->user_id);
    assert_int_equal(reply->reservation->state, state);
    assert_int_equal(reply->existing, existing);
}

static void who_walks_in_gets_a_seat_by_their_name(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    assert_reserved(world, "{" EVENT ",'username':'MIRA'}", &player, EVENTS__RESERVATION__STATE__CONFIRMED,
                    false);
    assert_reserved(world, "{" EVENT ",'username':'mira'}", &player, EVENTS__RESERVATION__STATE__CONFIRMED,
                    true);
    assert_reserved(world, "{" EVENT ",'username':'lena'}", &other, EVENTS__RESERVATION__STATE__CONFIRMED,
                    false);
    assert_reserved(world, "{" EVENT ",'username':'omid'}", &third, EVENTS__RESERVATION__STATE__WAITLISTED,
                    false);
    const Events__Event *event = event_for(world, &nobody);
    assert_string_equal(event->players[0]->username, "mira");
    assert_false(event->players[0]->guest);
    service_must(world, &player, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    assert_string_equal(event_for(world, &nobody)->players[0]->username, "omid");
}

static void a_walk_in_is_refused_for_a_reason(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'nobody'}", REASON(NOT_FOUND));
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'host'}", REASON(GOD_MAY_NOT_PLAY));
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'mira','guest_name':'anna'}",
                   REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'mira'," NONCE "}",
                   REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'m i r a'}", REASON(INVALID_FIELD));
    assert_refuses(world, &player, "events.Reserve", "{" EVENT ",'username':'lena'}", REASON(NOT_OWNER));
    service_teach(world, dev.user_id, "ops", LEVEL_DEV);
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'ops'}", REASON(GOD_MAY_NOT_PLAY));
    assert_refuses(world, &second_god, "events.Reserve", "{" EVENT ",'username':'lena'}", REASON(NOT_OWNER));
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.LockEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'lena'}", REASON(EVENT_NOT_OPEN));
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'mira'}", REASON(EVENT_OVER));
}

static void an_assistant_seats_guests_alone(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_must(world, &god, "events.AddAssistant", "{" EVENT ",'user_id':'$third'}");
    service_must(world, &third, "events.Reserve", "{" EVENT ",'guest_name':'anna'}");
    assert_refuses(world, &third, "events.Reserve", "{" EVENT ",'username':'mira'}", REASON(NOT_OWNER));
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'omid'}", REASON(GOD_MAY_NOT_PLAY));
    service_remember(world, "guest", event_for(world, &god)->players[0]->user_id);
    service_must(world, &third, "events.SetAttendance", "{" EVENT ",'user_id':'$guest','attendance':'LATE'}");
    assert_refuses(world, &third, "events.BanUser", "{" EVENT ",'user_id':'$player'}", REASON(LEVEL_TOO_LOW));
    assert_refuses(world, &third, "events.MakeClaimTicket", "{" EVENT ",'user_id':'$guest'}",
                   REASON(LEVEL_TOO_LOW));
}

// A name that went to another names its present bearer alone.
static void a_walk_in_has_the_name_now(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_teach(world, player.user_id, "miriam", LEVEL_PLAYER);
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'mira'}", REASON(NOT_FOUND));
    service_teach(world, other.user_id, "Mira", LEVEL_PLAYER);
    assert_reserved(world, "{" EVENT ",'username':'mira'}", &other, EVENTS__RESERVATION__STATE__CONFIRMED,
                    false);
}

static void an_event_is_handed_over_by_name(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    assert_refuses(world, &god, "events.HandOverEvent", "{" EVENT "}", REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second','username':'second'}",
                   REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.HandOverEvent", "{" EVENT ",'username':'nobody'}", REASON(NOT_FOUND));
    assert_refuses(world, &god, "events.HandOverEvent", "{" EVENT ",'username':'mira'}", REASON(NOT_A_GOD));
    service_must(world, &god, "events.HandOverEvent", "{" EVENT ",'username':'SECOND'}");
    assert_string_equal(event_for(world, &nobody)->god_id, second_god.user_id);
}

// ---- Bans

static const Events__ListBansReply *bans(struct service_world *world)
{
    return (const void *)service_must(world, &god, "events.ListBans", "{" EVENT "}").reply;
}

static void who_is_banned_loses_their_seat_and_gets_none(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    service_must(world, &third, "events.Reserve", "{" EVENT "}");
    const Events__BanReply *reply =
        (const void *)service_must(world, &god, "events.BanUser",
                                   "{" EVENT ",'username':'Mira','reason':'shouts'}")
            .reply;
    assert_string_equal(reply->ban->user->id, player.user_id);
    assert_string_equal(reply->ban->user->username, "mira");
    assert_false(reply->existing);
    assert_string_equal(event_for(world, &nobody)->players[0]->username, "omid");
    assert_refuses(world, &player, "events.Reserve", "{" EVENT "}", REASON(BANNED));
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'mira'}", REASON(USER_BANNED));
    service_teach(world, player.user_id, "miriam", LEVEL_PLAYER);
    assert_int_equal(bans(world)->n_bans, 1);
    assert_string_equal(bans(world)->bans[0]->user->username, "miriam");
    assert_string_equal(bans(world)->bans[0]->reason, "shouts");
    service_must(world, &god, "events.UnbanUser", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(bans(world)->n_bans, 0);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    assert_int_equal(event_for(world, &nobody)->waitlisted, 1);
    service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(event_for(world, &nobody)->waitlisted, 0);
}

static void a_ban_is_refused_for_a_reason(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_must(world, &god, "events.Reserve", "{" EVENT ",'guest_name':'anna'}");
    service_remember(world, "guest", event_for(world, &god)->players[0]->user_id);
    service_remember(world, "god", god.user_id);
    service_remember(world, "nobody", "01890000-0000-7000-8000-00000000dead");
    assert_refuses(world, &god, "events.BanUser", "{" EVENT "}", REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player','username':'mira'}",
                   REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$god'}", REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$guest'}", REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$nobody'}", REASON(NOT_FOUND));
    assert_refuses(world, &god, "events.BanUser", "{" EVENT ",'username':'nobody'}", REASON(NOT_FOUND));
    service_must(world, &god, "events.UnbanUser", "{" EVENT ",'user_id':'$player'}"); // has no ban
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    assert_refuses(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player'}", REASON(EVENT_OVER));
}

// A second ban changes the reason and nothing else.
static void a_ban_again_replaces_the_reason(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player','reason':'late'}");
    uint64_t act = event_for(world, &god)->act;
    const Events__BanReply *reply =
        (const void *)service_must(world, &god, "events.BanUser",
                                   "{" EVENT ",'user_id':'$player','reason':'late'}")
            .reply;
    assert_true(reply->existing);
    assert_int_equal(event_for(world, &god)->act, act);
    reply =
        (const void *)service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player'}").reply;
    assert_true(reply->existing);
    assert_string_equal(bans(world)->bans[0]->reason, "");
    assert_int_equal(bans(world)->n_bans, 1);
}

// After the deal a player stays to the end; the ban counts when they come again.
static void a_ban_of_a_player_takes_no_card(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, player.user_id, "mira", LEVEL_PLAYER);
    service_must(world, &god, "events.BanUser", "{" EVENT ",'user_id':'$player'}");
    assert_int_equal(event_for(world, &nobody)->n_players, 2);
    assert_string_equal(bans(world)->bans[0]->user->username, "mira");
}

static void who_is_suspended_gets_no_seat_by_name(void **state)
{
    struct service_world *world = *state;
    const int64_t until_ms = world->now_ms + HOUR;
    open_named(world);
    service_teach_suspended(world, player.user_id, "mira", LEVEL_PLAYER, until_ms);
    assert_refuses(world, &god, "events.Reserve", "{" EVENT ",'username':'mira'}", REASON(PERSON_SUSPENDED));
    world->now_ms = until_ms; // by now it has ended
    assert_reserved(world, "{" EVENT ",'username':'mira'}", &player, EVENTS__RESERVATION__STATE__CONFIRMED,
                    false);
}

static void who_is_suspended_gets_no_event(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_teach_suspended(world, second_god.user_id, "second", LEVEL_GOD, 0);
    assert_refuses(world, &god, "events.HandOverEvent", "{" EVENT ",'username':'second'}", REASON(NOT_A_GOD));
    assert_refuses(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}", REASON(NOT_A_GOD));
    service_teach(world, second_god.user_id, "second", LEVEL_GOD); // let in again
    service_must(world, &god, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
}

// ---- Order and attendance

static void the_order_of_seats_is_the_gods(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    const Events__EventReply *reply =
        (const void *)service_must(world, &god, "events.OrderSeats",
                                   "{" EVENT ",'user_ids':['$other','$player']}")
            .reply;
    assert_string_equal(reply->event->players[0]->username, "lena");
    assert_string_equal(event_for(world, &nobody)->players[1]->username, "mira");
    assert_refuses(world, &god, "events.OrderSeats", "{" EVENT "}", REASON(INVALID_FIELD));
    assert_refuses(world, &god, "events.OrderSeats", "{" EVENT ",'user_ids':['$other']}",
                   REASON(ROSTER_CHANGED));
    assert_refuses(world, &other, "events.OrderSeats", "{" EVENT ",'user_ids':['$other']}",
                   REASON(LEVEL_TOO_LOW));
}

static void attendance_is_seen_by_the_god_and_the_player(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    const Events__PlayerReply *reply =
        (const void *)service_must(world, &god, "events.SetAttendance",
                                   "{" EVENT ",'user_id':'$player','attendance':'LATE'}")
            .reply;
    assert_int_equal(reply->player->attendance, EVENTS__ATTENDANCE__VALUE__LATE);
    service_must(world, &god, "events.ShowCard", "{" EVENT ",'user_id':'$player'}");
    const struct asker *const eyes[] = {&god, &player, &other, &nobody};
    for (size_t i = 0; i < 4; i++) {
        const Events__Player *seen = event_for(world, eyes[i])->players[0];
        assert_int_equal(seen->attendance, i < 2 ? EVENTS__ATTENDANCE__VALUE__LATE : 0);
        assert_int_equal(seen->card_shown, i < 1);
    }
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_must(world, &god, "events.SetAttendance",
                 "{" EVENT ",'user_id':'$player','attendance':'ABSENT'}");
    const Events__Event *event = event_for(world, &god);
    char request[256];
    snprintf(request, sizeof request, "{" EVENT ",'seq':'%llu'}", (unsigned long long)event->undo_seq);
    service_must(world, &god, "events.Undo", request);
    assert_int_equal(event_for(world, &god)->players[0]->attendance, EVENTS__ATTENDANCE__VALUE__LATE);
    assert_refuses(world, &god, "events.SetAttendance", "{" EVENT ",'user_id':'$second','attendance':'LATE'}",
                   REASON(NOT_A_PLAYER));
    assert_refuses(world, &god, "events.SetAttendance", "{" EVENT ",'user_id':'$player'}",
                   REASON(INVALID_FIELD));
}

// ---- Codes

static void join(struct service_world *world, const char *code, const char *event_id)
{
    char request[64];
    snprintf(request, sizeof request, "{'code':'%s'}", code);
    const Events__JoinReply *reply =
        (const void *)service_must(world, &nobody, "events.FindJoin", request).reply;
    assert_string_equal(reply->event_id, event_id);
    assert_string_equal(reply->event->id, event_id);
    assert_int_equal(reply->event->n_players, 0);
}

static void an_event_is_found_by_its_code(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    char id[UUID_LEN + 1], code[8];
    strcpy(id, service_recall(world, "event"));
    strcpy(code, event_for(world, &nobody)->join_code);
    join(world, code, id);
    for (char *at = code; *at; at++) *at = (char)tolower((unsigned char)*at);
    join(world, code, id);
    assert_refuses(world, &nobody, "events.FindJoin", "{'code':'BBBBBB'}", REASON(NOT_FOUND));
    assert_refuses(world, &nobody, "events.FindJoin", "{'code':'../../'}", REASON(NOT_FOUND));
    assert_refuses(world, &nobody, "events.FindJoin", "{}", REASON(INVALID_FIELD));
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    join(world, code, id); // nothing newer has it
    const Events__File *file =
        (const void *)service_must(world, &nobody, "events.GetJoinQr", "{" EVENT "}").reply;
    assert_string_equal(file->content_type, "image/svg+xml");
    assert_true(file->body.len > 1000);
}

// Randomness that comes out the same again would give two events one code.
static void two_events_of_now_never_share_a_code(void **state)
{
    struct service_world *world = *state;
    uint64_t request = dice.request;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    const struct join_code first = join_code_of(service_recall(world, "event"));
    char id[UUID_LEN + 1];
    strcpy(id, service_recall(world, "event"));
    dice.request = request;
    open_event(world, "Another", "2027-01-15T20:00:00");
    assert_string_not_equal(service_recall(world, "event"), id);
    assert_string_not_equal(join_code_of(service_recall(world, "event")).text, first.text);
}

// ---- Profiles

static const Events__Profile *profile_for(struct service_world *world, const struct asker *who,
                                          const char *request)
{
    return ((const Events__ProfileReply *)service_must(world, who, "events.GetProfile", request).reply)->user;
}

static void a_profile_counts_finished_games(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, player.user_id, "mira", LEVEL_PLAYER);
    const Events__Profile *profile = profile_for(world, &other, "{'user_id':'$player'}");
    assert_string_equal(profile->username, "mira");
    assert_int_equal(profile->level, EVENTS__PROFILE__LEVEL__PLAYER);
    assert_int_equal(profile->games, 0);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    service_remember(world, "side", event_for(world, &god)->players[0]->side_id);
    service_must(world, &god, "events.FinishEvent", "{" EVENT ",'winning_side_ids':['$side']}");
    open_event(world, "Another", "2027-01-16T20:00:00"); // not over
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    assert_int_equal(profile_for(world, &other, "{'user_id':'$player'}")->games, 1);
    service_remember(world, "nobody", "01890000-0000-7000-8000-00000000dead");
    assert_refuses(world, &other, "events.GetProfile", "{'user_id':'$nobody'}", REASON(NOT_FOUND));
    assert_refuses(world, &nobody, "events.GetProfile", "{'user_id':'$player'}", REASON(TOKEN_INVALID));
}

static size_t profiles(struct service_world *world, const char *request)
{
    return ((const Events__ListProfilesReply *)service_must(world, &other, "events.ListProfiles", request)
                .reply)
        ->n_users;
}

static void profiles_are_listed_by_id_or_name(void **state)
{
    struct service_world *world = *state;
    open_named(world);
    service_remember(world, "nobody", "01890000-0000-7000-8000-00000000dead");
    assert_int_equal(profiles(world, "{'ids':'$player'}"), 1);
    assert_int_equal(profiles(world, "{'ids':'$player,$nobody,$other,$player'}"), 2);
    assert_int_equal(profiles(world, "{'username':'MIRA'}"), 1);
    assert_int_equal(profiles(world, "{'username':'nobody'}"), 0);
    static const char *const bad[] = {"{}", "{'ids':'$player','username':'mira'}", "{'ids':'$player,'}",
                                      "{'ids':',$player'}", "{'ids':'mira'}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_refuses(world, &other, "events.ListProfiles", bad[i], REASON(INVALID_FIELD));
    char many[8192] = "{'ids':'$player";
    for (int i = 1; i < 100; i++) strcat(many, ",$player");
    size_t len = strlen(many);
    strcpy(many + len, "'}");
    assert_int_equal(profiles(world, many), 1);
    strcpy(many + len, ",$player'}");
    assert_refuses(world, &other, "events.ListProfiles", many, REASON(INVALID_FIELD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_walks_in_gets_a_seat_by_their_name),
        TEST(a_walk_in_is_refused_for_a_reason),
        TEST(a_walk_in_has_the_name_now),
        TEST(an_assistant_seats_guests_alone),
        TEST(an_event_is_handed_over_by_name),
        TEST(who_is_banned_loses_their_seat_and_gets_none),
        TEST(a_ban_is_refused_for_a_reason),
        TEST(a_ban_again_replaces_the_reason),
        TEST(a_ban_of_a_player_takes_no_card),
        TEST(a_profile_counts_finished_games),
        TEST(profiles_are_listed_by_id_or_name),
        TEST(the_order_of_seats_is_the_gods),
        TEST(an_event_is_found_by_its_code),
        TEST(two_events_of_now_never_share_a_code),
        TEST(attendance_is_seen_by_the_god_and_the_player),
        TEST(who_is_suspended_gets_no_seat_by_name),
        TEST(who_is_suspended_gets_no_event),
    };
    return cmocka_run_group_tests_name("seats", tests, NULL, NULL);
}
