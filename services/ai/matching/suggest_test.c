#include "services/ai/matching/suggest.h"
#include "tests/test.h"

enum { MOST = 40 };

static const struct suggest_player player = {{30, 2}, 100};
static const struct suggest_event plain = {
    .mean_mu = 25, .god = 9, .seats_free = 3, .price = 20, .starts_at_ms = 1000};

// Changing one thing for the better must bring the event to the front, with the reason that names it.
static struct suggestion first_of(struct suggest_event better)
{
    const struct suggest_event events[] = {plain, better};
    struct suggestion best[2];
    assert_int_equal(suggest_events(&player, events, 2, best, 2), 2);
    assert_int_equal(best[0].event, 1);
    assert_true(best[0].score > best[1].score);
    return best[0];
}

static void each_reason_counts(void **state)
{
    (void)state;
    struct suggest_event event = plain;
    event.mean_mu = 29;
    assert_true(first_of(event).closeness > 0.9);
    event = plain;
    event.with_god = 2;
    assert_true(first_of(event).acquaintance == 0.25);
    event = plain;
    event.in_group = 6;
    assert_true(first_of(event).acquaintance == 0.375);
    event = plain;
    event.with_deck = 2;
    assert_true(first_of(event).deck == 0.5);
    event = plain;
    event.price = 0;
    assert_true(first_of(event).price == 1);
}

static void equal_scores_start_sooner_first(void **state)
{
    (void)state;
    struct suggest_event events[] = {plain, plain, plain};
    struct suggestion best[3];
    events[2].starts_at_ms = 500;
    assert_int_equal(suggest_events(&player, events, 3, best, 3), 3);
    assert_int_equal(best[0].event, 2);
    assert_int_equal(best[1].event, 0);
    assert_int_equal(best[2].event, 1);
}

static void full_and_unaffordable_events_are_left_out(void **state)
{
    (void)state;
    struct suggest_event events[] = {plain, plain, plain};
    struct suggestion best[3];
    const struct suggest_player poor = {{30, 2}, 0};
    events[0].seats_free = 0;
    events[1].price = 101;
    assert_int_equal(suggest_events(&player, events, 3, best, 3), 1);
    assert_int_equal(best[0].event, 2);
    events[1].price = 0;
    assert_int_equal(suggest_events(&poor, events, 3, best, 3), 1);
    assert_int_equal(best[0].event, 1);
    assert_true(best[0].price == 1);
}

// A short list is the beginning of the long one, and the long one falls.
static void short_lists_are_prefixes(void **state)
{
    (void)state;
    unsigned seed = 8;
    for (int round = 0; round < 500; round++) {
        struct suggest_event events[MOST];
        struct suggestion all[MOST], few[5];
        uint32_t count = rand_r(&seed) % (MOST + 1), room = rand_r(&seed) % 6;
        for (uint32_t i = 0; i < count; i++)
            events[i] = (struct suggest_event){.mean_mu = 20 + rand_r(&seed) % 20,
                                               .god = rand_r(&seed) % 6,
                                               .with_god = rand_r(&seed) % 3,
                                               .in_group = rand_r(&seed) % 3,
                                               .with_deck = rand_r(&seed) % 2,
                                               .seats_free = rand_r(&seed) % 4,
                                               .price = rand_r(&seed) % 130,
                                               .starts_at_ms = rand_r(&seed) % 5};
        uint32_t found = suggest_events(&player, events, count, all, MOST);
        uint32_t kept = suggest_events(&player, events, count, few, room);
        assert_int_equal(kept, found < room ? found : room);
        for (uint32_t i = 0; i < kept; i++) assert_int_equal(few[i].event, all[i].event);
        for (uint32_t i = 0; i < found; i++) {
            uint32_t of_god = 0;
            for (uint32_t k = 0; k < found; k++)
                of_god += events[all[k].event].god == events[all[i].event].god;
            assert_true(of_god <= SUGGEST_OF_GOD);
            assert_true(all[i].score >= 0 && all[i].score <= 1);
            assert_true(i == 0 || all[i].score <= all[i - 1].score);
        }
    }
}

static void one_god_does_not_fill_the_list(void **state)
{
    (void)state;
    struct suggest_event events[] = {plain, plain, plain, plain, plain};
    struct suggestion best[5];
    events[4].god = 1;
    events[4].mean_mu = 0; // worse than all
    events[3].starts_at_ms = 1;
    assert_int_equal(suggest_events(&player, events, 5, best, 5), 4);
    assert_int_equal(best[0].event, 3);
    assert_int_equal(best[3].event, 4);
    assert_int_equal(suggest_events(&player, events, 5, best, 2), 2);
}

static void what_nobody_can_tell_is_no_light_price(void **state)
{
    (void)state;
    struct suggest_event event = plain;
    struct suggestion best;
    event.price = 1000;
    event.foreign = true;
    assert_int_equal(suggest_events(&player, &event, 1, &best, 1), 1);
    assert_true(best.price == 0);
}

static void the_reason_is_what_was_played_before(void **state)
{
    (void)state;
    const struct suggest_names names = {"mira", "Night Owls"};
    struct suggest_event event = plain;
    struct suggestion suggestion = {.closeness = 0.9};
    char text[SUGGEST_TEXT_BYTES];
#define ASSERT_TEXT(expected)                                                                                \
    (suggest_text(&suggestion, &event, &names, text), assert_string_equal(text, expected))
    ASSERT_TEXT("It has 3 free seats.");
    event.price = 0;
    event.seats_free = 1;
    ASSERT_TEXT("It costs nothing, and has 1 free seat.");
    event.seated = true;
    ASSERT_TEXT("Those who have seats play about as well as you.");
    event.with_deck = 2;
    ASSERT_TEXT("You played 2 times with this deck.");
    event.in_group = 1;
    ASSERT_TEXT("You played 1 time in Night Owls.");
    event.with_god = 4;
    ASSERT_TEXT("You played 4 times with mira.");
    assert_non_null(strstr((suggest_text_fa(&suggestion, &event, &names, text), text), "mira"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_counts),
        cmocka_unit_test(equal_scores_start_sooner_first),
        cmocka_unit_test(full_and_unaffordable_events_are_left_out),
        cmocka_unit_test(short_lists_are_prefixes),
        cmocka_unit_test(one_god_does_not_fill_the_list),
        cmocka_unit_test(what_nobody_can_tell_is_no_light_price),
        cmocka_unit_test(the_reason_is_what_was_played_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
