// Tips for the role that somebody was told: from their own games first, and from all with the role.
#include "services/ai/handlers/tips.h"
#include "services/ai/testing/club.h"

#define DOCTOR "01890000-0000-7000-8000-000000000041"
#define WOLF "01890000-0000-7000-8000-000000000042"
#define EVENING "01890000-0000-7000-8000-000000000e01"

enum { PEOPLE = 6, CITIZEN = 3, GUEST = 4, CLAIMER = 30 };

struct story {
    struct club *club;
    Game__RoleFacts roles[2], *role_list[2];
    Game__FinishedGame__Phase phase, *phases[1];
    struct arena arena; // of the last answer
    Ai__TipsReply reply;
};

static int set_up(void **state)
{
    struct story *story = *state = calloc(1, sizeof *story);
    story->club = club_at(NULL);
    arena_init(&story->arena, CLUB_ARENA);
    for (int i = 0; i < 2; i++) {
        game__role_facts__init(story->role_list[i] = &story->roles[i]);
        story->roles[i].role_id = i ? WOLF : DOCTOR;
        story->roles[i].side_id = i ? WOLVES : TOWN;
    }
    game__finished_game__phase__init(story->phases[0] = &story->phase);
    story->phase.day = 1;
    story->phase.kind = EVENTS__PHASE__KIND__NIGHT;
    return 0;
}

static int tear_down(void **state)
{
    struct story *story = *state;
    club_close(story->club);
    arena_finish(&story->arena);
    free(story);
    return 0;
}

// The town are doctors, and all of them die at night.
static void begin(struct story *story)
{
    Game__FinishedGame *game = &story->club->game;
    club_begin(story->club, PEOPLE);
    game->roles = story->role_list;
    game->n_roles = 2;
    game->phases = story->phases;
    game->n_phases = 1;
    for (unsigned i = 0; i < PEOPLE; i++) {
        Game__FinishedGame__Player *player = &story->club->players[i];
        player->dealt_role = player->side == 1 ? 2 : 1;
        if (player->side == 2) player->statuses = 1U << EVENTS__STATUS__VALUE__DEAD;
    }
}

struct sitting {
    Events__MeReply me;
    Events__Player player;
    Events__Role role;
    struct uuid person;
    Rpc__Caller who;
    struct rpc_call call;
    struct tip_seat seat;
};

static struct sitting *sit_down(struct story *story, unsigned person, const char *role_id)
{
    static struct sitting s;
    events__me_reply__init(&s.me);
    events__player__init(&s.player);
    events__role__init(&s.role);
    rpc__caller__init(&s.who);
    s.person = club_person(person);
    s.who.user_id = s.person.text;
    s.player.side_id = TOWN;
    s.role.id = role_id;
    s.role.name = "Doctor";
    s.role.name_fa = "دکتر";
    s.me.player = &s.player;
    if (role_id) s.me.role = &s.role;
    s.call = (struct rpc_call){
        .arena = &story->arena, .service = &story->club->ai, .caller = &s.who, .now_ms = story->club->now_ms};
    s.seat = (struct tip_seat){EVENING, &s.me};
    arena_reset(&story->arena);
    return &s;
}

static bool fill(struct story *story, unsigned person, const char *role_id, struct err *err)
{
    struct sitting *sitting = sit_down(story, person, role_id);
    ai__tips_reply__init(&story->reply);
    return board_read_on(story->club->ai.board, err) && rows_catch_up(&story->club->ai, err) &&
           tips_fill(&sitting->call, &sitting->seat, &story->reply, err);
}

static const Ai__Tip *tip_of(struct story *story, unsigned person, const char *role_id)
{
    struct err err = {0};
    if (!fill(story, person, role_id, &err)) fail_msg("%s", err.message);
    assert_int_equal(story->reply.n_tips, 1);
    return story->reply.tips[0];
}

static void play(struct story *story, int games)
{
    for (int i = 0; i < games; i++) {
        begin(story);
        club_tell(story->club);
    }
}

static void own_games_come_first(void **state)
{
    struct story *story = *state;
    play(story, 5);
    const Ai__Tip *tip = tip_of(story, CITIZEN, DOCTOR);
    assert_int_equal(tip->scope, AI__TIP__SCOPE__OWN_ROLE);
    assert_int_equal(tip->kind, AI__TIP__KIND__END);
    assert_true(tip->count == 5 && tip->games == 5);
    assert_string_equal(tip->text, "As Doctor you were dead at night in 5 of 5 games.");
    assert_non_null(strstr(tip->text_fa, "دکتر"));
}

static void who_has_played_too_little_hears_of_all(void **state)
{
    struct story *story = *state;
    play(story, 3);
    const Ai__Tip *tip = tip_of(story, CITIZEN, DOCTOR);
    assert_int_equal(tip->scope, AI__TIP__SCOPE__EVERYBODYS_ROLE);
    assert_int_equal(tip->games, 3 * (PEOPLE - PEOPLE / 3));
    assert_int_equal(tip_of(story, 50, DOCTOR)->scope, AI__TIP__SCOPE__EVERYBODYS_ROLE); // who has not played
}

static void of_a_role_that_nobody_had_nothing_is_known(void **state)
{
    struct story *story = *state;
    play(story, 2);
    const Ai__Tip *tip = tip_of(story, 50, LONER);
    assert_int_equal(tip->kind, AI__TIP__KIND__READ_ROLE);
    assert_int_equal(tip->scope, AI__TIP__SCOPE__NO_HISTORY);
}

static void before_the_reveal_there_are_none(void **state)
{
    struct story *story = *state;
    struct err err = {0};
    assert_false(fill(story, CITIZEN, NULL, &err));
    assert_true(err_is(&err, EVENT_NOT_REVEALED));
}

static void a_seat_that_is_taken_over_counts_for_the_account(void **state)
{
    struct story *story = *state;
    for (int i = 0; i < 5; i++) {
        begin(story);
        club_make_guest(story->club, GUEST);
        club_tell(story->club);
        club_claim(story->club, GUEST, CLAIMER);
        club_tell(story->club);
    }
    const Ai__Tip *tip = tip_of(story, CLAIMER, DOCTOR);
    assert_int_equal(tip->scope, AI__TIP__SCOPE__OWN_ROLE);
    assert_int_equal(tip->games, 5);
}

static bool judge(struct story *story, unsigned person, uint32_t kind, bool useful, struct err *err)
{
    struct sitting *sitting = sit_down(story, person, DOCTOR);
    Ai__TipFeedback reply = AI__TIP_FEEDBACK__INIT;
    if (!tips_judge(&sitting->call, &sitting->seat, kind, useful, &reply, err)) return false;
    assert_true(reply.own_of_case == AI__TIP_FEEDBACK__OWN_OF_USEFUL && reply.useful == useful);
    return true;
}

static void must_judge(struct story *story, unsigned person, bool useful)
{
    struct err err = {0};
    if (!judge(story, person, AI__TIP__KIND__END, useful, &err)) fail_msg("%s", err.message);
}

static void a_tip_that_nobody_gave_is_not_judged(void **state)
{
    struct story *story = *state;
    struct err err = {0};
    play(story, 5);
    assert_int_equal(tip_of(story, CITIZEN, DOCTOR)->kind, AI__TIP__KIND__END);
    for (uint32_t kind = AI__TIP__KIND__FIRST_USE; kind <= AI__TIP__KIND__READ_ROLE; kind++) {
        assert_false(judge(story, CITIZEN, kind, true, &err));
        assert_int_equal(err.reason, IS(NOT_FOUND));
        assert_string_equal(err.field, "tip_id");
    }
}

// Their calls may still be under way.
static void of_who_is_gone_no_answer_stays(void **state)
{
    struct story *story = *state;
    struct err err = {0};
    play(story, 5);
    assert_int_equal(tip_of(story, CITIZEN, DOCTOR)->kind, AI__TIP__KIND__END);
    club_know(story->club, CITIZEN, true);
    assert_true(judge(story, 50, AI__TIP__KIND__END, true, &err));
    struct sitting *sitting = sit_down(story, CITIZEN, DOCTOR);
    Ai__TipFeedback reply = AI__TIP_FEEDBACK__INIT;
    assert_true(tips_judge(&sitting->call, &sitting->seat, AI__TIP__KIND__END, true, &reply, &err));
    assert_true(!reply.own_of_case && reply.answers == 1);
}

static void that_it_helped_is_to_be_said(void **state)
{
    struct story *story = *state;
    assert_null(club_ask(story->club, "ai.JudgeTip", "{'tip_id': '" EVENING ".1'}"));
    assert_int_equal(story->club->err.reason, IS(INVALID_FIELD));
    assert_string_equal(story->club->err.field, "useful");
}

static void what_was_said_of_a_tip_is_told_with_it(void **state)
{
    struct story *story = *state;
    play(story, 5);
    const Ai__Tip *tip = tip_of(story, CITIZEN, DOCTOR);
    char event_id[UUID_LEN + 1];
    uint32_t kind;
    assert_true(tips_parse(tip->id, event_id, &kind) && kind == AI__TIP__KIND__END);
    assert_string_equal(event_id, EVENING);
    assert_true(!tip->feedback->answers && !tip->feedback->own_of_case);
    must_judge(story, CITIZEN, true);
    must_judge(story, CITIZEN + 1, false);
    must_judge(story, CITIZEN + 1, false);
    tip = tip_of(story, CITIZEN, DOCTOR);
    assert_true(tip->feedback->useful && tip->feedback->useful_count == 1 && tip->feedback->answers == 2);
    tip = tip_of(story, CITIZEN + 1, DOCTOR);
    assert_true(tip->feedback->own_of_case && !tip->feedback->useful);
}

// Not even events is asked.
static void who_wants_none_gets_none(void **state)
{
    struct story *story = *state;
    club_teach(story->club, (struct name_news){.user_id = "01890000-0000-7000-8000-0000000000a1", // who asks
                                               .name = "someone",
                                               .level = LEVEL_PLAYER,
                                               .opted_out = NAMES_NO_TIPS});
    const Ai__TipsReply *reply = club_ask(story->club, "ai.GetTips", "{'event_id': '" EVENING "'}");
    assert_true(reply && reply->turned_off && !reply->n_tips);
}

static void what_is_no_tip_is_known(void **state)
{
    static const char *const none[] = {
        "",  "1",         EVENING,       EVENING ".",   EVENING ".0",  EVENING ".5",         "x.1",
        ".", EVENING "1", EVENING ".01", EVENING ".1x", EVENING ".-1", EVENING ".4294967297"};
    char event_id[UUID_LEN + 1];
    uint32_t kind;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (tips_parse(none[i], event_id, &kind)) fail_msg("%s", none[i]);
    assert_true(tips_parse(EVENING ".4", event_id, &kind) && kind == AI__TIP__KIND__READ_ROLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_games_come_first),
        TEST(who_has_played_too_little_hears_of_all),
        TEST(of_a_role_that_nobody_had_nothing_is_known),
        TEST(before_the_reveal_there_are_none),
        TEST(a_seat_that_is_taken_over_counts_for_the_account),
        TEST(what_was_said_of_a_tip_is_told_with_it),
        TEST(a_tip_that_nobody_gave_is_not_judged),
        TEST(of_who_is_gone_no_answer_stays),
        TEST(that_it_helped_is_to_be_said),
        TEST(who_wants_none_gets_none),
        TEST(what_is_no_tip_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
