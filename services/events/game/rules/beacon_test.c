// Deals that wait for a block of the cluster.
#include "services/events/testing/game.h"
#include "services/events/testing/money.h"

// With two players seated.
static struct world *world_with_beacon(void)
{
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    terms.beacon = true;
    world_open(world, (struct world_deck){2, 2}, &terms);
    assert_true(world_reserve(world, USER, true) && world_reserve(world, USER + 1, false));
    return world;
}

static struct world *world_locked(void)
{
    struct world *world = world_with_beacon();
    assert_true(DO(world, GOD, lock));
    return world;
}

static const Events__Deal *deal_of(struct world *world)
{
    arena_reset(&world->arena);
    const Events__Deal *deal = view_deal(&world->game, &world->arena);
    assert_non_null(deal);
    return deal;
}

static bool world_reveal(struct world *world) { return DO(world, GOD, reveal, world_secrets(world)); }

static void the_lock_asks_for_a_block_and_the_reveal_waits_for_it(void **state)
{
    (void)state;
    struct world *world = world_with_beacon();
    assert_int_equal(deal_of(world)->assurance, EVENTS__DEAL__ASSURANCE__BEACON);
    assert_null(deal_of(world)->beacon);
    assert_true(DO(world, GOD, lock));
    assert_true(game_awaits_beacon(&world->game));
    assert_int_equal(deal_of(world)->beacon->k, 1);
    assert_false(world_reveal(world));
    assert_refused(world, BEACON_PENDING);
    assert_false(chain_finds(world, 1, 0, 7)); // of a slot that was not named
    assert_true(chain_names(world, 1, 132));
    assert_false(world_reveal(world));
    assert_refused(world, BEACON_PENDING);
    assert_true(chain_finds(world, 1, 132, 134));
    assert_false(game_awaits_beacon(&world->game));
    assert_true(world_reveal(world));
    assert_int_equal(deal_of(world)->beacon->block_slot, 134);
    assert_int_equal(deal_of(world)->assurance, EVENTS__DEAL__ASSURANCE__BEACON);
    assert_replays(world);
    world_destroy(world);
}

static void a_slot_is_named_once_and_found_once(void **state)
{
    (void)state;
    struct world *world = world_locked();
    assert_false(chain_names(world, 2, 132));
    assert_false(chain_names(world, 1, 0));
    assert_true(chain_names(world, 1, 132));
    assert_false(chain_names(world, 1, 140)); // as a chain that was restored may
    assert_int_equal(world->game.beacon.slot, 132);
    assert_false(chain_finds(world, 1, 140, 140));
    assert_false(chain_finds(world, 1, 132, 131));
    assert_true(chain_finds(world, 1, 132, 132));
    assert_false(chain_finds(world, 1, 132, 133));
    assert_int_equal(world->game.beacon.block, 132);
    world_destroy(world);
}

// The cards of the world's players with a beacon, and those without.
static void the_block_decides_the_cards(void **state)
{
    (void)state;
    bool differs = false;
    for (uint64_t block = 1; block <= 16; block++) {
        struct world *world = world_locked();
        assert_true(chain_names(world, 1, 1) && chain_finds(world, 1, 1, block));
        assert_true(world_reveal(world));
        uint16_t role = world_person(world, USER)->card;
        uint8_t hash[DEAL_HASH];
        memset(hash, (int)block, sizeof hash);
        assert_memory_equal(world->game.beacon.hash, hash, sizeof hash);
        struct world *without = world_dealt(2);
        differs |= role != world_person(without, USER)->card;
        world_destroy(without);
        world_destroy(world);
    }
    assert_true(differs);
}

static void unlocking_burns_the_beacon_with_its_deal(void **state)
{
    (void)state;
    struct world *world = world_locked();
    assert_true(chain_names(world, 1, 132));
    assert_true(DO(world, GOD, unlock, world_secrets(world)));
    assert_null(deal_of(world)->beacon);
    assert_false(chain_finds(world, 1, 132, 132));
    assert_true(DO(world, GOD, lock));
    assert_int_equal(deal_of(world)->beacon->k, 2);
    assert_int_equal(deal_of(world)->beacon->slot, 0);
    assert_false(world_reveal(world));
    assert_true(chain_names(world, 2, 170) && chain_finds(world, 2, 170, 170));
    assert_true(world_reveal(world));
    assert_replays(world);
    world_destroy(world);
}

static void a_redeal_asks_first_and_deals_then(void **state)
{
    (void)state;
    struct world *world = world_locked();
    assert_true(chain_names(world, 1, 132) && chain_finds(world, 1, 132, 132) && world_reveal(world));
    assert_true(DO(world, GOD, redeal, world_secrets(world), "a card was seen"));
    assert_true(game_awaits_beacon(&world->game));
    assert_int_equal(deal_of(world)->k, 1);
    assert_int_equal(deal_of(world)->next_beacon->k, 2);
    assert_false(DO(world, GOD, redeal, world_secrets(world), "a card was seen"));
    assert_refused(world, BEACON_PENDING);
    assert_replays(world);
    assert_true(chain_names(world, 2, 200) && chain_finds(world, 2, 200, 201));
    assert_true(DO(world, GOD, redeal, world_secrets(world), "a card was seen"));
    assert_int_equal(deal_of(world)->k, 2);
    assert_int_equal(deal_of(world)->beacon->block_slot, 201);
    assert_null(deal_of(world)->next_beacon);
    assert_replays(world);
    world_destroy(world);
}

static void nobody_goes_without_before_ten_minutes(void **state)
{
    (void)state;
    struct world *world = world_locked();
    assert_true(chain_names(world, 1, 132));
    world->now_ms += 10 * MINUTE - 1;
    assert_false(DO(world, GOD, give_beacon_up, "the cluster is away"));
    assert_refused(world, BEACON_PENDING);
    world->now_ms += 1;
    assert_true(DO(world, GOD, give_beacon_up, "the cluster is away"));
    assert_int_equal(deal_of(world)->assurance, EVENTS__DEAL__ASSURANCE__OPERATOR_TRUSTED);
    assert_string_equal(deal_of(world)->beacon->given_up, "the cluster is away");
    assert_false(chain_finds(world, 1, 132, 132)); // too late
    assert_true(world_reveal(world));
    assert_int_equal(deal_of(world)->beacon->hash.len, 0);
    assert_replays(world);
    world_destroy(world);
}

static void what_is_there_is_not_given_up(void **state)
{
    (void)state;
    struct world *world = world_with_beacon();
    assert_false(DO(world, GOD, give_beacon_up, "away"));
    assert_refused(world, INVALID_FIELD);
    assert_true(DO(world, GOD, lock));
    assert_true(chain_names(world, 1, 132) && chain_finds(world, 1, 132, 132));
    world->now_ms += HOUR;
    size_t before = world->kept_count;
    assert_true(DO(world, GOD, give_beacon_up, "away"));
    assert_int_equal(world->kept_count, before);
    assert_true(world_reveal(world));
    assert_int_equal(deal_of(world)->assurance, EVENTS__DEAL__ASSURANCE__BEACON);
    assert_false(DO(world, GOD, give_beacon_up, "away"));
    assert_refused(world, INVALID_FIELD);
    world_destroy(world);
}

static void without_the_term_nothing_is_asked_for(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_BEACON_WANTED), 0);
    assert_int_equal(deal_of(world)->assurance, EVENTS__DEAL__ASSURANCE__OPERATOR_TRUSTED);
    assert_false(chain_names(world, 1, 132));
    world_destroy(world);
}

static void the_end_opens_the_beacon_too(void **state)
{
    (void)state;
    struct world *world = world_locked();
    assert_true(chain_names(world, 1, 132) && chain_finds(world, 1, 132, 133) && world_reveal(world));
    assert_true(DO(world, GOD, redeal, world_secrets(world), "again")); // which the first phase ends
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    assert_false(game_awaits_beacon(&world->game));
    assert_false(DO(world, GOD, give_beacon_up, "away"));
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_memory_equal(deal_of(world)->opened->beacon.data, world->game.beacon.hash, DEAL_HASH);
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lock_asks_for_a_block_and_the_reveal_waits_for_it),
        cmocka_unit_test(a_slot_is_named_once_and_found_once),
        cmocka_unit_test(the_block_decides_the_cards),
        cmocka_unit_test(unlocking_burns_the_beacon_with_its_deal),
        cmocka_unit_test(a_redeal_asks_first_and_deals_then),
        cmocka_unit_test(nobody_goes_without_before_ten_minutes),
        cmocka_unit_test(what_is_there_is_not_given_up),
        cmocka_unit_test(without_the_term_nothing_is_asked_for),
        cmocka_unit_test(the_end_opens_the_beacon_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
