// What people say of tips: once for each tip, counted, and gone with their account.
#include "services/ai/judgements/judgements.h"

#include "services/ai/tables.h"
#include "services/ai/testing/club.h"

enum { ANN = 1, BOB = 2, KIND = AI__TIP__KIND__END };

static int set_up(void **state)
{
    *state = club_at(NULL);
    return 0;
}

static int tear_down(void **state)
{
    club_close(*state);
    return 0;
}

struct said {
    struct uuid user, event;
    struct judged_tip tip;
};

static const struct judged_tip *tip_of(struct said *said, unsigned person, unsigned event, uint32_t kind)
{
    said->user = club_person(person);
    said->event = club_person(1000 + event);
    said->tip = (struct judged_tip){said->user.text, said->event.text, kind};
    return &said->tip;
}

static void say(struct club *club, unsigned person, unsigned event, bool useful)
{
    struct said said;
    struct err err = {0};
    if (!judgements_put(club->ai.store, tip_of(&said, person, event, KIND), useful, club->now_ms++, &err))
        fail_msg("%s", err.message);
}

static struct judgement_count count(struct club *club, unsigned person, unsigned event, uint32_t kind)
{
    struct said said;
    struct err err = {0};
    struct judgement_count count;
    arena_reset(&club->arena);
    if (!judgements_count(club->ai.store, tip_of(&said, person, event, kind), &club->arena, &count, &err))
        fail_msg("%s", err.message);
    return count;
}

static void an_answer_is_told_back_and_counted(void **state)
{
    struct club *club = *state;
    assert_int_equal(count(club, ANN, 1, KIND).answers, 0);
    say(club, ANN, 1, true);
    say(club, BOB, 1, false);
    struct judgement_count told = count(club, ANN, 1, KIND);
    assert_true(told.own && told.own_useful && told.useful == 1 && told.answers == 2);
    told = count(club, BOB, 1, KIND);
    assert_true(told.own && !told.own_useful);
    told = count(club, ANN, 2, KIND);
    assert_true(!told.own && told.answers == 2);
    assert_int_equal(count(club, ANN, 1, KIND + 1).answers, 0);
}

static void who_says_something_else_is_counted_once(void **state)
{
    struct club *club = *state;
    for (int i = 0; i < 4; i++) say(club, ANN, 1, i % 2);
    const struct judgement_count told = count(club, ANN, 1, KIND);
    assert_true(told.answers == 1 && told.useful == 1 && told.own_useful);
}

static void the_newest_are_counted(void **state)
{
    struct club *club = *state;
    for (unsigned i = 0; i < 20; i++) say(club, 100 + i, 1, false);
    for (unsigned i = 0; i < JUDGEMENTS_COUNTED; i++) say(club, 200 + i, 1, true);
    const struct judgement_count told = count(club, ANN, 1, KIND);
    assert_true(told.answers == JUDGEMENTS_COUNTED && told.useful == JUDGEMENTS_COUNTED);
}

static void it_goes_with_the_account(void **state)
{
    struct club *club = *state;
    for (unsigned i = 0; i < 250; i++) say(club, ANN, i, true);
    say(club, BOB, 1, true);
    club_know(club, ANN, false);
    club_know(club, ANN, true);
    assert_int_equal(count(club, BOB, 1, KIND).answers, 1);
    assert_false(count(club, ANN, 1, KIND).own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_is_told_back_and_counted),
        TEST(who_says_something_else_is_counted_once),
        TEST(the_newest_are_counted),
        TEST(it_goes_with_the_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
