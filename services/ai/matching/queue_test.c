#include "services/ai/testing/waiters.h"

static const struct queue_options usual = {.window = 2, .window_per_s = 0.5, .patience_ms = 60000};
static const struct queue_table duel = {.needed = 2, .free = 2};

static uint32_t number_of(struct queue_id id)
{
    uint32_t number;
    memcpy(&number, id.bytes, sizeof number);
    return number;
}

static void join(struct queue *queue, uint32_t number, double mu, uint64_t joined_ms)
{
    const struct queue_ticket ticket = ticket_of(number, mu, joined_ms);
    assert_int_equal(queue_join(queue, &ticket), QUEUE_JOINED);
}

static void the_window_widens_with_waiting(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    struct queue_match match;
    join(queue, 1, 20, 0);
    join(queue, 2, 27, 0);
    assert_false(sit_down(queue, &duel, 9999, &match));
    assert_true(sit_down(queue, &duel, 10000, &match));
    assert_int_equal(match.players, 2);
    assert_true(match.spread == 7 && match.score == 0.5 * 20 - 7);
    assert_int_equal(match.seats[0].waited_ms, 10000);
    assert_int_equal(queue_waiting(queue), 0);
    assert_true(queue_window(&usual, 10000) == 7 && isinf(queue_window(&usual, 60000)));
    queue_destroy(queue);
}

static void the_nearest_rating_is_taken(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    struct queue_match match;
    join(queue, 1, 25, 0);
    join(queue, 2, 26.5, 0);
    join(queue, 3, 24.5, 0);
    assert_true(sit_down(queue, &duel, 1, &match));
    assert_int_equal(number_of(match.seats[0].id), 1);
    assert_int_equal(number_of(match.seats[1].id), 3);
    queue_destroy(queue);
}

static void equals_go_in_order_of_joining(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 20);
    struct queue_match match;
    for (uint32_t i = 0; i < 20; i++) join(queue, i, 25, 0);
    for (uint32_t i = 0; i < 20; i += 2) {
        assert_true(sit_down(queue, &duel, 0, &match));
        for (uint32_t k = 0; k < 2; k++) assert_int_equal(number_of(match.seats[k].id), i + k);
    }
    queue_destroy(queue);
}

static void equal_distances_go_in_order_of_joining(void **state)
{
    (void)state;
    for (int lower_first = 0; lower_first < 2; lower_first++) {
        struct queue *queue = queue_create(&usual, 20);
        struct queue_match match;
        join(queue, 1, 25, 0);
        for (uint32_t i = 2; i < 6; i++) join(queue, i, (i < 4) == lower_first ? 24 : 26, 5);
        assert_true(sit_down(queue, &duel, 60000, &match));
        assert_int_equal(number_of(match.seats[1].id), 2);
        queue_destroy(queue);
    }
}

static void an_outlier_gets_a_game_after_its_patience(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    struct queue_match match;
    join(queue, 1, 1000, 0);
    for (uint32_t i = 2; i < 60; i += 2) {
        join(queue, i, 25, i * 1000);
        join(queue, i + 1, 25, i * 1000);
        assert_true(sit_down(queue, &duel, i * 1000, &match));
        assert_int_not_equal(number_of(match.seats[0].id), 1);
    }
    join(queue, 98, 25, 59999);
    join(queue, 99, 25, 59999);
    assert_true(sit_down(queue, &duel, 60000, &match));
    assert_int_equal(number_of(match.seats[0].id), 1);
    queue_destroy(queue);
}

static void who_comes_back_has_their_old_place(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    uint32_t ahead = 9;
    for (uint32_t i = 0; i < 4; i++) join(queue, i, 25, 1000 * i);
    assert_true(queue_leave(queue, id_of(1)));
    join(queue, 1, 25, 1000);
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(queue_ahead(queue, id_of(i), &ahead));
        assert_int_equal(ahead, i);
    }
    join(queue, 4, 25, 1000); // as long as another who was there before
    assert_true(queue_ahead(queue, id_of(4), &ahead));
    assert_int_equal(ahead, 2);
    queue_destroy(queue);
}

static void a_new_rating_is_matched_from_then_on(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    struct queue_match match;
    join(queue, 1, 25, 0);
    join(queue, 2, 40, 0);
    join(queue, 3, 26, 0);
    assert_true(queue_propose(queue, &duel, 0, &match));
    assert_int_equal(match.seats[1].tag, 3);
    assert_true(queue_set_mu(queue, id_of(3), 40.5));
    assert_true(queue_set_mu(queue, id_of(2), 25.5));
    assert_true(queue_propose(queue, &duel, 0, &match));
    assert_int_equal(match.seats[1].tag, 2);
    assert_false(queue_set_mu(queue, id_of(3), NAN));
    assert_false(queue_set_mu(queue, id_of(9), 25));
    queue_destroy(queue);
}

// Waiting is worth spread at the rate at which it widens the window.
static void a_table_takes_as_many_as_make_it_better(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    const struct queue_table table = {.needed = 2, .free = 4};
    struct queue_match match;
    join(queue, 1, 25, 0);
    join(queue, 2, 25, 0);
    join(queue, 3, 27, 9000); // in the window: a second of waiting is not worth two points
    assert_true(queue_propose(queue, &table, 10000, &match));
    assert_int_equal(match.players, 2);
    assert_true(queue_propose(queue, &table, 13000, &match));
    assert_int_equal(match.players, 3);
    assert_true(match.spread == 2 && match.score == 0.5 * (13 + 13 + 4) - 2);
    queue_destroy(queue);
}

static void sizes_and_ratings_that_somebody_refuses_are_kept_to(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    const struct queue_table any = {.needed = 2, .free = 10},
                             small = {.needed = 2, .free = 6, .taken = 2, .most = 8};
    struct queue_ticket picky = ticket_of(1, 25, 0);
    struct queue_match match;
    picky.size_min = 3;
    picky.size_max = 4;
    picky.below = 1;
    assert_int_equal(queue_join(queue, &picky), QUEUE_JOINED);
    join(queue, 2, 25, 0);
    join(queue, 3, 23.5, 0); // lower than the first one accepts
    assert_true(queue_propose(queue, &any, 0, &match));
    assert_int_equal(match.players, 2); // without the first one, who wants more
    assert_int_equal(match.seats[0].tag, 2);
    for (uint32_t i = 4; i < 8; i++) join(queue, i, 25, 0);
    assert_true(queue_propose(queue, &any, 0, &match));
    assert_int_equal(match.players, 4);
    assert_int_equal(match.seats[0].tag, 1);
    for (uint32_t i = 0; i < match.players; i++) assert_int_not_equal(match.seats[i].tag, 3);
    assert_true(queue_propose(queue, &small, 0, &match)); // it may grow to eight
    for (uint32_t i = 0; i < match.players; i++) assert_int_not_equal(match.seats[i].tag, 1);
    queue_destroy(queue);
}

static void those_who_sit_there_count(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    const struct queue_table table = {.needed = 1, .free = 1, .taken = 5, .most = 6, .rated = true, .mu = 25};
    struct queue_match match;
    join(queue, 1, 30, 0);
    assert_false(queue_propose(queue, &table, 5000, &match));
    join(queue, 2, 26, 5000);
    assert_true(queue_propose(queue, &table, 5000, &match));
    assert_int_equal(match.seats[0].tag, 2);
    assert_true(match.spread == 1);
    assert_true(queue_propose(queue, &table, 60000, &match)); // patience
    assert_int_equal(match.seats[0].tag, 1);
    queue_destroy(queue);
}

static bool admits_even(void *arg, uint32_t tag) { return (void)arg, tag % 2 == 0; }

static void who_may_not_sit_here_or_together_does_not(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 10);
    const struct queue_table table = {.needed = 2, .free = 2, .admits = admits_even, .clash = clash_of_two};
    struct queue_match match;
    for (uint32_t i = 1; i < 5; i++) join(queue, i, 25, 0);
    assert_false(queue_propose(queue, &table, 100000, &match));
    join(queue, 6, 99, 0);
    assert_true(queue_propose(queue, &table, 100000, &match));
    assert_int_equal(match.seats[0].tag, 2);
    assert_int_equal(match.seats[1].tag, 6);
    queue_destroy(queue);
}

static void a_player_waits_once_and_may_leave(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 2);
    struct queue_ticket ticket = ticket_of(1, 30, 5);
    struct queue_match match;
    uint32_t ahead = 9;
    join(queue, 1, 25, 0);
    assert_int_equal(queue_join(queue, &ticket), QUEUE_ALREADY_WAITING);
    join(queue, 2, 99, 0);
    ticket = ticket_of(3, 25, 0);
    assert_int_equal(queue_join(queue, &ticket), QUEUE_FULL);
    assert_true(queue_leave(queue, id_of(1)));
    assert_false(queue_leave(queue, id_of(1)));
    assert_false(queue_ahead(queue, id_of(1), &ahead));
    assert_false(queue_propose(queue, &duel, 100000, &match));
    join(queue, 1, 25, 0);
    queue_destroy(queue);
}

static void a_clock_that_steps_back_is_no_wait(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&usual, 4);
    struct queue_match match;
    join(queue, 1, 25, 90000);
    join(queue, 2, 25, 90000);
    join(queue, 3, 50, 90000);
    assert_true(sit_down(queue, &duel, 10, &match));
    assert_int_equal(match.seats[0].waited_ms, 0);
    assert_int_equal(queue_waiting(queue), 1);
    queue_destroy(queue);
}

static void what_has_no_sense_is_refused(void **state)
{
    (void)state;
    const struct queue_options bad[] = {{.window = -1}, {.window_per_s = INFINITY}, {.window = NAN}};
    struct queue_ticket tickets[] = {ticket_of(1, NAN, 0), ticket_of(1, 25, 0), ticket_of(1, 25, 0),
                                     ticket_of(1, 25, 0)};
    struct queue *queue = queue_create(&usual, 2);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_null(queue_create(&bad[i], 10));
    assert_null(queue_create(&usual, 0));
    tickets[1].size_max = QUEUE_MOST_SEATS + 1;
    tickets[2].size_min = 0;
    tickets[3].below = -1;
    for (size_t i = 0; i < sizeof tickets / sizeof tickets[0]; i++)
        assert_int_equal(queue_join(queue, &tickets[i]), QUEUE_BAD_TICKET);
    queue_destroy(queue);
    queue_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_widens_with_waiting),
        cmocka_unit_test(the_nearest_rating_is_taken),
        cmocka_unit_test(equals_go_in_order_of_joining),
        cmocka_unit_test(equal_distances_go_in_order_of_joining),
        cmocka_unit_test(an_outlier_gets_a_game_after_its_patience),
        cmocka_unit_test(who_comes_back_has_their_old_place),
        cmocka_unit_test(a_new_rating_is_matched_from_then_on),
        cmocka_unit_test(a_table_takes_as_many_as_make_it_better),
        cmocka_unit_test(sizes_and_ratings_that_somebody_refuses_are_kept_to),
        cmocka_unit_test(those_who_sit_there_count),
        cmocka_unit_test(who_may_not_sit_here_or_together_does_not),
        cmocka_unit_test(a_player_waits_once_and_may_leave),
        cmocka_unit_test(a_clock_that_steps_back_is_no_wait),
        cmocka_unit_test(what_has_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
