#include <math.h>
#include <pthread.h>

#include "services/ai/skill/rating.h"
#include "tests/test.h"

enum { MOST_TEAMS = 12, MOST_PLAYERS = 60 };

struct game {
    struct rating players[MOST_PLAYERS];
    double weights[MOST_PLAYERS];
    struct rating_team teams[MOST_TEAMS];
    uint32_t count;
};

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.12g is not %.12g", actual, expected);
}

static double uniform(unsigned *seed, double low, double high)
{
    return low + (high - low) * rand_r(seed) / RAND_MAX;
}

static void add_team(struct game *game, struct rating *players, uint32_t size, double rank)
{
    game->teams[game->count++] = (struct rating_team){players, .size = size, .rank = rank};
}

// Duels, crowds and anything between; ties and weights in some.
static void random_game(struct game *game, unsigned *seed, uint32_t most)
{
    game->count = 0;
    uint32_t teams = 2 + rand_r(seed) % (MOST_TEAMS - 1), used = 0, most_ranks = 1 + rand_r(seed) % teams;
    bool weighted = rand_r(seed) % 3 == 0;
    for (uint32_t i = 0; i < teams; i++) {
        uint32_t size = 1 + rand_r(seed) % most;
        for (uint32_t k = used; k < used + size; k++) {
            game->players[k] = (struct rating){uniform(seed, 10, 40), uniform(seed, 0.5, 10)};
            game->weights[k] = uniform(seed, 0.5, 2);
        }
        add_team(game, &game->players[used], size, rand_r(seed) % most_ranks);
        if (weighted) game->teams[i].weights = &game->weights[used];
        used += size;
    }
}

static struct rating_options with_model(enum rating_model model)
{
    struct rating_options options = rating_defaults;
    options.model = model;
    return options;
}

// The duel that openskill's documentation opens with; its figures are from before tau.
static void newcomers_duel(void **state)
{
    (void)state;
    struct rating a = rating_defaults.prior, b = a;
    struct rating_team teams[] = {{&a, .size = 1, .rank = 1}, {&b, .size = 1, .rank = 2}};
    struct rating_options options = rating_defaults;
    options.tau = 0;
    assert_true(rating_update(&options, teams, 2));
    assert_near(a.mu, 27.63523138, 1e-8);
    assert_near(a.sigma, 8.0655063, 1e-6);
    assert_near(b.mu, 22.36476861, 1e-8);
    assert_near(b.sigma, 8.0655063, 1e-6);
}

// The plain double sum over draws and teams, straight from the paper's equations 46 to 50.
static void paper_plackett_luce(const struct game *game, struct rating *expected)
{
    const struct rating_options *options = &rating_defaults;
    double mu[MOST_TEAMS] = {0}, variance[MOST_TEAMS] = {0}, c = 0;
    for (uint32_t i = 0; i < game->count; i++) {
        for (uint32_t k = 0; k < game->teams[i].size; k++) {
            struct rating player = game->teams[i].players[k];
            mu[i] += player.mu;
            variance[i] += player.sigma * player.sigma + options->tau * options->tau;
        }
        c += variance[i] + options->beta * options->beta;
    }
    c = sqrt(c);
    for (uint32_t i = 0; i < game->count; i++) {
        double omega = 0, delta = 0;
        for (uint32_t q = 0; q < game->count; q++) {
            double among = 0, tied = 0;
            for (uint32_t s = 0; s < game->count; s++) {
                if (game->teams[s].rank >= game->teams[q].rank) among += exp(mu[s] / c);
                tied += game->teams[s].rank == game->teams[q].rank;
            }
            if (game->teams[q].rank > game->teams[i].rank) continue;
            double quotient = exp(mu[i] / c) / among;
            omega += ((i == q) - quotient) / tied;
            delta += quotient * (1 - quotient) / tied;
        }
        omega *= variance[i] / c;
        delta *= variance[i] / (c * c) * sqrt(variance[i]) / c;
        for (uint32_t k = 0; k < game->teams[i].size; k++) {
            struct rating player = game->teams[i].players[k];
            double own = player.sigma * player.sigma + options->tau * options->tau, share = own / variance[i];
            *expected++ = (struct rating){player.mu + share * omega,
                                          sqrt(own * fmax(1 - share * delta, options->kappa))};
        }
    }
}

static void prefix_sums_equal_the_papers_double_sum(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 20000; round++) {
        struct game game = {.count = 0};
        struct rating expected[MOST_PLAYERS] = {{0}};
        random_game(&game, &seed, 5);
        for (uint32_t i = 0; i < game.count; i++) game.teams[i].weights = NULL;
        paper_plackett_luce(&game, expected);
        assert_true(rating_update(&rating_defaults, game.teams, game.count));
        const struct rating *next = expected;
        for (uint32_t i = 0; i < game.count; i++) {
            for (uint32_t k = 0; k < game.teams[i].size; k++, next++) {
                assert_near(game.teams[i].players[k].mu, next->mu, 1e-9);
                assert_near(game.teams[i].players[k].sigma, next->sigma, 1e-9);
            }
        }
    }
}

static uint32_t extreme_team(const struct game *game, bool best)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < game->count; i++)
        if (best ? game->teams[i].rank < game->teams[found].rank
                 : game->teams[i].rank > game->teams[found].rank)
            found = i;
    return found;
}

static bool alone_at_its_rank(const struct game *game, uint32_t team)
{
    uint32_t same = 0;
    for (uint32_t i = 0; i < game->count; i++) same += game->teams[i].rank == game->teams[team].rank;
    return same == 1;
}

// In every model: a sole winner gains, a sole loser loses, nothing becomes uncertain beyond tau, all stays
// finite.
static void every_model_keeps_the_direction(void **state)
{
    (void)state;
    unsigned seed = 11;
    for (int round = 0; round < 30000; round++) {
        struct rating_options options = with_model(round % 3);
        struct game game = {.count = 0};
        random_game(&game, &seed, options.model == RATING_THURSTONE_MOSTELLER ? 1 : 5);
        struct game before = game;
        assert_true(rating_update(&options, game.teams, game.count));
        uint32_t best = extreme_team(&game, true), last = extreme_team(&game, false);
        size_t winner = game.teams[best].players - game.players,
               loser = game.teams[last].players - game.players;
        if (alone_at_its_rank(&game, best)) assert_true(game.players[winner].mu >= before.players[winner].mu);
        if (alone_at_its_rank(&game, last)) assert_true(game.players[loser].mu <= before.players[loser].mu);
        for (uint32_t i = 0; i < game.count; i++) {
            size_t first = game.teams[i].players - game.players;
            double most = hypot(before.players[first].sigma, options.tau);
            assert_true(game.players[first].sigma > 0 && game.players[first].sigma <= most * (1 + 1e-12));
        }
    }
}

static void order_of_teams_does_not_matter(void **state)
{
    (void)state;
    unsigned seed = 5;
    for (int round = 0; round < 5000; round++) {
        struct rating_options options = with_model(round % 3);
        struct game game = {.count = 0};
        random_game(&game, &seed, 5);
        struct game other = game;
        for (uint32_t i = 0; i < game.count; i++) {
            other.teams[i] = game.teams[game.count - 1 - i];
            other.teams[i].players = other.players + (other.teams[i].players - game.players);
        }
        assert_true(rating_update(&options, game.teams, game.count));
        assert_true(rating_update(&options, other.teams, other.count));
        size_t used = game.teams[game.count - 1].players - game.players + game.teams[game.count - 1].size;
        for (size_t k = 0; k < used; k++) {
            assert_near(other.players[k].mu, game.players[k].mu, 1e-10);
            assert_near(other.players[k].sigma, game.players[k].sigma, 1e-10);
        }
    }
}

// Inactivity and tau need limit_sigma's care: with it a game never adds doubt, without it tau may.
static void limit_sigma_never_lets_doubt_grow(void **state)
{
    (void)state;
    struct rating_options options = rating_defaults;
    options.tau = 1;
    for (int limited = 0; limited < 2; limited++) {
        struct rating a = {25, 0.1}, b = {25, 0.1};
        struct rating_team teams[] = {{&a, .size = 1, .rank = 1}, {&b, .size = 1, .rank = 2}};
        options.limit_sigma = limited;
        assert_true(rating_update(&options, teams, 2));
        assert_true(limited ? a.sigma <= 0.1 : a.sigma > 0.1);
    }
}

static void heavier_players_gain_more_and_lose_less(void **state)
{
    (void)state;
    for (int model = 0; model < 3; model++) {
        struct rating players[4];
        for (int i = 0; i < 4; i++) players[i] = rating_defaults.prior;
        double weights[] = {2, 1};
        struct rating_team teams[] = {{players, weights, 2, .rank = 1}, {players + 2, weights, 2, .rank = 2}};
        struct rating_options options = with_model(model);
        assert_true(rating_update(&options, teams, 2));
        assert_true(players[0].mu > players[1].mu && players[1].mu > 25);
        assert_true(players[3].mu < players[2].mu && players[2].mu < 25);
    }
}

static void weights_scale_to_bounds(void **state)
{
    (void)state;
    double weights[] = {4, 6, 8}, equal[] = {3, 3}, single[] = {9};
    rating_scale_weights(weights, 3, 1, 2);
    rating_scale_weights(equal, 2, 1, 2);
    rating_scale_weights(single, 1, 1, 2);
    assert_near(weights[0], 1, 0);
    assert_near(weights[1], 1.5, 1e-15);
    assert_near(weights[2], 2, 0);
    assert_near(equal[1], 1, 0);
    assert_near(single[0], 2, 0);
}

static void scores_rank_from_the_top(void **state)
{
    (void)state;
    struct rating low = rating_defaults.prior, high = low;
    struct rating_team teams[] = {{&low, .size = 1}, {&high, .size = 1}};
    rating_rank_by_score(teams, (double[]){3, 17}, 2);
    assert_true(rating_update(&rating_defaults, teams, 2));
    assert_true(high.mu > 25 && low.mu < 25);
}

static void idle_days_raise_doubt_up_to_a_newcomers(void **state)
{
    (void)state;
    struct rating settled = {31, 2};
    struct rating month = rating_after_idle(&rating_defaults, settled, 30);
    struct rating decade = rating_after_idle(&rating_defaults, settled, 3650);
    struct rating doubtful = rating_after_idle(&rating_defaults, (struct rating){31, 9}, 5);
    assert_near(month.mu, 31, 0);
    assert_near(month.sigma, sqrt(4 + 30 * 0.09), 1e-12);
    assert_near(decade.sigma, 25.0 / 3, 1e-12);
    assert_near(doubtful.sigma, 9, 0);
    assert_near(rating_after_idle(&rating_defaults, settled, -4).sigma, 2, 0);
    double twice = rating_after_idle(&rating_defaults, month, 12).sigma;
    assert_near(twice, rating_after_idle(&rating_defaults, settled, 42).sigma, 1e-12);
}

static void bad_numbers_change_nothing(void **state)
{
    (void)state;
    const struct rating bad[] = {{NAN, 8},  {INFINITY, 8},  {25, 0}, {25, -1},
                                 {25, NAN}, {25, INFINITY}, {1e7, 8}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct rating a = {25, 8}, b = bad[i];
        struct rating_team teams[] = {{&a, .size = 1, .rank = 1}, {&b, .size = 1, .rank = 2}};
        assert_false(rating_update(&rating_defaults, teams, 2));
        assert_near(a.mu, 25, 0);
    }
    struct rating a = {25, 8}, b = {25, 8};
    double weight = 0;
    struct rating_team one[] = {{&a, .size = 1}}, empty[] = {{&a, .size = 1}, {&b, .size = 0}};
    struct rating_team nan_rank[] = {{&a, .size = 1, .rank = NAN}, {&b, .size = 1}};
    struct rating_team weightless[] = {{&a, &weight, 1, .rank = 0}, {&b, .size = 1, .rank = 1}};
    assert_false(rating_update(&rating_defaults, one, 1));
    assert_false(rating_update(&rating_defaults, empty, 2));
    assert_false(rating_update(&rating_defaults, nan_rank, 2));
    assert_false(rating_update(&rating_defaults, weightless, 2));
}

// Exponents that overflow a double when taken as they are.
static void absurd_strengths_stay_finite(void **state)
{
    (void)state;
    for (int round = 0; round < 12; round++) {
        struct rating a = {1e6, 1e-3}, b = {-1e6, 1e-3}, c = {0, 1e6};
        struct rating_team teams[] = {{&a, .size = 1}, {&b, .size = 1}, {&c, .size = 1}};
        for (int i = 0; i < 3; i++) teams[i].rank = round < 6 ? (i + round) % 3 : round % 2;
        struct rating_options options = with_model(round % 3);
        assert_true(rating_update(&options, teams, 3));
        assert_true(isfinite(a.mu) && isfinite(b.mu) && isfinite(c.mu) && c.sigma > 0);
    }
}

static void *rate_an_evening(void *sum)
{
    unsigned seed = 21;
    for (int round = 0; round < 3000; round++) {
        struct game game = {.count = 0};
        random_game(&game, &seed, 5);
        const struct rating_options options = with_model(round % 3);
        if (rating_update(&options, game.teams, game.count)) *(double *)sum += game.players[0].mu;
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t threads[4];
    double sums[4] = {0}, alone = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, rate_an_evening, &sums[i]), 0);
    rate_an_evening(&alone);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_near(sums[i], alone, 0);
    }
}

static void ordinal_is_three_sigma_below(void **state)
{
    (void)state;
    assert_near(rating_ordinal((struct rating){30, 2}), 24, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newcomers_duel),
        cmocka_unit_test(prefix_sums_equal_the_papers_double_sum),
        cmocka_unit_test(every_model_keeps_the_direction),
        cmocka_unit_test(order_of_teams_does_not_matter),
        cmocka_unit_test(limit_sigma_never_lets_doubt_grow),
        cmocka_unit_test(heavier_players_gain_more_and_lose_less),
        cmocka_unit_test(weights_scale_to_bounds),
        cmocka_unit_test(scores_rank_from_the_top),
        cmocka_unit_test(idle_days_raise_doubt_up_to_a_newcomers),
        cmocka_unit_test(bad_numbers_change_nothing),
        cmocka_unit_test(absurd_strengths_stay_finite),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(ordinal_is_three_sigma_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
