// What the god records of players.
#include "services/events/testing/game.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name

static unsigned player_with_role(struct world *world, unsigned role)
{
    for (unsigned i = 0; i < (unsigned)world->game.seats_taken; i++)
        if (strcmp(game_role(&world->game, world_person(world, USER + i)->role)->id.text, id_of(role)) == 0)
            return USER + i;
    fail_msg("no player has role %u", role);
    return 0;
}

static void abilities_are_counted_down(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    char who[UUID_LEN + 1];
    use.user_id = strcpy(who, id_of(player_with_role(world, ROLE)));
    use.note = "at midnight";
    assert_true(DO(world, GOD, use_ability, &use));
    assert_true(DO(world, GOD, use_ability, &use));
    assert_false(DO(world, GOD, use_ability, &use));
    assert_refused(world, ABILITY_SPENT);
    strcpy(who, id_of(player_with_role(world, ROLE + 1)));
    for (int i = 0; i < 200; i++) assert_true(DO(world, GOD, use_ability, &use)); // unlimited
    strcpy(who, id_of(player_with_role(world, ROLE + 2)));
    assert_false(DO(world, GOD, use_ability, &use)); // passive
    assert_refused(world, ABILITY_SPENT);
    assert_replays(world);
    world_destroy(world);
}

static void a_change_is_silent_until_told(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(ROLE + 9));
    facts.side_id = strcpy(side_id, id_of(SIDE_MAFIA));
    facts.abilities = 1;
    uint16_t before = world_person(world, USER)->told_role;
    assert_true(DO(world, GOD, change, id_of(USER), &facts, NULL));
    assert_int_equal(world_person(world, USER)->told_role, before);
    assert_string_equal(game_role(&world->game, world_person(world, USER)->role)->id.text, role_id);
    struct viewer owner = view_as(&world->game, id_of(USER), false), god = view_as_god(&world->game);
    Events__Player *seen = view_player(&world->game, &owner, owner.person, &world->arena);
    assert_string_not_equal(seen->role_id, role_id);
    assert_int_equal(seen->n_statuses, 0);
    assert_true(view_player(&world->game, &god, owner.person, &world->arena)->n_statuses >= 1);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(ROLE_CHANGED)));
    seen = view_player(&world->game, &owner, owner.person, &world->arena);
    assert_string_equal(seen->role_id, role_id);
    assert_int_equal(seen->n_statuses, 1);
    assert_replays(world);
    world_destroy(world);
}

static void every_last_move_is_drawn_once(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    struct uuid first, second, third;
    assert_true(DO(world, GOD, draw, id_of(USER), &first));
    assert_true(DO(world, GOD, draw, id_of(USER + 1), &second));
    assert_string_not_equal(first.text, second.text);
    assert_false(DO(world, GOD, draw, id_of(USER), &third));
    assert_refused(world, NO_LAST_MOVE_LEFT);
    world_destroy(world);
}

static void scores_can_be_corrected_until_done(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_CITIZEN))};
    assert_true(DO(world, GOD, score, id_of(USER), 200));
    assert_true(DO(world, GOD, score, id_of(USER), 17));
    assert_int_equal(world_person(world, USER)->score, 17);
    assert_false(DO(world, GOD, score, id_of(GOD), 17));
    assert_refused(world, NOT_A_PLAYER);
    assert_true(DO(world, GOD, finish, world_secrets(world), winners, 1));
    assert_false(DO(world, GOD, score, id_of(USER), 1));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

// What is so already is said again without an entry.
#define assert_no_entry(world, ...)                                                                          \
    do {                                                                                                     \
        size_t before_ = (world)->kept_count;                                                                \
        assert_true(DO(world, GOD, __VA_ARGS__));                                                            \
        assert_int_equal((world)->kept_count, before_);                                                      \
    } while (0)
#define assert_entry(world, ...)                                                                             \
    do {                                                                                                     \
        size_t before_ = (world)->kept_count;                                                                \
        assert_true(DO(world, GOD, __VA_ARGS__));                                                            \
        assert_true((world)->kept_count > before_);                                                          \
    } while (0)

static void unchanged_facts_make_no_entry(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    const uint8_t picture[32] = {1}, other[32] = {2};
    assert_no_entry(world, status, id_of(USER), STATUS(DEFAULT));
    assert_entry(world, status, id_of(USER), STATUS(DEAD));
    assert_no_entry(world, status, id_of(USER), STATUS(DEAD));
    assert_entry(world, status, id_of(USER), STATUS(SILENT_2_PHASES));
    assert_no_entry(world, status, id_of(USER), STATUS(SILENT_2_PHASES));
    assert_entry(world, open_phase, EVENTS__PHASE__KIND__NIGHT, 0);
    assert_entry(world, status, id_of(USER), STATUS(SILENT_2_PHASES)); // it ends later now
    assert_entry(world, status, id_of(USER), STATUS(DEFAULT));
    assert_no_entry(world, status, id_of(USER), STATUS(DEFAULT));
    assert_entry(world, score, id_of(USER), 0);
    assert_no_entry(world, score, id_of(USER), 0);
    assert_entry(world, score, id_of(USER), 9);
    assert_entry(world, image, picture, "image/png");
    assert_no_entry(world, image, picture, "image/png");
    assert_entry(world, image, other, "image/png");
    assert_no_entry(world, hand_over, id_of(GOD));
    assert_entry(world, hand_over, id_of(OTHER_GOD));
    assert_replays(world);
    world_destroy(world);
}

static void unchanged_roles_make_no_entry(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1], mafia[UUID_LEN + 1], who[UUID_LEN + 1];
    strcpy(mafia, id_of(SIDE_MAFIA));
    strcpy(who, id_of(player_with_role(world, ROLE)));
    facts.role_id = strcpy(role_id, id_of(ROLE));
    facts.side_id = strcpy(side_id, id_of(SIDE_CITIZEN));
    facts.abilities = 2;
    assert_no_entry(world, change, who, &facts, NULL);
    assert_no_entry(world, change, who, NULL, side_id);
    use.user_id = who;
    assert_entry(world, use_ability, &use);
    assert_entry(world, change, who, &facts, NULL); // its uses are all there again
    assert_entry(world, change, who, NULL, mafia);
    assert_entry(world, status, who, STATUS(SIDE_CHANGED));
    assert_no_entry(world, status, who, STATUS(SIDE_CHANGED));
    assert_entry(world, status, who, STATUS(ROLE_CHANGED));
    assert_no_entry(world, status, who, STATUS(ROLE_CHANGED));
    assert_entry(world, change, who, NULL, side_id);
    assert_entry(world, status, who, STATUS(SIDE_CHANGED));
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abilities_are_counted_down),    cmocka_unit_test(a_change_is_silent_until_told),
        cmocka_unit_test(every_last_move_is_drawn_once), cmocka_unit_test(scores_can_be_corrected_until_done),
        cmocka_unit_test(unchanged_facts_make_no_entry), cmocka_unit_test(unchanged_roles_make_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
