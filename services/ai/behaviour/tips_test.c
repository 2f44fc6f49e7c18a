#include "services/ai/behaviour/tips.h"
#include "tests/test.h"

enum { DOCTOR = 1, THIEF = 2, BOMBER = 3, CITIZEN = 10, MAFIA = 11 };

static struct behaviour *own, *everybodys;

static int set_up(void **state)
{
    (void)state;
    own = behaviour_create(500);
    everybodys = behaviour_create(500);
    return own && everybodys ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    behaviour_destroy(own);
    behaviour_destroy(everybodys);
    return 0;
}

static struct behaviour_id id_of(uint8_t number) { return (struct behaviour_id){{number}}; }

struct outcome {
    uint8_t part, status; // of the last phase
    uint32_t first_use_day, uses_left;
    bool won;
};

static void play(struct behaviour *graph, uint8_t role, uint8_t side, struct outcome outcome)
{
    const struct behaviour_step step = {id_of(role), id_of(side), outcome.part, outcome.status};
    const struct behaviour_game game = {.role = id_of(role),
                                        .side = id_of(side),
                                        .steps = &step,
                                        .step_count = 1,
                                        .uses_left = outcome.uses_left,
                                        .first_use_day = outcome.first_use_day,
                                        .first_use_part = BEHAVIOUR_NIGHT,
                                        .won = outcome.won};
    assert_int_equal(behaviour_add(graph, &game), BEHAVIOUR_OK);
}

static void assert_text(const struct tip *tip, const char *expected)
{
    char text[TIP_TEXT_BYTES];
    tip_text(tip, "Doctor", text);
    assert_string_equal(text, expected);
}

static void own_games_in_the_role_come_first(void **state)
{
    (void)state;
    struct tip tips[TIPS_MOST];
    for (int i = 0; i < 3; i++)
        play(own, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD, 1, 2, false});
    play(own, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_KICKED, 2, 0, true});
    play(own, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_DEFAULT, 2, 0, true});
    for (int i = 0; i < 9; i++)
        play(own, THIEF, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_EXITED, 0, 9, false});
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 3);
    assert_text(&tips[0], "As Doctor you were dead at night in 3 of 5 games.");
    assert_text(
        &tips[1],
        "As Doctor you won 2 of 2 games with a first ability use on day 2 at night, and 2 of 5 in all.");
    assert_text(&tips[2], "As Doctor you left abilities unused in 3 of 5 games, 6 uses in all.");
}

static void then_own_games_on_the_side_then_everybodys(void **state)
{
    (void)state;
    struct tip tips[TIPS_MOST];
    for (int i = 0; i < 5; i++)
        play(own, THIEF, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_KICKED, 0, 0, false});
    play(own, BOMBER, MAFIA, (struct outcome){BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD, 0, 5, false});
    for (int i = 0; i < 6; i++)
        play(everybodys, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD, 0, 1, false});
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 2);
    assert_text(&tips[0], "On this side you were kicked by day in 5 of 5 games.");
    assert_int_equal(tips[1].scope, TIP_EVERYBODYS_ROLE);
    assert_text(&tips[1], "As Doctor players left abilities unused in 6 of 6 games, 6 uses in all.");
}

// Also of somebody else's.
static void fewer_than_five_games_are_passed_over(void **state)
{
    (void)state;
    struct tip tips[TIPS_MOST];
    for (int i = 0; i < 4; i++) {
        play(own, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_KICKED, 0, 0, false});
        play(everybodys, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD, 0, 0, false});
    }
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 1);
    assert_int_equal(tips[0].kind, TIP_READ_ROLE);
    play(everybodys, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD, 0, 0, false});
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 1);
    assert_text(&tips[0], "As Doctor players were dead at night in 5 of 5 games.");
}

static void in_persian_it_says_the_same(void **state)
{
    (void)state;
    char text[TIP_TEXT_BYTES];
    struct tip tip = {
        .kind = TIP_END, .count = 3, .games = 5, .part = BEHAVIOUR_NIGHT, .status = BEHAVIOUR_DEAD};
    tip_text_fa(&tip, "دکتر", text);
    assert_string_equal(
        text,
        "با نقش دکتر، شما در 3 بازی از 5 بازی در شب کشته شده‌اید.");
    tip.scope = TIP_EVERYBODYS_ROLE;
    tip_text_fa(&tip, "دکتر", text);
    assert_string_equal(text, "با نقش دکتر، بازیکنان در 3 بازی از 5 بازی در شب کشته "
                              "شده‌اند.");
}

static void without_history_the_card_remains(void **state)
{
    (void)state;
    struct tip tips[TIPS_MOST];
    play(own, BOMBER, MAFIA, (struct outcome){BEHAVIOUR_NIGHT, BEHAVIOUR_DEAD, 0, 5, false});
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 1);
    assert_int_equal(tips[0].scope, TIP_NO_HISTORY);
    assert_text(&tips[0], "No pattern yet for Doctor: read what the card can do.");
}

// One win on day 3 is luck; two of two on day 2 beat three of nine in all.
static void one_lucky_game_is_no_evidence(void **state)
{
    (void)state;
    struct tip tips[TIPS_MOST];
    const struct outcome lost = {BEHAVIOUR_DAY, BEHAVIOUR_DEFAULT, 1, 0, false};
    struct outcome won = lost;
    won.won = true;
    won.first_use_day = 3;
    play(own, DOCTOR, CITIZEN, won);
    for (int i = 0; i < 6; i++) play(own, DOCTOR, CITIZEN, lost);
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 1);
    assert_int_equal(tips[0].kind, TIP_READ_ROLE);
    won.first_use_day = 2;
    play(own, DOCTOR, CITIZEN, won);
    play(own, DOCTOR, CITIZEN, won);
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 1);
    assert_int_equal(tips[0].kind, TIP_FIRST_USE);
    assert_int_equal(tips[0].day, 2);
}

static void never_using_an_ability_is_no_tip(void **state)
{
    (void)state;
    struct tip tips[TIPS_MOST];
    for (int i = 0; i < 5; i++) {
        play(own, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_DEFAULT, 0, 0, true});
        play(own, DOCTOR, CITIZEN, (struct outcome){BEHAVIOUR_DAY, BEHAVIOUR_DEFAULT, 1, 0, false});
    }
    assert_int_equal(tips_find(own, everybodys, id_of(DOCTOR), id_of(CITIZEN), tips), 1);
    assert_int_equal(tips[0].kind, TIP_READ_ROLE);
}

static void every_way_out_has_its_word(void **state)
{
    (void)state;
    const struct {
        uint8_t status;
        const char *text;
    } ends[] = {{BEHAVIOUR_KICKED, "As Doctor you were kicked at mid-day in 7 of 9 games."},
                {BEHAVIOUR_DEAD, "As Doctor you were dead at mid-day in 7 of 9 games."},
                {BEHAVIOUR_EXITED, "As Doctor you were out by leaving at mid-day in 7 of 9 games."},
                {BEHAVIOUR_DEVOTED, "As Doctor you were sacrificed at mid-day in 7 of 9 games."}};
    for (size_t i = 0; i < 4; i++) {
        const struct tip tip = {
            .kind = TIP_END, .count = 7, .games = 9, .part = BEHAVIOUR_MID_DAY, .status = ends[i].status};
        assert_text(&tip, ends[i].text);
    }
}

static void long_names_are_cut_not_overrun(void **state)
{
    (void)state;
    char name[600], text[TIP_TEXT_BYTES];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    for (enum tip_kind kind = TIP_END; kind <= TIP_READ_ROLE; kind++) {
        const struct tip tip = {.kind = kind, .count = UINT32_MAX, .games = UINT32_MAX, .uses = UINT32_MAX};
        tip_text(&tip, name, text);
        assert_true(strlen(text) < TIP_TEXT_BYTES);
        tip_text_fa(&tip, name, text);
        assert_true(strlen(text) < TIP_TEXT_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_games_in_the_role_come_first),           TEST(then_own_games_on_the_side_then_everybodys),
        TEST(fewer_than_five_games_are_passed_over),      TEST(in_persian_it_says_the_same),
        TEST(without_history_the_card_remains),           TEST(one_lucky_game_is_no_evidence),
        TEST(never_using_an_ability_is_no_tip),           cmocka_unit_test(every_way_out_has_its_word),
        cmocka_unit_test(long_names_are_cut_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
