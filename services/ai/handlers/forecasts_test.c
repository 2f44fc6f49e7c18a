// Forecasts: what the games of before say of a game to be, and who might change places.
#include <math.h>

#include "services/ai/testing/club.h"

enum { PEOPLE = 9 };

static int set_up(void **state)
{
    *state = club_at(NULL);
    return 0;
}

static int tear_down(void **state)
{
    club_close(*state);
    return 0;
}

static const Ai__Forecast *forecast_of(struct club *club, const char *sides)
{
    const Ai__Forecast *reply =
        club_ask(club, "ai.ForecastDeck", "{'deck_id': '" DECK "', 'sides': %s}", sides);
    if (!reply) fail_msg("%s", club->err.message);
    return reply;
}

// Of these people against those.
static const Ai__Forecast *match(struct club *club, const unsigned *wolves, const unsigned *town, size_t each)
{
    char lists[2][512] = {"", ""}, text[1200];
    for (size_t i = 0; i < 2 * each; i++) {
        char *list = lists[i / each];
        snprintf(list + strlen(list), sizeof lists[0] - strlen(list), "%s'%s'", i % each ? "," : "",
                 club_person(i < each ? wolves[i] : town[i - each]).text);
    }
    snprintf(text, sizeof text,
             "[{'side_id': '" WOLVES "', 'user_ids': [%s]}, {'side_id': '" TOWN "', 'user_ids': [%s]}]",
             lists[0], lists[1]);
    return forecast_of(club, text);
}

static void refused(struct club *club, const char *sides)
{
    assert_null(club_ask(club, "ai.ForecastDeck", "{'deck_id': '" DECK "', 'sides': %s}", sides));
    assert_int_equal(club->err.reason, IS(INVALID_FIELD));
}

static void newcomers_are_even(void **state)
{
    const Ai__Forecast *reply =
        forecast_of(*state, "[{'side_id': '" WOLVES "', 'others': 3}, {'side_id': '" TOWN "', 'others': 7}]");
    assert_int_equal(reply->n_sides, 2);
    assert_true(fabs(reply->sides[0]->chance - 0.5) < 1e-12);
    assert_true(reply->sides[0]->low < 0.5 && reply->sides[0]->high > 0.5);
    assert_int_equal(reply->sides[1]->newcomers, 7);
    assert_int_equal(reply->sides[0]->games + reply->n_swaps, 0);
}

static void a_side_that_won_is_likely_to_win(void **state)
{
    struct club *club = *state;
    for (int i = 0; i < 30; i++) {
        club_begin(club, PEOPLE);
        for (unsigned k = 0; k < PEOPLE; k++) club->ids[k] = club_person((unsigned)i * 5 % 40 + k);
        club_tell(club);
    }
    const Ai__Forecast *reply =
        forecast_of(club, "[{'side_id': '" WOLVES "', 'others': 3}, {'side_id': '" TOWN "', 'others': 6}]");
    assert_true(reply->sides[1]->chance > 0.6);
    assert_true(fabs(reply->sides[0]->chance + reply->sides[1]->chance - 1) < 1e-12);
    assert_int_equal(reply->sides[1]->games, 30);
    assert_int_equal(reply->sides[1]->deck_games, 30);
}

// What is more certain is told more narrowly.
static void a_range_gets_narrower(void **state)
{
    struct club *club = *state;
    const unsigned some[] = {0, 1, 2}, others[] = {3, 4, 5};
    const Ai__Forecast *reply = match(club, some, others, 3);
    const double before = reply->sides[0]->high - reply->sides[0]->low;
    unsigned short seed[3] = {1, 2, 3};
    for (int i = 0; i < 60; i++) {
        club_begin(club, PEOPLE);
        club->winners[0] = erand48(seed) < 0.5 ? WOLVES : TOWN;
        club_tell(club);
    }
    reply = match(club, some, others, 3);
    assert_true(reply->sides[0]->high - reply->sides[0]->low < before);
}

static void a_swap_makes_chances_more_even(void **state)
{
    struct club *club = *state;
    const unsigned strong[] = {3, 4, 5}, weak[] = {0, 1, 2};
    for (int i = 0; i < 20; i++) { // the first three lose to the others, on either side
        club_begin(club, 6);
        for (unsigned k = 0; k < 6; k++) club->players[k].side = (k < 3) == (i % 2) ? 1 : 2;
        club->winners[0] = i % 2 ? TOWN : WOLVES;
        club_tell(club);
    }
    const Ai__Forecast *reply = match(club, strong, weak, 3);
    assert_true(reply->sides[0]->chance > 0.6);
    assert_int_equal(reply->n_swaps, 3);
    double last = 0;
    for (size_t i = 0; i < reply->n_swaps; i++) {
        const double off = fabs(reply->swaps[i]->chances_after[0] - 0.5);
        assert_true(off < reply->sides[0]->chance - 0.5 && off >= last);
        assert_int_equal(reply->swaps[i]->n_chances_after, 2);
        last = off;
    }
}

// Chances would tell what it is.
static void whose_rating_is_hidden_is_taken_for_a_newcomer(void **state)
{
    struct club *club = *state;
    const unsigned one[] = {3}, other[] = {7};
    for (int i = 0; i < 20; i++) club_play(club, 6);
    const double known = match(club, one, other, 1)->sides[0]->chance;
    club_opt_out(club, 3, NAMES_NO_RATING);
    const Ai__Forecast *reply = match(club, one, other, 1);
    assert_true(reply->sides[0]->newcomers == 1 && reply->n_swaps == 0);
    const double hidden = reply->sides[0]->chance;
    assert_true(fabs(hidden - known) > 1e-3);
    reply =
        forecast_of(club, "[{'side_id': '" WOLVES "', 'others': 1}, {'side_id': '" TOWN "', 'others': 1}]");
    assert_true(fabs(reply->sides[0]->chance - hidden) < 1e-12);
}

static void what_is_no_game_is_refused(void **state)
{
    struct club *club = *state;
    refused(club, "[{'side_id': '" WOLVES "', 'others': 3}]");
    refused(club, "[{'side_id': '" WOLVES "', 'others': 3}, {'side_id': '" TOWN "'}]");
    refused(club, "[{'side_id': '" WOLVES "', 'others': 3}, {'side_id': '" WOLVES "', 'others': 3}]");
    refused(club, "[{'side_id': '" WOLVES "', 'user_ids': ['" DECK "']}, {'side_id': '" TOWN
                  "', 'user_ids': ['" DECK "']}]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(newcomers_are_even),         TEST(a_side_that_won_is_likely_to_win),
        TEST(a_range_gets_narrower),      TEST(a_swap_makes_chances_more_even),
        TEST(what_is_no_game_is_refused), TEST(whose_rating_is_hidden_is_taken_for_a_newcomer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
