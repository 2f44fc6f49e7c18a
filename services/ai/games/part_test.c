// How somebody took part: phases, acts, and what the god did to them.
#include "services/ai/games/digest.h"
#include "services/ai/games/part.h"
#include "services/ai/testing/told.h"

// Four closed phases, all of which one player saw.
static int set_up(void **state)
{
    struct told *told = *state = told_make();
    for (int i = 0; i < TOLD_PHASES; i++) told->phases[i].closed_ms = 1;
    return 0;
}

static int tear_down(void **state) { return told_free(state); }

static const Standings__Game__Part *part_of(struct told *told)
{
    Standings__Game *digest = digest_make(&told->game, &told->arena);
    assert_non_null(digest);
    assert_true(part_count(&told->game, digest, &told->arena));
    return digest->players[0]->part;
}

static void who_left_is_not_there_any_more(void **state)
{
    struct told *told = *state;
    told->steps[1].statuses = 1U << EVENTS__STATUS__VALUE__DEAD;
    told->steps[2].statuses = told->steps[3].statuses = 1U << EVENTS__STATUS__VALUE__KICKED;
    told->player.statuses = told->steps[3].statuses;
    told->phases[3].closed_ms = 0;
    const Standings__Game__Part *part = part_of(told);
    assert_int_equal(part->phases, 3);
    assert_int_equal(part->phases_present, 2); // the dead are at the table
    assert_true(part->kicked);
}

static void what_came_over_them_counts_each_time(void **state)
{
    struct told *told = *state;
    told->steps[0].statuses = told->steps[1].statuses = 1U << EVENTS__STATUS__VALUE__SILENT_2_PHASES;
    told->steps[3].statuses = 1U << EVENTS__STATUS__VALUE__SILENT_6_PHASES;
    told->player.statuses = 1U << EVENTS__STATUS__VALUE__DISABLED;
    const Standings__Game__Part *part = part_of(told);
    assert_int_equal(part->silenced, 2);
    assert_int_equal(part->disabled, 1);
    assert_false(part->kicked);
}

static void acts_and_ballots_count(void **state)
{
    struct told *told = *state;
    told->acts[1].chain = true;
    told->player.acts = told->act_list;
    told->player.n_acts = 2;
    told->player.abilities_left = 3;
    told->player.polls_voted = 1;
    told->game.polls = 2;
    const Standings__Game__Part *part = part_of(told);
    assert_int_equal(part->acts_offered, 1 + 3 + 2);
    assert_int_equal(part->acts_done, 1 + 1 + 1);
    told->player.abilities_left = 100; // without an end
    assert_int_equal(part_of(told)->acts_offered, 1 + 2);
}

static void a_mark_counts_when_it_was_given(void **state)
{
    struct told *told = *state;
    told->player.score = 200;
    assert_int_equal(part_of(told)->score, 0);
    told->player.scored = true;
    assert_int_equal(part_of(told)->score, 200);
}

static void who_was_not_there_has_no_part(void **state)
{
    struct told *told = *state;
    told->player.attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
    assert_null(part_of(told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_left_is_not_there_any_more), TEST(what_came_over_them_counts_each_time),
        TEST(acts_and_ballots_count),         TEST(a_mark_counts_when_it_was_given),
        TEST(who_was_not_there_has_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
