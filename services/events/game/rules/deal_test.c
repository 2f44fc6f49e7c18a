// Lock, deal and end.
#include "lib/base/merkle.h"
#include "services/events/testing/game.h"

#define PHASE(name) EVENTS__PHASE__KIND__##name

static void lock_needs_enough_players_and_freezes(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    terms.min_players = 2;
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, true));
    assert_false(DO(world, GOD, lock));
    assert_refused(world, TOO_FEW_PLAYERS);
    assert_true(world_reserve(world, USER + 1, false));
    assert_true(DO(world, GOD, lock));
    assert_false(world_reserve(world, USER + 2, false));
    assert_refused(world, EVENT_NOT_OPEN);
    assert_false(DO(world, GOD, edit, &terms));
    assert_refused(world, EVENT_NOT_OPEN);
    world_destroy(world);
}

static void leaving_a_locked_event_opens_it_and_burns_the_secret(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, USER, leave, id_of(USER), world_secrets(world)));
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__OPEN);
    assert_int_equal(world->game.k, 2);
    assert_memory_equal(world->game.burned[0].secret.bytes, world->secrets.first[0], DEAL_HASH);
    assert_int_equal(world->game.seats_taken, 2);
    assert_replays(world);
    world_destroy(world);
}

// With one player seated.
static struct world *open_small(bool further)
{
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world->secrets.further = further;
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    return world;
}

static void burn(struct world *world, int times)
{
    for (int i = 0; i < times; i++) {
        assert_true(DO(world, GOD, lock));
        assert_true(DO(world, GOD, unlock, world_secrets(world)));
    }
}

static void eight_secrets_are_all_that_older_events_have(void **state)
{
    (void)state;
    struct world *world = open_small(false);
    burn(world, DEAL_SECRETS);
    assert_false(DO(world, GOD, lock));
    assert_refused(world, DEALS_USED_UP);
    assert_int_equal(view_deal(&world->game, &world->arena)->further_root.len, 0);
    assert_replays(world);
    world_destroy(world);
}

static void assert_proved(const struct world *world, const struct opened_secret *secret, uint32_t k)
{
    uint8_t expected[DEAL_HASH];
    deal_secret(expected, &world->secrets, k);
    assert_memory_equal(secret->bytes, expected, DEAL_HASH);
    assert_true(deal_prove_check(world->game.commitments.further_root, world->game.id.text, k, secret->bytes,
                                 (const uint8_t(*)[DEAL_HASH])secret->siblings));
    assert_false(deal_prove_check(world->game.commitments.further_root, world->game.id.text, k + 1,
                                  secret->bytes, (const uint8_t(*)[DEAL_HASH])secret->siblings));
}

static void further_secrets_are_opened_with_their_proof(void **state)
{
    (void)state;
    struct world *world = open_small(true);
    burn(world, DEAL_SECRETS + 1);
    assert_null(world->game.burned[DEAL_SECRETS - 1].secret.siblings);
    assert_proved(world, &world->game.burned[DEAL_SECRETS].secret, 9);
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, GOD, reveal, world_secrets(world)));
    assert_true(DO(world, GOD, redeal, world_secrets(world), "again"));
    assert_proved(world, &world->game.burned[DEAL_SECRETS + 1].secret, 10);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_int_equal(world->game.k, 11);
    assert_proved(world, &world->game.secret, 11);
    const Events__Deal *deal = view_deal(&world->game, &world->arena);
    assert_int_equal(deal->further_root.len, DEAL_HASH);
    assert_int_equal(deal->opened->n_siblings, DEAL_PROOF);
    assert_int_equal(deal->burned[7]->n_siblings, 0);
    assert_int_equal(deal->burned[8]->n_siblings, DEAL_PROOF);
    assert_replays(world);
    world_destroy(world);
}

static void even_the_further_ones_end(void **state)
{
    (void)state;
    struct world *world = open_small(true);
    burn(world, DEAL_MOST);
    assert_false(DO(world, GOD, lock));
    assert_refused(world, DEALS_USED_UP);
    assert_proved(world, &world->game.burned[DEAL_MOST - 1].secret, DEAL_MOST);
    world_destroy(world);
}

// Who leaves after each lock does not use up what the others need.
static void a_locked_roster_is_frozen_after_five_burns(void **state)
{
    (void)state;
    struct world *world = open_small(true);
    assert_true(world_reserve(world, USER + 1, false));
    for (int i = 0; i < 5; i++) {
        assert_true(DO(world, GOD, lock));
        assert_true(DO(world, USER + 1, leave, id_of(USER + 1), world_secrets(world)));
        assert_true(world_reserve(world, USER + 1, false));
    }
    assert_true(DO(world, GOD, lock));
    assert_false(DO(world, USER + 1, leave, id_of(USER + 1), world_secrets(world)));
    assert_refused(world, ROSTER_FROZEN);
    assert_false(DO(world, GOD, leave, id_of(USER + 1), world_secrets(world)));
    assert_refused(world, ROSTER_FROZEN);
    assert_int_equal(world->game.k, 6);
    assert_true(DO(world, GOD, unlock, world_secrets(world)));
    assert_true(DO(world, USER + 1, leave, id_of(USER + 1), world_secrets(world)));
    assert_replays(world);
    world_destroy(world);
}

static void cards_are_what_the_deal_says(void **state)
{
    (void)state;
    struct world *world = world_dealt(5);
    struct arena *arena = &world->arena;
    for (unsigned i = 0; i < 5; i++) {
        int person = game_player(&world->game, id_of(USER + i));
        struct merkle_hash leaf, root;
        struct merkle_proof path;
        const char *role_id = game_role(&world->game, world->game.people[person].card)->id.text;
        Events__Proof *proof = view_proof(&world->game, person, world->secrets.first[0], arena);
        path.count = proof->n_siblings;
        for (size_t s = 0; s < path.count; s++) memcpy(&path.siblings[s], proof->siblings[s].data, DEAL_HASH);
        memcpy(&root, world->game.root, sizeof root);
        deal_leaf(leaf.bytes, id_of(USER + i), role_id, proof->salt.data);
        assert_int_equal(proof->index, i);
        assert_true(merkle_check(&root, 5, i, &leaf, &path));
    }
    assert_replays(world);
    world_destroy(world);
}

static void a_small_deck_is_refused(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    world_open(world, (struct world_deck){2, 1}, &terms);
    for (unsigned i = 0; i < 3; i++) assert_true(world_reserve(world, USER + i, false));
    assert_false(DO(world, GOD, reveal, world_secrets(world)));
    assert_refused(world, EVENT_NOT_LOCKED);
    assert_true(DO(world, GOD, lock));
    assert_false(DO(world, GOD, reveal, world_secrets(world)));
    assert_refused(world, DECK_TOO_SMALL);
    world_destroy(world);
}

static void a_redeal_opens_the_secret_and_only_before_the_first_phase(void **state)
{
    (void)state;
    struct world *world = world_dealt(4);
    const struct deal_secrets *secrets = world_secrets(world);
    uint8_t root[DEAL_HASH];
    memcpy(root, world->game.root, DEAL_HASH);
    assert_true(DO(world, GOD, redeal, secrets, "a card was seen"));
    assert_int_equal(world->game.k, 2);
    assert_memory_equal(world->game.burned[0].secret.bytes, world->secrets.first[0], DEAL_HASH);
    assert_memory_not_equal(world->game.root, root, DEAL_HASH);
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 0));
    assert_false(DO(world, GOD, redeal, secrets, "again"));
    assert_refused(world, REDEAL_TOO_LATE);
    assert_replays(world);
    world_destroy(world);
}

static void the_end_opens_the_deal(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_MAFIA))};
    assert_null(view_deal(&world->game, &world->arena)->opened);
    assert_true(world_open_poll(world, false));
    assert_true(DO(world, GOD, finish, world_secrets(world), winners, 1));
    assert_null(game_open_phase(&world->game));
    assert_null(game_open_poll(&world->game));
    Events__Deal *deal = view_deal(&world->game, &world->arena);
    assert_memory_equal(deal->opened->secret.data, world->secrets.first[0], DEAL_HASH);
    assert_int_equal(deal->opened->n_leaves, 4);
    assert_false(DO(world, GOD, cancel, world_secrets(world)));
    assert_refused(world, EVENT_OVER);
    assert_replays(world);
    world_destroy(world);
}

static void only_a_side_that_someone_plays_wins(void **state)
{
    (void)state;
    struct world *world = world_running(1); // the one player is a citizen
    char citizen[UUID_LEN + 1], mafia[UUID_LEN + 1];
    const char *both[] = {strcpy(citizen, id_of(SIDE_CITIZEN)), strcpy(mafia, id_of(SIDE_MAFIA))};
    assert_false(DO(world, GOD, finish, world_secrets(world), both, 2));
    assert_refused(world, INVALID_FIELD);
    assert_string_equal(world->err.field, "winning_side_ids");
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__RUNNING);
    assert_true(DO(world, GOD, change, id_of(USER), NULL, mafia));
    assert_false(DO(world, GOD, finish, world_secrets(world), both, 1));
    assert_refused(world, INVALID_FIELD);
    assert_true(DO(world, GOD, finish, world_secrets(world), both + 1, 1));
    world_destroy(world);
}

static void a_card_is_shown_once_a_deal(void **state)
{
    (void)state;
    struct world *world = world_dealt(3);
    assert_true(DO(world, GOD, show_card, id_of(USER)));
    size_t before = world->kept_count;
    assert_true(DO(world, GOD, show_card, id_of(USER)));
    assert_int_equal(world->kept_count, before);
    assert_false(DO(world, GOD, show_card, id_of(USER + 9)));
    assert_refused(world, NOT_A_PLAYER);
    assert_replays(world);
    assert_true(DO(world, GOD, redeal, world_secrets(world), "again"));
    assert_false(world_person(world, USER)->card_shown);
    world_destroy(world);
    world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_false(DO(world, GOD, show_card, id_of(USER)));
    assert_refused(world, EVENT_NOT_REVEALED);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_shown_once_a_deal),
        cmocka_unit_test(lock_needs_enough_players_and_freezes),
        cmocka_unit_test(leaving_a_locked_event_opens_it_and_burns_the_secret),
        cmocka_unit_test(eight_secrets_are_all_that_older_events_have),
        cmocka_unit_test(further_secrets_are_opened_with_their_proof),
        cmocka_unit_test(even_the_further_ones_end),
        cmocka_unit_test(a_locked_roster_is_frozen_after_five_burns),
        cmocka_unit_test(cards_are_what_the_deal_says),
        cmocka_unit_test(a_small_deck_is_refused),
        cmocka_unit_test(a_redeal_opens_the_secret_and_only_before_the_first_phase),
        cmocka_unit_test(the_end_opens_the_deal),
        cmocka_unit_test(only_a_side_that_someone_plays_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
