#include "services/gateway/http/places.h"
#include "tests/test.h"

enum { MOST = 100 };

static struct address address(unsigned char last)
{
    struct address address = {{0}};
    address.bytes[15] = last;
    return address;
}

static struct places *make(void)
{
    struct err err;
    struct places *places;
    assert_true(places_create(&places, MOST, &err));
    return places;
}

static void enter(struct places *places, struct place *place, unsigned char who)
{
    struct address household = address(who);
    places_enter(places, place, &household);
}

static bool yes(const struct place *place) { return place != NULL; }

static bool no(const struct place *place) { return place == NULL; }

static const struct place *busy;

static bool all_but_one(const struct place *place) { return place != busy; }

static void who_holds_most_gives_way_and_what_rested_longest_first(void **state)
{
    struct places *places = make();
    struct place crowd[3], pair[2], phone;
    (void)state;
    enter(places, &phone, 1); // rests longest of all
    enter(places, &pair[0], 2);
    for (int i = 0; i < 3; i++) enter(places, &crowd[i], 3);
    enter(places, &pair[1], 2);
    assert_ptr_equal(places_give_way(places, yes), &crowd[0]);
    place_work(&crowd[0]);
    place_rest(&crowd[0]); // a request later it is the last of them
    assert_ptr_equal(places_give_way(places, yes), &crowd[1]);
    places_leave(places, &crowd[1]);
    places_leave(places, &crowd[2]);
    assert_ptr_equal(places_give_way(places, yes), &pair[0]); // two are more than one
    places_leave(places, &pair[0]);
    places_leave(places, &pair[1]);
    places_leave(places, &crowd[0]);
    assert_ptr_equal(places_give_way(places, yes), &phone);
    places_leave(places, &phone);
    assert_null(places_give_way(places, yes));
    places_destroy(places);
}

static void who_works_does_not_give_way_and_the_next_holder_does(void **state)
{
    struct places *places = make();
    struct place crowd[3], pair[2], proxy;
    (void)state;
    for (int i = 0; i < 3; i++) enter(places, &crowd[i], 3);
    for (int i = 0; i < 2; i++) enter(places, &pair[i], 2);
    places_enter(places, &proxy, NULL);
    place_rest(&proxy);
    place_work(&crowd[0]);
    busy = &crowd[1]; // it has a request that nobody has read
    assert_ptr_equal(places_give_way(places, all_but_one), &crowd[2]);
    place_work(&crowd[1]);
    place_work(&crowd[2]);
    assert_ptr_equal(places_give_way(places, yes), &pair[0]);
    assert_null(places_give_way(places, no));
    for (int i = 0; i < 3; i++) places_leave(places, &crowd[i]);
    for (int i = 0; i < 2; i++) places_leave(places, &pair[i]);
    assert_null(places_give_way(places, yes)); // a proxy's never does
    places_leave(places, &proxy);
    places_destroy(places);
}

// Six addresses hold all places, and a few phones have one each; newcomers come and come.
static void an_honest_phone_keeps_its_only_place(void **state)
{
    enum { CROWDS = 6, EACH = 50, PHONES = 20, NEWCOMERS = 200 };
    static struct place crowd[CROWDS][EACH], phones[PHONES], newcomers[NEWCOMERS];
    struct places *places = make();
    (void)state;
    for (int i = 0; i < PHONES; i++) enter(places, &phones[i], (unsigned char)(100 + i));
    for (int c = 0; c < CROWDS; c++)
        for (int i = 0; i < EACH; i++) enter(places, &crowd[c][i], (unsigned char)c);
    for (int i = 0; i < NEWCOMERS; i++) {
        places_leave(places, places_give_way(places, yes));
        enter(places, &newcomers[i], (unsigned char)(i % 2 ? 0 : 150 + i % 100)); // of one crowd, or new
    }
    for (int i = 0; i < PHONES; i++) {
        assert_true(phones[i].rests);
        places_leave(places, &phones[i]);
    }
    places_destroy(places);
}

static void more_than_a_holder_should_have_are_most(void **state)
{
    static struct place many[MOST + 5], phone;
    struct places *places = make();
    (void)state;
    enter(places, &phone, 1);
    for (int i = 0; i < MOST + 5; i++) enter(places, &many[i], 2);
    for (int i = 0; i < MOST + 5; i++) {
        assert_ptr_equal(places_give_way(places, yes), &many[i]);
        if (i < MOST + 3)
            places_leave(places, &many[i]);
        else
            break;
    }
    places_leave(places, &many[MOST + 3]);
    places_leave(places, &many[MOST + 4]);
    places_leave(places, &phone);
    places_leave(places, &phone); // again is nothing
    places_destroy(places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_holds_most_gives_way_and_what_rested_longest_first),
        cmocka_unit_test(who_works_does_not_give_way_and_the_next_holder_does),
        cmocka_unit_test(an_honest_phone_keeps_its_only_place),
        cmocka_unit_test(more_than_a_holder_should_have_are_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
