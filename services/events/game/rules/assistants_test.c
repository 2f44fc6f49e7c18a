// Who helps the god.
#include "services/events/game/undo.h"
#include "services/events/testing/game.h"

enum { ASSISTANT = 200 };

static bool add(struct world *world, unsigned user)
{
    char id[UUID_LEN + 1];
    return DO(world, GOD, add_assistant, strcpy(id, id_of(user)), "assistant");
}

static bool sees_as_god(const struct world *world, unsigned user)
{
    return view_as(&world->game, id_of(user), false).god;
}

static void an_assistant_sees_the_event_as_its_god_does(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_false(sees_as_god(world, ASSISTANT));
    assert_true(add(world, ASSISTANT));
    assert_true(add(world, ASSISTANT)); // already
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_ASSISTANT_ADDED), 1);
    assert_true(sees_as_god(world, ASSISTANT));
    struct viewer everyone = view_as_public(&world->game);
    Events__Event *event = view_event(&world->game, &everyone, "", &world->arena);
    assert_int_equal(event->n_assistants, 1);
    assert_string_equal(event->assistants[0]->id, id_of(ASSISTANT));
    assert_string_equal(event->assistants[0]->username, "assistant");
    assert_true(DO(world, GOD, remove_assistant, id_of(ASSISTANT)));
    assert_false(sees_as_god(world, ASSISTANT));
    assert_false(DO(world, GOD, remove_assistant, id_of(ASSISTANT)));
    assert_refused(world, NOT_FOUND);
    assert_replays(world);
    world_destroy(world);
}

static void who_plays_does_not_assist_and_who_assists_does_not_play(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(1);
    world_open(world, (struct world_deck){2, 1}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_true(world_reserve(world, USER + 1, false)); // waits
    for (unsigned i = 0; i < 2; i++) {
        assert_false(add(world, USER + i));
        assert_refused(world, GOD_MAY_NOT_PLAY);
    }
    assert_false(add(world, GOD));
    assert_refused(world, INVALID_FIELD);
    assert_true(add(world, ASSISTANT));
    assert_false(world_reserve(world, ASSISTANT, false));
    assert_refused(world, GOD_MAY_NOT_PLAY);
    assert_false(DO(world, GOD, reserve_for, id_of(ASSISTANT), "assistant"));
    assert_refused(world, GOD_MAY_NOT_PLAY);
    assert_true(DO(world, USER + 1, leave, id_of(USER + 1), NULL));
    assert_true(add(world, USER + 1)); // who left may help
    assert_true(sees_as_god(world, USER + 1));
    assert_replays(world);
    world_destroy(world);
}

static void they_stay_when_the_event_is_handed_over(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    assert_true(add(world, ASSISTANT));
    assert_true(add(world, OTHER_GOD));
    assert_true(DO(world, GOD, hand_over, id_of(OTHER_GOD)));
    assert_int_equal(world->game.assistants_count, 1); // the new god is no assistant,
    assert_true(sees_as_god(world, ASSISTANT));
    assert_false(sees_as_god(world, GOD)); // and the old one does not become one
    assert_replays(world);
    world_destroy(world);
}

static void there_are_eight_at_most_and_none_after_the_end(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    for (unsigned i = 0; i < GAME_MAX_ASSISTANTS; i++) assert_true(add(world, ASSISTANT + i));
    assert_false(add(world, ASSISTANT + GAME_MAX_ASSISTANTS));
    assert_refused(world, LIMIT_REACHED);
    assert_replays(world);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(add(world, ASSISTANT));
    assert_refused(world, EVENT_OVER);
    assert_false(DO(world, GOD, remove_assistant, id_of(ASSISTANT)));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

static void what_they_do_is_an_act_but_a_score_is_the_gods(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_true(add(world, ASSISTANT));
    assert_true(DO(world, ASSISTANT, foul, id_of(USER)));
    assert_int_equal(world->game.act, world->game.chain.seq);
    assert_true(DO(world, GOD, score, id_of(USER), 9));
    assert_false(DO(world, ASSISTANT, undo, undo_newest(&world->game)->seq));
    assert_refused(world, NOT_OWNER);
    assert_true(DO(world, GOD, undo, undo_newest(&world->game)->seq));
    assert_true(DO(world, ASSISTANT, undo, undo_newest(&world->game)->seq));
    assert_int_equal(world_person(world, USER)->fouls, 0);
    assert_replays(world);
    world_destroy(world);
}

static void a_guest_that_they_seat_is_an_act(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    struct uuid guest;
    world_open(world, (struct world_deck){3, 1}, &terms);
    assert_true(world_reserve(world, ASSISTANT, false));
    assert_true(DO(world, ASSISTANT, leave, id_of(ASSISTANT), NULL));
    assert_true(add(world, ASSISTANT));
    assert_true(DO(world, ASSISTANT, reserve_guest, "Grandmother", &guest));
    assert_int_equal(world->game.act, world->game.chain.seq);
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_assistant_sees_the_event_as_its_god_does),
        cmocka_unit_test(who_plays_does_not_assist_and_who_assists_does_not_play),
        cmocka_unit_test(they_stay_when_the_event_is_handed_over),
        cmocka_unit_test(there_are_eight_at_most_and_none_after_the_end),
        cmocka_unit_test(what_they_do_is_an_act_but_a_score_is_the_gods),
        cmocka_unit_test(a_guest_that_they_seat_is_an_act),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
