// Whether a death opens a player's card.
#include "services/events/game/status.h"
#include "services/events/game/undo.h"
#include "services/events/testing/game.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name
#define REVEAL(name) EVENTS__REVEAL_ON_DEATH__VALUE__##name

enum { PLAYERS = 3 };

static struct world *dealt(Events__RevealOnDeath__Value reveal)
{
    struct world *world = world_create();
    Game__Terms terms = world_terms(PLAYERS);
    terms.reveal_on_death = reveal;
    world_open(world, (struct world_deck){PLAYERS, 1}, &terms);
    for (unsigned i = 0; i < PLAYERS; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, GOD, reveal, world_secrets(world)));
    return world;
}

static struct world *running(Events__RevealOnDeath__Value reveal)
{
    struct world *world = dealt(reveal);
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    return world;
}

static void set(struct world *world, Events__Status__Value status)
{
    assert_true(DO(world, GOD, status, id_of(USER), status));
}

static void change_silently(struct world *world, unsigned side)
{
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(ROLE + 7));
    facts.side_id = strcpy(side_id, id_of(side));
    facts.abilities = 1;
    assert_true(DO(world, GOD, change, id_of(USER), &facts, NULL));
}

static const Events__Player *seen_by(struct world *world, const char *user_id)
{
    struct viewer viewer = view_as(&world->game, user_id, false);
    return view_player(&world->game, &viewer, game_person(&world->game, id_of(USER)), &world->arena);
}

static const char *true_role(struct world *world)
{
    return game_role_id(&world->game, world_person(world, USER)->role);
}

static const char *true_side(struct world *world)
{
    return game_side_id(&world->game, world_person(world, USER)->side);
}

static void a_death_tells_as_much_as_the_terms_say(void **state)
{
    (void)state;
    static const Events__RevealOnDeath__Value reveals[] = {REVEAL(NONE), REVEAL(SIDE), REVEAL(ROLE)};
    static const Events__Status__Value deaths[] = {STATUS(DEAD), STATUS(KICKED), STATUS(EXITED),
                                                   STATUS(DEVOTED)};
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 4; j++) {
            struct world *world = running(reveals[i]);
            const char *const eyes[] = {"", id_of(USER + 1), id_of(OTHER_GOD)};
            set(world, STATUS(SILENT_2_PHASES)); // no death
            assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_CARD_OPENED), 0);
            set(world, deaths[j]);
            assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_CARD_OPENED), i > 0);
            for (size_t k = 0; k < 3; k++) {
                assert_string_equal(seen_by(world, eyes[k])->side_id, i > 0 ? true_side(world) : "");
                assert_string_equal(seen_by(world, eyes[k])->role_id, i > 1 ? true_role(world) : "");
            }
            assert_replays(world);
            world_destroy(world);
        }
}

// What everybody is told is what was true, and the player is told no less.
static void a_silent_change_comes_out_with_the_card(void **state)
{
    (void)state;
    struct world *world = running(REVEAL(ROLE));
    change_silently(world, SIDE_MAFIA);
    assert_string_not_equal(seen_by(world, id_of(USER))->role_id, id_of(ROLE + 7));
    set(world, STATUS(DEAD));
    const char *const eyes[] = {"", id_of(USER), id_of(USER + 1), id_of(GOD)};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(seen_by(world, eyes[i])->role_id, id_of(ROLE + 7));
        assert_string_equal(seen_by(world, eyes[i])->side_id, id_of(SIDE_MAFIA));
    }
    assert_int_equal(seen_by(world, id_of(USER))->abilities_left, 1);
    assert_replays(world);
    world_destroy(world);
}

static void one_who_is_dead_is_not_opened_again(void **state)
{
    (void)state;
    struct world *world = running(REVEAL(ROLE));
    set(world, STATUS(DEAD));
    char before[UUID_LEN + 1];
    strcpy(before, seen_by(world, "")->role_id);
    change_silently(world, SIDE_MAFIA);
    set(world, STATUS(KICKED));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_CARD_OPENED), 1);
    assert_string_equal(seen_by(world, "")->role_id, before);
    assert_string_equal(seen_by(world, id_of(USER))->role_id, before);
    set(world, STATUS(DEFAULT));
    assert_string_equal(seen_by(world, "")->role_id, before); // it was told
    set(world, STATUS(DEAD));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_CARD_OPENED), 2); // a death of its own
    assert_string_equal(seen_by(world, "")->role_id, id_of(ROLE + 7));
    assert_replays(world);
    world_destroy(world);
}

static void a_strike_at_the_end_of_a_phase_opens_the_card(void **state)
{
    (void)state;
    struct world *world = running(REVEAL(SIDE));
    set(world, STATUS(PRO_KILLED_9_PHASES));
    for (int i = 0; i < 9; i++) {
        assert_string_equal(seen_by(world, "")->side_id, "");
        assert_true(
            DO(world, GOD, open_phase, i % 2 ? EVENTS__PHASE__KIND__DAY : EVENTS__PHASE__KIND__NIGHT, 0));
    }
    assert_false(person_alive(world_person(world, USER)));
    assert_string_equal(seen_by(world, "")->side_id, true_side(world));
    assert_replays(world);
    world_destroy(world);
}

static void undo_takes_back_the_death_with_its_card(void **state)
{
    (void)state;
    struct world *world = running(REVEAL(ROLE));
    change_silently(world, SIDE_MAFIA);
    char told[UUID_LEN + 1];
    strcpy(told, seen_by(world, id_of(USER))->role_id);
    set(world, STATUS(DEAD));
    assert_int_equal(undo_act(&world->game), 2);
    assert_true(DO(world, GOD, undo, undo_newest(&world->game)->seq));
    assert_true(person_alive(world_person(world, USER)));
    assert_string_equal(seen_by(world, "")->role_id, "");
    assert_string_equal(seen_by(world, id_of(USER))->role_id, told);
    assert_replays(world);
    world_destroy(world);
}

static void phases_before_the_death_stay_as_they_were(void **state)
{
    (void)state;
    struct world *world = running(REVEAL(ROLE));
    struct viewer everyone = view_as_public(&world->game);
    Events__ListPhasesReply phases = EVENTS__LIST_PHASES_REPLY__INIT;
    struct view_page page = {.first = 1, .most = 20, .most_bytes = SIZE_MAX};
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__NIGHT, 0));
    set(world, STATUS(DEAD));
    assert_true(DO(world, GOD, close_phase));
    assert_true(view_phases(&world->game, &everyone, &page, &phases, &world->arena));
    assert_string_equal(phases.phases[0]->players[0]->role_id, "");
    assert_string_equal(phases.phases[1]->players[0]->role_id, true_role(world));
    assert_replays(world);
    world_destroy(world);
}

static void a_new_card_is_hidden(void **state)
{
    (void)state;
    struct world *world = dealt(REVEAL(ROLE));
    set(world, STATUS(DEAD));
    assert_string_not_equal(seen_by(world, "")->role_id, "");
    assert_true(DO(world, GOD, redeal, world_secrets(world), "a card fell"));
    assert_string_equal(seen_by(world, "")->role_id, "");
    assert_replays(world);
    world_destroy(world);
}

// Both in one command: the card is the new one, and they are one act.
static void a_change_with_the_death_is_opened(void **state)
{
    (void)state;
    struct world *world = running(REVEAL(ROLE));
    Game__RoleFacts facts = GAME__ROLE_FACTS__INIT;
    char role_id[UUID_LEN + 1], side_id[UUID_LEN + 1], user_id[UUID_LEN + 1];
    facts.role_id = strcpy(role_id, id_of(ROLE + 7));
    facts.side_id = strcpy(side_id, id_of(SIDE_MAFIA));
    const struct player_update update = {strcpy(user_id, id_of(USER)), STATUS(DEAD), &facts, NULL};
    assert_true(DO(world, GOD, update, &update));
    assert_string_equal(seen_by(world, "")->role_id, role_id);
    assert_int_equal(undo_act(&world->game), 3);
    assert_true(DO(world, GOD, undo, undo_newest(&world->game)->seq));
    assert_string_equal(seen_by(world, "")->role_id, "");
    assert_true(person_alive(world_person(world, USER)));
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_death_tells_as_much_as_the_terms_say),
        cmocka_unit_test(a_silent_change_comes_out_with_the_card),
        cmocka_unit_test(one_who_is_dead_is_not_opened_again),
        cmocka_unit_test(a_strike_at_the_end_of_a_phase_opens_the_card),
        cmocka_unit_test(undo_takes_back_the_death_with_its_card),
        cmocka_unit_test(phases_before_the_death_stay_as_they_were),
        cmocka_unit_test(a_new_card_is_hidden),
        cmocka_unit_test(a_change_with_the_death_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
