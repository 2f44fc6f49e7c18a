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

static int32_t left_to(struct world *world, const struct viewer *viewer, unsigned user)
{
    Events__Player *seen =
        view_player(&world->game, viewer, game_person(&world->game, id_of(user)), &world->arena);
    assert_non_null(seen);
    return seen->abilities_left__case ? seen->abilities_left : -1;
}

static void a_player_knows_of_the_uses_that_they_were_told(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1], who[UUID_LEN + 1];
    unsigned user = player_with_role(world, ROLE);
    strcpy(who, id_of(user));
    struct viewer owner = view_as(&world->game, who, false), god = view_as_god(&world->game),
                  neighbour = view_as(&world->game, id_of(user == USER ? USER + 1 : USER), false);
    use.user_id = who;
    assert_true(DO(world, GOD, use_ability, &use));
    assert_int_equal(left_to(world, &owner, user), 1);
    assert_int_equal(left_to(world, &neighbour, user), -1);
    facts.role_id = strcpy(role_id, id_of(ROLE + 9));
    facts.side_id = strcpy(side_id, id_of(SIDE_MAFIA));
    facts.abilities = 5;
    assert_true(DO(world, GOD, change, who, &facts, NULL));
    assert_true(DO(world, GOD, use_ability, &use));
    assert_int_equal(left_to(world, &owner, user), 1);
    assert_int_equal(left_to(world, &god, user), 4);
    assert_true(DO(world, GOD, status, who, STATUS(ROLE_CHANGED)));
    assert_int_equal(left_to(world, &owner, user), 4);
    assert_true(DO(world, GOD, change, who, &facts, NULL)); // given again, with all its uses
    assert_int_equal(left_to(world, &owner, user), 4);
    assert_true(DO(world, GOD, status, who, STATUS(ROLE_CHANGED)));
    assert_int_equal(left_to(world, &owner, user), 5);
    assert_int_equal(world->game.uses_count, 2);
    assert_replays(world);
    world_destroy(world);
}

// More than the rules allow, as an older program may have it, is no reason to refuse an old game.
static void uses_are_bounded_and_the_first_are_kept(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__UseAbilityRequest use = EVENTS__USE_ABILITY_REQUEST__INIT;
    char who[UUID_LEN + 1];
    unsigned user = player_with_role(world, ROLE + 1); // who has them without end
    use.user_id = strcpy(who, id_of(user));
    for (int i = 0; i < GAME_MAX_USES; i++) assert_true(DO(world, GOD, use_ability, &use));
    assert_false(DO(world, GOD, use_ability, &use));
    assert_refused(world, LIMIT_REACHED);
    struct entries entries = world_entries(world, GOD);
    ENTRY(&entries, &world->game, ABILITY_USED, AbilityUsed, ability_used, .user_id = who, .left = 7);
    assert_true(world_keep(world, &entries, true));
    assert_int_equal(world->game.uses_count, GAME_MAX_USES);
    assert_int_equal(world_person(world, user)->abilities_left, 7);
    assert_replays(world);
    world_destroy(world);
}

static size_t chained_to(struct world *world, const struct viewer *viewer, unsigned user)
{
    return view_player(&world->game, viewer, game_person(&world->game, id_of(user)), &world->arena)
        ->n_chained_to;
}

static void chains_stand_until_their_status_ends(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    struct viewer god = view_as_god(&world->game), owner = view_as(&world->game, id_of(USER), false);
    assert_true(DO(world, GOD, chain, id_of(USER), id_of(USER + 1)));
    assert_true(DO(world, GOD, chain, id_of(USER), id_of(USER + 2)));
    assert_true(DO(world, GOD, chain, id_of(USER + 1), id_of(USER)));
    size_t entries = world->kept_count;
    assert_true(DO(world, GOD, chain, id_of(USER), id_of(USER + 1))); // it stands already
    assert_int_equal(world->kept_count, entries);
    assert_int_equal(chained_to(world, &god, USER), 2);
    assert_int_equal(chained_to(world, &owner, USER), 0);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEFAULT)));
    assert_int_equal(chained_to(world, &god, USER), 0);
    assert_int_equal(chained_to(world, &god, USER + 1), 1);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(CHAINED)));
    assert_int_equal(chained_to(world, &god, USER), 0);
    assert_true(DO(world, GOD, chain, id_of(USER), id_of(USER + 1)));
    assert_int_equal(chained_to(world, &god, USER), 1);
    assert_replays(world);
    world_destroy(world);
}

// More than the rules allow, as an older program may have made it, is no reason to refuse an old game.
static void an_old_game_may_have_more_chains_than_are_kept(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    for (int i = 0; i < GAME_MAX_CHAINED; i++) {
        if (i % 2) assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEFAULT)));
        assert_true(DO(world, GOD, chain, id_of(USER + (i % 2 ? 0 : 1)), id_of(USER + 2)));
        if (i % 2) assert_true(DO(world, GOD, status, id_of(USER + 1), STATUS(DEFAULT)));
    }
    assert_false(DO(world, GOD, chain, id_of(USER + 3), id_of(USER)));
    assert_refused(world, LIMIT_REACHED);
    struct entries entries = world_entries(world, GOD);
    ENTRY(&entries, &world->game, CHAINED, Chained, chained, .user_id = id_of(USER + 3),
          .to_id = id_of(USER));
    assert_true(world_keep(world, &entries, true));
    assert_int_equal(world->game.chained_count, GAME_MAX_CHAINED);
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
        cmocka_unit_test(abilities_are_counted_down),
        cmocka_unit_test(a_change_is_silent_until_told),
        cmocka_unit_test(a_player_knows_of_the_uses_that_they_were_told),
        cmocka_unit_test(uses_are_bounded_and_the_first_are_kept),
        cmocka_unit_test(chains_stand_until_their_status_ends),
        cmocka_unit_test(an_old_game_may_have_more_chains_than_are_kept),
        cmocka_unit_test(every_last_move_is_drawn_once),
        cmocka_unit_test(scores_can_be_corrected_until_done),
        cmocka_unit_test(unchanged_facts_make_no_entry),
        cmocka_unit_test(unchanged_roles_make_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
