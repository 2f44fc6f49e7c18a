// The terms of the rooms: what is so by default, what an edit changes, and what older programs wrote.
#include "services/events/testing/game.h"

static struct world *open_with(Game__Terms *terms)
{
    terms->reveal_on_death = EVENTS__REVEAL_ON_DEATH__VALUE__NONE;
    struct world *world = world_create();
    world_open(world, (struct world_deck){4, 1}, terms);
    return world;
}

static void an_entry_that_says_nothing_of_rooms_has_what_is_so_by_default(void **state)
{
    Game__Terms terms = world_terms(4);
    (void)state;
    struct world *world = open_with(&terms);
    const struct terms *kept = &world->game.terms;
    assert_true(kept->chat);
    assert_false(kept->table_at_night || kept->side_by_day);
    assert_int_equal(kept->history, EVENTS__HISTORY__VALUE__ALL);
    assert_replays(world);
    world_destroy(world);
}

static void an_edit_changes_the_terms_of_rooms(void **state)
{
    Game__Terms terms = world_terms(4);
    (void)state;
    struct world *world = open_with(&terms);
    terms.without_chat = terms.table_at_night = terms.side_by_day = true;
    terms.history = EVENTS__HISTORY__VALUE__LAST_DAY;
    assert_true(DO(world, GOD, edit, &terms));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_EDITED), 1);
    assert_false(world->game.terms.chat);
    assert_true(world->game.terms.table_at_night && world->game.terms.side_by_day);
    assert_int_equal(world->game.terms.history, EVENTS__HISTORY__VALUE__LAST_DAY);
    assert_true(DO(world, GOD, edit, &terms));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_EDITED), 1);
    assert_replays(world);
    world_destroy(world);
}

// By its number or unsaid, ALL is the same.
static void what_is_so_already_makes_no_entry(void **state)
{
    Game__Terms terms = world_terms(4);
    (void)state;
    struct world *world = open_with(&terms);
    terms.history = EVENTS__HISTORY__VALUE__ALL;
    assert_true(DO(world, GOD, edit, &terms));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_EDITED), 0);
    world_destroy(world);
}

static void a_term_that_does_not_exist_does_not_fit(void **state)
{
    struct game game;
    Game__Entry entry = GAME__ENTRY__INIT;
    Game__Edited edited = GAME__EDITED__INIT;
    Game__Terms terms = world_terms(4);
    const uint8_t leaf[HASH_CHAIN_HASH] = {0};
    (void)state;
    struct world *world = open_with(&terms);
    game = world->game;
    entry.body_case = GAME__ENTRY__BODY_EDITED;
    entry.edited = &edited;
    edited.terms = &terms;
    terms.history = (Events__History__Value)4;
    assert_false(game_fold(&game, &entry, leaf));
    world_destroy(world);
}

// As programs wrote them that knew of no rooms, of no payments, of no cluster, or of nobody who waits paid.
static void a_snapshot_of_before_rooms_is_restored(void **state)
{
    Game__Terms terms = world_terms(4);
    struct arena arena;
    struct game restored;
    (void)state;
    struct world *world = open_with(&terms);
    arena_init(&arena, 1 << 20);
    Game__Snapshot *saved = snapshot_make(&world->game, &arena);
    assert_non_null(saved);
    for (uint32_t format = 2; format <= 10; format++) {
        saved->format = format;
        game_init(&restored);
        assert_int_equal(snapshot_restore(&restored, saved), format >= 3 && format <= 9);
        game_finish(&restored);
    }
    arena_finish(&arena);
    world_destroy(world);
}

static void roles_keep_whether_they_meet(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    for (size_t i = 0; i < world->game.roles_count; i++)
        assert_int_equal(world->game.roles[i].meets,
                         strcmp(world->game.roles[i].side_id.text, id_of(SIDE_MAFIA)) == 0);
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_that_says_nothing_of_rooms_has_what_is_so_by_default),
        cmocka_unit_test(an_edit_changes_the_terms_of_rooms),
        cmocka_unit_test(what_is_so_already_makes_no_entry),
        cmocka_unit_test(a_term_that_does_not_exist_does_not_fit),
        cmocka_unit_test(a_snapshot_of_before_rooms_is_restored),
        cmocka_unit_test(roles_keep_whether_they_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
