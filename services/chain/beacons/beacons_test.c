// What events want of the cluster's blocks, and what they are told: once, whoever repeats it.
#include "services/chain/beacons/beacons.h"

#include "services/chain/testing/evening.h"

#define URL "shared:beacons"

enum { WEEK_MS = 7 * 24 * 3600 * 1000 };

static const struct beacon_block block = {134, {7, 7, 7}};

static void say_wanted(struct evening *evening, uint32_t k, uint64_t slot)
{
    Money__BeaconWanted wanted = MONEY__BEACON_WANTED__INIT;
    wanted.k = k;
    wanted.slot = slot;
    evening_tell(evening, MONEY__FROM_EVENTS__BODY_BEACON_WANTED, &wanted);
}

static struct beacons beacons_in(struct evening *evening, enum beacon_state state)
{
    struct beacons found;
    struct err err = {0};
    assert_true(beacons_find(&evening->house->chain, state, &evening->house->arena, &found, &err));
    return found;
}

static void offer_all(struct evening *evening, uint64_t slot)
{
    const struct beacons wanted = beacons_in(evening, BEACON_WANTED);
    struct err err = {0};
    for (size_t i = 0; i < wanted.count; i++)
        assert_true(beacons_offer(&evening->house->chain, &wanted, i, slot, &err));
}

static void tell_all(struct evening *evening)
{
    const struct beacons named = beacons_in(evening, BEACON_NAMED);
    struct err err = {0};
    for (size_t i = 0; i < named.count; i++)
        assert_true(beacons_tell(&evening->house->chain, &named, i, &block, &err));
}

static const Money__FromChain *told_last(struct evening *evening, size_t *count)
{
    struct store_entries page;
    struct err err = {0};
    struct arena *arena = &evening->house->arena;
    assert_true(store_read(evening->house->chain.store, TOLD_STREAM, 1, 100, arena, &page, &err));
    *count = page.count;
    const ProtobufCBinaryData *last = page.count ? &page.entries[page.count - 1] : NULL;
    return last ? money__from_chain__unpack(&arena->allocator, last->len, last->data) : NULL;
}

static void assert_told(struct evening *evening, size_t count)
{
    size_t told;
    told_last(evening, &told);
    assert_int_equal(told, count);
}

static void a_slot_is_named_and_its_block_is_told(void **state)
{
    (void)state;
    struct evening evening;
    size_t count;
    evening_init(&evening, house_at(NULL));
    say_wanted(&evening, 1, 0);
    assert_int_equal(beacons_in(&evening, BEACON_WANTED).count, 1);
    offer_all(&evening, 132);
    const Money__FromChain *said = told_last(&evening, &count);
    assert_int_equal(said->body_case, MONEY__FROM_CHAIN__BODY_BEACON_NAMED);
    assert_string_equal(said->event_id, EVENING);
    assert_int_equal(said->beacon_named->slot, 132);
    assert_int_equal(beacons_in(&evening, BEACON_NAMED).count, 0); // the event has not said so yet
    say_wanted(&evening, 1, 132);
    assert_int_equal(beacons_in(&evening, BEACON_NAMED).rows[0]->slot, 132);
    tell_all(&evening);
    said = told_last(&evening, &count);
    assert_int_equal(count, 2);
    assert_int_equal(said->body_case, MONEY__FROM_CHAIN__BODY_BEACON_FOUND);
    assert_int_equal(said->beacon_found->slot, 132);
    assert_int_equal(said->beacon_found->block_slot, 134);
    assert_memory_equal(said->beacon_found->hash.data, block.hash, sizeof block.hash);
    house_close(evening.house);
}

// As after a kill between what was told and the row of it.
static void what_was_told_before_a_kill_is_not_told_again(void **state)
{
    (void)state;
    struct evening evening;
    struct err err = {0};
    evening_init(&evening, house_at(NULL));
    say_wanted(&evening, 1, 0);
    struct beacons wanted = beacons_in(&evening, BEACON_WANTED);
    assert_true(beacons_offer(&evening.house->chain, &wanted, 0, 132, &err));
    assert_true(beacons_offer(&evening.house->chain, &wanted, 0, 140, &err)); // the row changed meanwhile
    assert_told(&evening, 1);
    say_wanted(&evening, 1, 132);
    house_restart(evening.house);
    struct beacons named = beacons_in(&evening, BEACON_NAMED);
    assert_true(beacons_tell(&evening.house->chain, &named, 0, &block, &err));
    assert_true(beacons_tell(&evening.house->chain, &named, 0, &block, &err));
    assert_told(&evening, 2);
    assert_int_equal(beacons_in(&evening, BEACON_TOLD).count, 1);
    house_close(evening.house);
}

static void a_page_that_comes_again_changes_nothing(void **state)
{
    (void)state;
    struct evening evening;
    evening_init(&evening, house_at(NULL));
    say_wanted(&evening, 1, 0);
    say_wanted(&evening, 2, 0);
    offer_all(&evening, 132);
    say_wanted(&evening, 1, 132);
    evening.told = 0;
    say_wanted(&evening, 1, 0);
    assert_int_equal(beacons_in(&evening, BEACON_NAMED).count, 1);
    assert_int_equal(beacons_in(&evening, BEACON_OFFERED).count, 1);
    tell_all(&evening);
    say_wanted(&evening, 1, 132);
    tell_all(&evening);
    assert_told(&evening, 3);
    house_close(evening.house);
}

// A chain that was restored names another slot, but the event's counts.
static void the_slot_that_the_event_has_counts(void **state)
{
    (void)state;
    struct evening evening;
    evening_init(&evening, house_at(NULL));
    say_wanted(&evening, 1, 0);
    offer_all(&evening, 200);
    say_wanted(&evening, 1, 132);
    assert_int_equal(beacons_in(&evening, BEACON_NAMED).rows[0]->slot, 132);
    house_close(evening.house);
}

static void two_processes_tell_once(void **state)
{
    (void)state;
    shared_store_register();
    struct evening one, two;
    struct err err = {0};
    evening_init(&one, house_at(URL));
    evening_init(&two, house_at(URL));
    say_wanted(&one, 1, 0);
    say_wanted(&two, 1, 0);
    struct beacons first = beacons_in(&one, BEACON_WANTED), second = beacons_in(&two, BEACON_WANTED);
    assert_true(beacons_offer(&one.house->chain, &first, 0, 132, &err));
    assert_true(beacons_offer(&two.house->chain, &second, 0, 133, &err));
    assert_told(&two, 1);
    house_close(two.house);
    house_close(one.house);
    shared_store_drop(URL);
}

static void what_is_not_found_for_a_week_is_lost(void **state)
{
    (void)state;
    struct evening evening;
    struct err err = {0};
    bool lost;
    evening_init(&evening, house_at(NULL));
    say_wanted(&evening, 1, 132);
    struct beacons named = beacons_in(&evening, BEACON_NAMED);
    struct chain *chain = &evening.house->chain;
    assert_true(beacons_lose(chain, &named, 0, evening.house->now_ms + WEEK_MS, &lost, &err));
    assert_false(lost);
    assert_true(beacons_lose(chain, &named, 0, evening.house->now_ms + WEEK_MS + 1, &lost, &err));
    assert_true(lost);
    assert_int_equal(beacons_in(&evening, BEACON_NAMED).count, 0);
    say_wanted(&evening, 1, 132);
    assert_int_equal(beacons_in(&evening, BEACON_NAMED).count, 0);
    house_close(evening.house);
}

static void an_event_that_is_free_has_no_payments(void **state)
{
    (void)state;
    struct evening evening;
    evening_init(&evening, house_at(NULL));
    say_wanted(&evening, 1, 0);
    struct book_call b = {.chain = &evening.house->chain, .arena = &evening.house->arena};
    struct err err = {0};
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(EVENING, id);
    assert_true(book_begin_own(&b, evening.house->now_ms, true, &err));
    assert_null(till_find_event(&b.book->till, id));
    book_end(&b);
    house_close(evening.house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_is_named_and_its_block_is_told),
        cmocka_unit_test(what_was_told_before_a_kill_is_not_told_again),
        cmocka_unit_test(a_page_that_comes_again_changes_nothing),
        cmocka_unit_test(the_slot_that_the_event_has_counts),
        cmocka_unit_test(two_processes_tell_once),
        cmocka_unit_test(what_is_not_found_for_a_week_is_lost),
        cmocka_unit_test(an_event_that_is_free_has_no_payments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
