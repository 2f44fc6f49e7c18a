#include <math.h>

#include "services/ai/matching/queue.h"
#include "tests/test.h"

enum { MOST = 400 };

static const struct queue_options duel = {
    .team_sizes = {1, 1}, .teams = 2, .window = 2, .window_per_s = 0.5, .patience_ms = 60000};

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

static void join(struct queue *queue, uint32_t number, double mu, uint64_t now_ms)
{
    assert_int_equal(queue_join(queue, id_of(number), mu, now_ms), QUEUE_JOINED);
}

static void the_window_widens_with_waiting(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&duel, 10);
    struct queue_match match;
    join(queue, 1, 20, 0);
    join(queue, 2, 27, 0);
    assert_int_equal(queue_take(queue, 9999, &match, 1), 0);
    assert_int_equal(queue_take(queue, 10000, &match, 1), 1);
    assert_int_equal(match.players, 2);
    assert_true(match.spread == 7);
    assert_int_equal(match.seats[0].waited_ms, 10000);
    assert_int_not_equal(match.seats[0].team, match.seats[1].team);
    assert_int_equal(queue_waiting(queue), 0);
    queue_destroy(queue);
}

static void the_nearest_rating_is_taken(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&duel, 10);
    struct queue_match match;
    join(queue, 1, 25, 0);
    join(queue, 2, 26.5, 0);
    join(queue, 3, 24.5, 0);
    assert_int_equal(queue_take(queue, 1, &match, 1), 1);
    assert_int_equal(number_of(match.seats[0].id), 1);
    assert_int_equal(number_of(match.seats[1].id), 3);
    queue_destroy(queue);
}

static void equals_go_in_order_of_joining(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&duel, 20);
    struct queue_match matches[10];
    for (uint32_t i = 0; i < 20; i++) join(queue, i, 25, 0);
    assert_int_equal(queue_take(queue, 0, matches, 10), 10);
    for (uint32_t i = 0; i < 20; i++) assert_int_equal(number_of(matches[i / 2].seats[i % 2].id), i);
    queue_destroy(queue);
}

static void equal_distances_go_in_order_of_joining(void **state)
{
    (void)state;
    for (int lower_first = 0; lower_first < 2; lower_first++) {
        struct queue *queue = queue_create(&duel, 20);
        struct queue_match match;
        join(queue, 1, 25, 0);
        for (uint32_t i = 2; i < 6; i++) join(queue, i, (i < 4) == lower_first ? 24 : 26, 0);
        assert_int_equal(queue_take(queue, 0, &match, 1), 1);
        assert_int_equal(number_of(match.seats[1].id), 2);
        queue_destroy(queue);
    }
}

static void an_outlier_gets_a_game_after_its_patience(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&duel, 10);
    struct queue_match match;
    join(queue, 1, 1000, 0);
    for (uint32_t i = 2; i < 60; i += 2) {
        join(queue, i, 25, i * 1000);
        join(queue, i + 1, 25, i * 1000);
        assert_int_equal(queue_take(queue, i * 1000, &match, 1), 1);
        assert_int_not_equal(number_of(match.seats[0].id), 1);
    }
    join(queue, 98, 25, 59999);
    join(queue, 99, 25, 59999);
    assert_int_equal(queue_take(queue, 60000, &match, 1), 1);
    assert_int_equal(number_of(match.seats[0].id), 1);
    queue_destroy(queue);
}

static void a_player_waits_once_and_may_leave(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&duel, 2);
    struct queue_match match;
    uint32_t ahead = 9;
    join(queue, 1, 25, 0);
    assert_int_equal(queue_join(queue, id_of(1), 30, 5), QUEUE_ALREADY_WAITING);
    join(queue, 2, 99, 0);
    assert_int_equal(queue_join(queue, id_of(3), 25, 0), QUEUE_FULL);
    assert_true(queue_ahead(queue, id_of(2), &ahead));
    assert_int_equal(ahead, 1);
    assert_true(queue_leave(queue, id_of(1)));
    assert_false(queue_leave(queue, id_of(1)));
    assert_false(queue_ahead(queue, id_of(1), &ahead));
    assert_int_equal(queue_take(queue, 100000, &match, 1), 0);
    join(queue, 1, 25, 0);
    assert_int_equal(queue_join(queue, id_of(4), NAN, 0), QUEUE_BAD_RATING);
    queue_destroy(queue);
}

static void a_clock_that_steps_back_is_no_wait(void **state)
{
    (void)state;
    struct queue *queue = queue_create(&duel, 4);
    struct queue_match match;
    join(queue, 1, 25, 90000);
    join(queue, 2, 25, 90000);
    join(queue, 3, 50, 90000);
    assert_int_equal(queue_take(queue, 10, &match, 1), 1);
    assert_int_equal(match.seats[0].waited_ms, 0);
    assert_int_equal(queue_waiting(queue), 1);
    queue_destroy(queue);
}

static void options_without_sense_are_refused(void **state)
{
    (void)state;
    const struct queue_options bad[] = {
        {.teams = 0},
        {.teams = QUEUE_MAX_TEAMS + 1},
        {.team_sizes = {3, 0}, .teams = 2},
        {.team_sizes = {QUEUE_MAX_PLAYERS, 1}, .teams = 2},
        {.team_sizes = {UINT32_MAX, 2}, .teams = 2},
        {.team_sizes = {5}, .teams = 1, .window = -1},
        {.team_sizes = {5}, .teams = 1, .window_per_s = INFINITY},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_null(queue_create(&bad[i], 10));
    assert_null(queue_create(&duel, 0));
    queue_destroy(NULL);
}

// The oldest-first search over plain arrays that queue.c must agree with.
struct model {
    struct {
        uint32_t number;
        double mu;
        uint64_t joined_ms;
    } waiting[MOST];
    uint32_t count;
};

static void model_remove(struct model *model, uint32_t at)
{
    memmove(&model->waiting[at], &model->waiting[at + 1], (--model->count - at) * sizeof model->waiting[0]);
}

static double model_window(const struct queue_options *options, uint64_t waited_ms)
{
    return waited_ms >= options->patience_ms ? INFINITY
                                             : options->window + options->window_per_s * waited_ms / 1000.0;
}

static uint32_t model_nearest(const struct model *model, uint32_t chooser, const bool *taken)
{
    uint32_t best = MOST;
    double least = INFINITY;
    for (uint32_t i = 0; i < model->count; i++) {
        double distance = fabs(model->waiting[i].mu - model->waiting[chooser].mu);
        if (taken[i] || (best != MOST && distance >= least)) continue;
        best = i;
        least = distance;
    }
    return best;
}

static bool model_choose(const struct model *model, const struct queue_options *options, uint32_t chooser,
                         uint32_t seats, uint64_t now_ms, bool *taken)
{
    double reach = model_window(options, now_ms - model->waiting[chooser].joined_ms);
    memset(taken, 0, MOST);
    taken[chooser] = true;
    for (uint32_t i = 1; i < seats; i++) {
        uint32_t nearest = model_nearest(model, chooser, taken);
        if (nearest == MOST || fabs(model->waiting[nearest].mu - model->waiting[chooser].mu) > reach)
            return false;
        taken[nearest] = true;
    }
    return true;
}

static bool model_take(struct model *model, const struct queue_options *options, uint32_t seats,
                       uint64_t now_ms, uint32_t *numbers)
{
    bool taken[MOST];
    for (uint32_t chooser = 0; chooser < model->count; chooser++) {
        if (!model_choose(model, options, chooser, seats, now_ms, taken)) continue;
        uint32_t found = 0, at = 0;
        while (at < model->count) {
            if (!taken[at]) {
                at++;
                continue;
            }
            numbers[found++] = model->waiting[at].number;
            memmove(&taken[at], &taken[at + 1], MOST - at - 1);
            model_remove(model, at);
        }
        return true;
    }
    return false;
}

static uint32_t random_options(struct queue_options *options, unsigned *seed)
{
    *options = (struct queue_options){.teams = 1 + rand_r(seed) % 3,
                                      .window = rand_r(seed) % 3,
                                      .window_per_s = rand_r(seed) % 10 / 10.0,
                                      .patience_ms = 1000 * (rand_r(seed) % 90)};
    uint32_t seats = 0;
    for (uint32_t i = 0; i < options->teams; i++) seats += options->team_sizes[i] = 1 + rand_r(seed) % 4;
    return seats;
}

static void check_match(struct model *model, const struct queue_options *options, uint32_t seats,
                        uint64_t now_ms, const struct queue_match *match)
{
    uint32_t numbers[QUEUE_MAX_PLAYERS], filled[QUEUE_MAX_TEAMS] = {0};
    assert_true(model_take(model, options, seats, now_ms, numbers));
    assert_int_equal(match->players, seats);
    for (uint32_t i = 0; i < seats; i++) {
        assert_int_equal(number_of(match->seats[i].id), numbers[i]);
        filled[match->seats[i].team]++;
    }
    assert_memory_equal(filled, options->team_sizes, options->teams * sizeof filled[0]);
}

// After a full round of taking: too few wait, or nobody has run out of patience. So nobody starves while
// others come.
static void check_nobody_starves(const struct model *model, const struct queue_options *options,
                                 uint32_t seats, uint64_t now_ms)
{
    if (model->count < seats) return;
    for (uint32_t i = 0; i < model->count; i++)
        assert_true(now_ms - model->waiting[i].joined_ms < options->patience_ms);
}

static void random_evenings_agree_with_the_model(void **state)
{
    (void)state;
    unsigned seed = 6;
    for (int evening = 0; evening < 300; evening++) {
        struct queue_options options;
        uint32_t seats = random_options(&options, &seed), next = 0;
        struct queue *queue = queue_create(&options, MOST);
        static struct queue_match matches[MOST];
        struct model model = {.count = 0};
        uint64_t now_ms = 1000;
        int ratings = 1 + rand_r(&seed) % 60;
        for (int step = 0; step < 200; step++, now_ms += rand_r(&seed) % 2000) {
            for (int joins = rand_r(&seed) % 4; joins > 0 && model.count < MOST; joins--, next++) {
                double mu = rand_r(&seed) % ratings;
                join(queue, next, mu, now_ms);
                model.waiting[model.count].number = next;
                model.waiting[model.count].mu = mu;
                model.waiting[model.count++].joined_ms = now_ms;
            }
            if (model.count > 0 && rand_r(&seed) % 5 == 0) {
                uint32_t at = rand_r(&seed) % model.count;
                assert_true(queue_leave(queue, id_of(model.waiting[at].number)));
                model_remove(&model, at);
            }
            uint32_t taken = queue_take(queue, now_ms, matches, MOST), none[QUEUE_MAX_PLAYERS];
            for (uint32_t i = 0; i < taken; i++) check_match(&model, &options, seats, now_ms, &matches[i]);
            assert_false(model_take(&model, &options, seats, now_ms, none));
            assert_int_equal(queue_waiting(queue), model.count);
            check_nobody_starves(&model, &options, seats, now_ms);
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
        cmocka_unit_test(a_player_waits_once_and_may_leave),
        cmocka_unit_test(a_clock_that_steps_back_is_no_wait),
        cmocka_unit_test(options_without_sense_are_refused),
        cmocka_unit_test(random_evenings_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
