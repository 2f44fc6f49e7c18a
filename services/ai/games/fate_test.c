// What became of a player, as tips are made of it.
#include "services/ai/behaviour/behaviour.h"
#include "services/ai/games/digest.h"
#include "services/ai/games/fate.h"
#include "services/ai/testing/told.h"

#define DOCTOR "01890000-0000-7000-8000-000000000041"
#define TOWN "01890000-0000-7000-8000-000000000052"
#define ON(name) (1U << EVENTS__STATUS__VALUE__##name)

// Nights and days in turn, the last of which is open.
static int set_up(void **state)
{
    struct told *told = *state = told_make();
    for (int i = 0; i < TOLD_PHASES; i++) {
        told->phases[i].day = 1 + i / 2;
        told->phases[i].kind = i % 2 ? EVENTS__PHASE__KIND__DAY : EVENTS__PHASE__KIND__NIGHT;
        told->steps[i].phase = i + 1;
    }
    told->player.n_steps = TOLD_PHASES - 1;
    told->player.dealt_role = 1;
    told->role.role_id = DOCTOR;
    told->role.side_id = TOWN;
    told->game.roles = told->roles;
    told->game.n_roles = 1;
    return 0;
}

static int tear_down(void **state) { return told_free(state); }

static const Standings__Game__Fate *fate_of(struct told *told)
{
    Standings__Game *digest = digest_make(&told->game, &told->arena);
    assert_non_null(digest);
    assert_true(fate_note(&told->game, digest, &told->arena));
    return digest->players[0]->fate;
}

static void who_is_in_to_the_end_has_no_end(void **state)
{
    struct told *told = *state;
    told->steps[0].statuses = ON(DEAD); // and back again
    const Standings__Game__Fate *fate = fate_of(told);
    assert_int_equal(fate->role_id.len, STANDINGS_ID);
    assert_int_equal(fate->out, 0);
    assert_int_equal(fate->use_day, 0);
}

static void they_were_out_when_they_were_so_for_good(void **state)
{
    struct told *told = *state;
    told->steps[0].statuses = ON(DEAD);
    told->steps[2].statuses = ON(KICKED);
    told->player.statuses = ON(KICKED);
    assert_int_equal(fate_of(told)->out, BEHAVIOUR_KICKED);
    assert_int_equal(fate_of(told)->out_part, EVENTS__PHASE__KIND__NIGHT);
    told->steps[1].statuses = ON(DEAD) | ON(CHAINED);
    told->steps[0].statuses = 0;
    assert_int_equal(fate_of(told)->out, BEHAVIOUR_DEAD);
    assert_int_equal(fate_of(told)->out_part, EVENTS__PHASE__KIND__DAY);
}

static void what_no_closed_phase_has_the_last_one_had(void **state)
{
    struct told *told = *state;
    told->player.statuses = ON(DEVOTED);
    assert_int_equal(fate_of(told)->out, BEHAVIOUR_DEVOTED);
    assert_int_equal(fate_of(told)->out_part, EVENTS__PHASE__KIND__DAY);
}

static void the_first_use_is_of_an_ability_in_a_phase(void **state)
{
    struct told *told = *state;
    told->acts[0] = (Game__FinishedGame__Act)GAME__FINISHED_GAME__ACT__INIT;
    told->acts[0].phase = 1;
    told->acts[0].chain = true;
    told->acts[1].phase = 3;
    told->player.acts = told->act_list;
    told->player.n_acts = 2;
    told->player.abilities_left = 2;
    const Standings__Game__Fate *fate = fate_of(told);
    assert_int_equal(fate->use_day, 2);
    assert_int_equal(fate->use_part, EVENTS__PHASE__KIND__NIGHT);
    assert_int_equal(fate->uses_left, 2);
    told->player.abilities_left = 100; // without an end
    assert_int_equal(fate_of(told)->uses_left, 0);
}

static void who_was_not_there_has_none(void **state)
{
    struct told *told = *state;
    told->player.attendance = EVENTS__ATTENDANCE__VALUE__ABSENT;
    assert_null(fate_of(told));
    told->player.attendance = EVENTS__ATTENDANCE__VALUE__PRESENT;
    told->player.dealt_role = 0;
    assert_null(fate_of(told));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_in_to_the_end_has_no_end),
        TEST(they_were_out_when_they_were_so_for_good),
        TEST(what_no_closed_phase_has_the_last_one_had),
        TEST(the_first_use_is_of_an_ability_in_a_phase),
        TEST(who_was_not_there_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
