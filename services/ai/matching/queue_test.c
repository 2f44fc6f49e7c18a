#include <math.h>

#include "services/ai/matching/queue.h"
#include "tests/test.h"

enum { MOST = 400 };

static const struct queue_options usual = {.window = 2, .window_per_s = 0.5, .patience_ms = 60000};
static const struct queue_table duel = {.needed = 2, .free = 2};

static struct queue_id id_of(uint32_t number)
{
    struct queue_id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static uint32_t number_of(struct queue_id id)
{
    uint32_t number;
    memcpy(&number, id.bytes, sizeof number);
    return number;
}

static struct queue_ticket ticket_of(uint32_t number, double mu, uint64_t joined_ms)
{
    return (struct queue_ticket){.id = id_of(number),
                                 .tag = number,
                                 .mu = mu,
                                 .joined_ms = joined_ms,
                                 .size_min = 1,
                                 .size_max = QUEUE_MOST_SEATS,
                                 .below = INFINITY,
                                 .above = INFINITY};
}

static void join(struct queue *queue, uint32_t number, double mu, uint64_t joined_ms)
{
    const struct queue_ticket ticket = ticket_of(number, mu, joined_ms);
    assert_int_equal(queue_join(queue, &ticket), QUEUE_JOINED);
}

// Proposed, and taken out.
static bool sit_down(struct queue *queue, const struct queue_table *table, uint64_t now_ms,
                     struct queue_match *match)
{
    if (!queue_propose(queue, table, now_ms, match)) return false;
    queue_take(queue, match);
    return true;
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
static bool clash_of_two(void *arg, uint32_t a, uint32_t b)
{
    (void)arg;
    return (a == 2 && b == 4) || (a == 4 && b == 2);
}

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

// The same over plain arrays, which queue.c must agree with: those who wait, the longest first.
struct model {
    struct queue_ticket waiting[MOST];
    uint32_t count;
};

static void model_join(struct model *model, const struct queue_ticket *ticket)
{
    uint32_t at = model->count++;
    for (; at > 0 && model->waiting[at - 1].joined_ms > ticket->joined_ms; at--)
        model->waiting[at] = model->waiting[at - 1];
    model->waiting[at] = *ticket;
}

static void model_remove(struct model *model, uint32_t number)
{
    uint32_t at = 0;
    while (model->waiting[at].tag != number) at++;
    memmove(&model->waiting[at], &model->waiting[at + 1], (--model->count - at) * sizeof model->waiting[0]);
}

struct model_table {
    const struct queue_ticket *chosen[QUEUE_MOST_SEATS];
    uint32_t count;
    double score;
};

static bool model_accepts(const struct queue_ticket *one, const struct queue_ticket *other)
{
    return other->mu >= one->mu - one->below && other->mu <= one->mu + one->above;
}

static bool model_fits(const struct model_table *at, const struct queue_table *table,
                       const struct queue_ticket *ticket)
{
    const uint32_t size = table->most ? table->most : at->count + 1, whole = table->taken + table->free;
    if (ticket->size_max < size || ticket->size_min > (whole > table->least ? whole : table->least))
        return false;
    for (uint32_t i = 0; i < at->count; i++)
        if (!model_accepts(at->chosen[i], ticket) || !model_accepts(ticket, at->chosen[i]) ||
            clash_of_two(NULL, at->chosen[i]->tag % 8, ticket->tag % 8) ||
            (!table->most && at->chosen[i]->size_max < at->count + 1))
            return false;
    return true;
}

static const struct queue_ticket *model_nearest(const struct model *model, const struct queue_ticket *chooser,
                                                const bool *seen)
{
    const struct queue_ticket *best = NULL;
    for (uint32_t i = 0; i < model->count; i++) {
        const struct queue_ticket *ticket = &model->waiting[i];
        if (!seen[i] && (!best || fabs(ticket->mu - chooser->mu) < fabs(best->mu - chooser->mu)))
            best = ticket;
    }
    return best;
}

static double model_score(const struct model_table *at, const struct queue_options *options, uint64_t now_ms)
{
    double low = INFINITY, high = -INFINITY, waited_s = 0;
    for (uint32_t i = 0; i < at->count; i++) {
        low = fmin(low, at->chosen[i]->mu);
        high = fmax(high, at->chosen[i]->mu);
        waited_s += (now_ms - at->chosen[i]->joined_ms) / 1000.0;
    }
    return options->window_per_s * waited_s - (high - low);
}

static bool model_is_enough(const struct model_table *at, const struct queue_table *table)
{
    const uint32_t size = table->taken + at->count;
    for (uint32_t i = 0; i < at->count; i++)
        if (at->chosen[i]->size_min > (size > table->least ? size : table->least)) return false;
    return at->count >= table->needed;
}

static struct model_table model_choose(const struct model *model, const struct queue_options *options,
                                       const struct queue_table *table, const struct queue_ticket *chooser,
                                       uint64_t now_ms)
{
    struct model_table at = {.count = 0}, best = {.count = 0};
    bool seen[MOST] = {false};
    const double reach = queue_window(options, now_ms - chooser->joined_ms);
    if (!model_fits(&at, table, chooser)) return best;
    for (const struct queue_ticket *next = chooser; next && at.count < table->free;
         next = model_nearest(model, chooser, seen)) {
        seen[next - model->waiting] = true;
        if (fabs(next->mu - chooser->mu) > reach) break;
        if (!model_fits(&at, table, next)) continue;
        at.chosen[at.count++] = next;
        at.score = model_score(&at, options, now_ms);
        if (model_is_enough(&at, table) && (!best.count || at.score >= best.score)) best = at;
    }
    return best;
}

static struct model_table model_propose(const struct model *model, const struct queue_options *options,
                                        const struct queue_table *table, uint64_t now_ms)
{
    struct model_table best = {.count = 0};
    for (uint32_t i = 0, choosers = 0; i < model->count && choosers < 16; i++) {
        const struct model_table at = model_choose(model, options, table, &model->waiting[i], now_ms);
        if (!at.count) continue;
        choosers++;
        if (!best.count || at.score > best.score) best = at;
        if (now_ms - model->waiting[i].joined_ms >= options->patience_ms) break;
    }
    return best;
}

static bool clash_of_some(void *arg, uint32_t a, uint32_t b) { return clash_of_two(arg, a % 8, b % 8); }

static void random_evening(struct queue_options *options, struct queue_table *table, unsigned *seed)
{
    *options = (struct queue_options){.window = rand_r(seed) % 3,
                                      .window_per_s = rand_r(seed) % 10 / 8.0,
                                      .patience_ms = 1000 * (rand_r(seed) % 90)};
    *table = (struct queue_table){.needed = 1 + rand_r(seed) % 6, .clash = clash_of_some};
    table->free = table->needed + rand_r(seed) % 4;
    if (rand_r(seed) % 2) return;
    table->least = table->needed;
    table->most = table->free + rand_r(seed) % 2;
}

static struct queue_ticket random_ticket(uint32_t number, int ratings, uint64_t joined_ms, unsigned *seed)
{
    struct queue_ticket ticket = ticket_of(number, rand_r(seed) % ratings, joined_ms);
    if (rand_r(seed) % 4 == 0) ticket.below = rand_r(seed) % 20;
    if (rand_r(seed) % 4 == 0) ticket.size_min = 1 + rand_r(seed) % 6;
    if (rand_r(seed) % 4 == 0) ticket.size_max = ticket.size_min + rand_r(seed) % 6;
    return ticket;
}

static void check_match(struct model *model, const struct model_table *at, const struct queue_match *match)
{
    bool chosen[MOST] = {false};
    uint32_t numbers[QUEUE_MOST_SEATS], found = 0;
    for (uint32_t i = 0; i < at->count; i++) chosen[at->chosen[i] - model->waiting] = true;
    for (uint32_t i = 0; i < model->count; i++)
        if (chosen[i]) numbers[found++] = model->waiting[i].tag;
    assert_int_equal(match->players, found);
    assert_true(fabs(match->score - at->score) < 1e-9);
    for (uint32_t i = 0; i < found; i++) {
        assert_int_equal(match->seats[i].tag, numbers[i]);
        model_remove(model, numbers[i]);
    }
}

// Whoever is left has too few that fit, or has not run out of patience. So nobody starves while others come.
static void check_nobody_starves(const struct model *model, const struct queue_options *options,
                                 const struct queue_table *table, uint64_t now_ms)
{
    for (uint32_t i = 0; i < model->count; i++)
        if (now_ms - model->waiting[i].joined_ms >= options->patience_ms)
            assert_int_equal(model_choose(model, options, table, &model->waiting[i], now_ms).count, 0);
}

static void some_leave_and_come_back(struct queue *queue, struct model *model, unsigned *seed)
{
    if (model->count == 0 || rand_r(seed) % 5) return;
    const struct queue_ticket ticket = model->waiting[rand_r(seed) % model->count];
    assert_true(queue_leave(queue, ticket.id));
    model_remove(model, ticket.tag);
    if (rand_r(seed) % 2) return;
    assert_int_equal(queue_join(queue, &ticket), QUEUE_JOINED);
    model_join(model, &ticket);
}

static void random_evenings_agree_with_the_model(void **state)
{
    (void)state;
    unsigned seed = 6;
    for (int evening = 0; evening < 300; evening++) {
        struct queue_options options;
        struct queue_table table;
        static struct model model;
        struct queue_match match;
        random_evening(&options, &table, &seed);
        struct queue *queue = queue_create(&options, MOST);
        model.count = 0;
        uint64_t now_ms = 1000;
        uint32_t next = 0;
        const int ratings = 1 + rand_r(&seed) % 60;
        for (int step = 0; step < 200; step++, now_ms += rand_r(&seed) % 2000) {
            for (int joins = rand_r(&seed) % 4; joins > 0 && model.count < MOST; joins--, next++) {
                const struct queue_ticket ticket = random_ticket(next, ratings, now_ms, &seed);
                assert_int_equal(queue_join(queue, &ticket), QUEUE_JOINED);
                model_join(&model, &ticket);
            }
            some_leave_and_come_back(queue, &model, &seed);
            while (sit_down(queue, &table, now_ms, &match)) {
                const struct model_table at = model_propose(&model, &options, &table, now_ms);
                check_match(&model, &at, &match);
            }
            assert_int_equal(model_propose(&model, &options, &table, now_ms).count, 0);
            assert_int_equal(queue_waiting(queue), model.count);
            check_nobody_starves(&model, &options, &table, now_ms);
        }
        queue_destroy(queue);
    }
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
        cmocka_unit_test(random_evenings_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
