// What people are shown of ratings: the same number everywhere, what made it so, and how good forecasts are.
#include <math.h>

#include "services/ai/testing/club.h"

enum { PEOPLE = 9, WOLF = 0, CITIZEN = 4, DAY_MS = STANDINGS_DAY_MS };

static int set_up(void **state)
{
    struct club *club = *state = club_at(NULL);
    for (unsigned i = 0; i < 30; i++) club_know(club, i, false);
    return 0;
}

static int tear_down(void **state)
{
    club_close(*state);
    return 0;
}

static const Ai__GetRatingReply *rating_of(struct club *club, unsigned person)
{
    const Ai__GetRatingReply *reply =
        club_ask(club, "ai.GetRating", "{'user_id': '%s'}", club_person(person).text);
    if (!reply) fail_msg("%s", club->err.message);
    return reply;
}

static const Ai__ListRatingsReply *list_of(struct club *club, int size, const char *token)
{
    const Ai__ListRatingsReply *reply =
        club_ask(club, "ai.ListRatings", "{'page_size': %d, 'page_token': '%s'}", size, token);
    if (!reply) fail_msg("%s", club->err.message);
    return reply;
}

// Any of three sides wins, or two.
static void play_some(struct club *club, int games)
{
    unsigned short seed[3] = {1, 2, 3};
    for (int i = 0; i < games; i++) {
        club_begin(club, PEOPLE);
        for (unsigned k = 0; k < PEOPLE; k++)
            club->players[k].side = 1 + (int32_t)(erand48(seed) * CLUB_SIDES);
        for (size_t side = club->game.n_winning_side_ids = 0; side < CLUB_SIDES; side++)
            if (erand48(seed) < 0.5) club->winners[club->game.n_winning_side_ids++] = club->sides[side];
        club->now_ms += DAY_MS / 3;
        club->game.finished_ms = club->now_ms;
        club_tell(club);
    }
}

static void a_newcomer_is_shown_as_one(void **state)
{
    struct club *club = *state;
    const Ai__GetRatingReply *reply = rating_of(club, 3);
    assert_true(reply->rating->mu == 25 && fabs(reply->rating->rating) < 1e-9);
    assert_true(reply->rating->provisional && !reply->rating->place && !reply->rating->games);
    assert_int_equal(reply->n_history, 0);
    assert_int_equal(list_of(club, 10, "")->n_ratings, 0);
}

static void nobody_has_no_rating(void **state)
{
    struct club *club = *state;
    club_play(club, PEOPLE);
    club_know(club, WOLF, true);
    assert_null(club_ask(club, "ai.GetRating", "{'user_id': '%s'}", club_person(WOLF).text));
    assert_int_equal(club->err.reason, IS(NOT_FOUND));
    assert_int_equal(list_of(club, 100, "")->n_ratings, PEOPLE - 1);
}

static const Ai__ListRatingChangesReply *history_of(struct club *club, unsigned person, int size,
                                                    const char *token)
{
    const Ai__ListRatingChangesReply *reply =
        club_ask(club, "ai.ListRatingChanges", "{'user_id': '%s', 'page_size': %d, 'page_token': '%s'}",
                 club_person(person).text, size, token);
    if (!reply) fail_msg("%s", club->err.message);
    return reply;
}

// By the formula that is told.
static void check_change(const Ai__RatingChange *change, double tau)
{
    const struct rating was = {change->before->mu, change->before->sigma};
    const double gain = (was.sigma * was.sigma + tau * tau) / change->why->scale;
    assert_true(fabs(change->change - gain * (change->why->result - change->why->expected)) < 1e-9);
    assert_true(fabs(change->after->mu - was.mu - change->change) < 1e-9);
    assert_true(fabs(change->after->rating - change->after->mu + 3 * change->after->sigma) < 1e-9);
    if (change->why->result == 1) assert_true(change->after->rating > change->before->rating);
}

// Each change follows from what is told of it, and a win never shows less.
static void every_change_is_explained(void **state)
{
    struct club *club = *state;
    size_t changes = 0;
    play_some(club, 60);
    for (unsigned person = 0; person < PEOPLE; person++) {
        const Ai__Rating *rating = rating_of(club, person)->rating;
        const double tau = rating->formula->tau, mu = rating->mu;
        const uint32_t games = rating->games;
        const Ai__ListRatingChangesReply *history = history_of(club, person, 100, "");
        assert_int_equal(history->n_changes, games);
        assert_true(history->changes[0]->after->mu == mu);
        for (size_t i = 0; i < history->n_changes; i++, changes++) {
            check_change(history->changes[i], tau);
            if (i) assert_true(history->changes[i]->after->mu == history->changes[i - 1]->before->mu);
        }
    }
    assert_true(changes > 200);
}

static void a_page_of_history_goes_on(void **state)
{
    struct club *club = *state;
    char token[256];
    for (int i = 0; i < 25; i++) club_play(club, PEOPLE);
    assert_int_equal(rating_of(club, WOLF)->n_history, 20);
    const Ai__ListRatingChangesReply *page = history_of(club, WOLF, 15, "");
    assert_int_equal(page->n_changes, 15);
    snprintf(token, sizeof token, "%s", page->next_page_token);
    page = history_of(club, WOLF, 15, token);
    assert_int_equal(page->n_changes, 10);
    assert_string_equal(page->next_page_token, "");
}

static void the_list_has_the_number_of_the_profile(void **state)
{
    struct club *club = *state;
    double shown[PEOPLE], last = INFINITY;
    play_some(club, 40);
    club->now_ms += 5 * (int64_t)DAY_MS;
    for (unsigned i = 0; i < PEOPLE; i++) shown[i] = rating_of(club, i)->rating->rating;
    const Ai__ListRatingsReply *list = list_of(club, 100, "");
    assert_int_equal(list->n_ratings, PEOPLE);
    for (size_t i = 0; i < list->n_ratings; i++) {
        unsigned person = (unsigned)strtoul(list->ratings[i]->user_id + 28, NULL, 16);
        assert_true(list->ratings[i]->rating == shown[person] && list->ratings[i]->rating <= last);
        assert_int_equal(list->ratings[i]->place, i + 1);
        last = list->ratings[i]->rating;
    }
}

static void the_list_goes_on_page_by_page(void **state)
{
    struct club *club = *state;
    unsigned seen = 0;
    char token[64] = "";
    play_some(club, 10);
    do {
        const Ai__ListRatingsReply *list = list_of(club, 4, token);
        for (size_t i = 0; i < list->n_ratings; i++) assert_int_equal(list->ratings[i]->place, ++seen);
        snprintf(token, sizeof token, "%s", list->next_page_token);
    } while (*token);
    assert_int_equal(seen, PEOPLE);
    assert_null(club_ask(club, "ai.ListRatings", "{'page_token': '0'}"));
    assert_int_equal(club->err.reason, IS(BAD_PAGE_TOKEN));
    assert_null(club_ask(club, "ai.ListRatings", "{'page_token': '1x'}"));
}

static void idle_days_make_it_uncertain(void **state)
{
    struct club *club = *state;
    play_some(club, 60);
    const Ai__Rating *today = rating_of(club, CITIZEN)->rating;
    const double mu = today->mu, sigma = today->sigma, shown = today->rating;
    club->now_ms += 30 * (int64_t)DAY_MS;
    const Ai__Rating *later = rating_of(club, CITIZEN)->rating;
    assert_true(later->mu == mu && later->rating < shown);
    assert_true(fabs(later->sigma * later->sigma - sigma * sigma - 30 * 0.3 * 0.3) < 1e-9);
    club->now_ms += 3650 * (int64_t)DAY_MS;
    later = rating_of(club, CITIZEN)->rating;
    assert_true(later->sigma == 25.0 / 3 && later->provisional);
    // Who comes back is rated from there.
    club_play(club, PEOPLE);
    assert_true(fabs(rating_of(club, CITIZEN)->history[0]->before->sigma - 25.0 / 3) < 1e-12);
}

static void of_a_hundred_who_shows_less_is_counted(void **state)
{
    struct club *club = *state;
    for (unsigned first = 0; first < 100; first += 5) {
        club_begin(club, 5);
        for (unsigned i = 0; i < 5; i++) club->ids[i] = club_person(first + i);
        club_tell(club);
        if (first < 95) assert_int_equal(rating_of(club, 2)->rating->percentile_of_case, 0);
    }
    const Ai__ListRatingsReply *list = list_of(club, 100, "");
    assert_true(list->ratings[0]->percentile == 99 && list->ratings[99]->percentile == 0);
}

static void what_a_guest_played_is_in_the_history(void **state)
{
    struct club *club = *state;
    club_begin(club, PEOPLE);
    club_make_guest(club, CITIZEN);
    club_tell(club);
    club_claim(club, CITIZEN, 20);
    club->now_ms += 1000;
    club_tell(club);
    const Ai__GetRatingReply *reply = rating_of(club, 20);
    assert_true(reply->n_history == 1 && reply->history[0]->claimed);
    assert_string_equal(reply->history[0]->event_id, club->event.text);
    assert_string_equal(reply->history[0]->why->side_id, TOWN);
}

// To others. The caller of these tests is nobody of them.
static void who_wants_it_so_is_in_no_list_and_has_no_profile(void **state)
{
    struct club *club = *state;
    for (int i = 0; i < 3; i++) club_play(club, PEOPLE);
    for (unsigned i = 0; i < PEOPLE; i++) club_know(club, i, false);
    const Ai__ListRatingsReply *list = club_ask(club, "ai.ListRatings", "{}");
    assert_int_equal(list->n_ratings, PEOPLE);
    const struct uuid best = club_person(PEOPLE - 1);
    club_opt_out(club, PEOPLE - 1, NAMES_NO_RATING);
    list = club_ask(club, "ai.ListRatings", "{}");
    assert_int_equal(list->n_ratings, PEOPLE - 1);
    for (size_t i = 0; i < list->n_ratings; i++) {
        assert_string_not_equal(list->ratings[i]->user_id, best.text);
        assert_true(list->ratings[i]->place == i + 1 && list->ratings[i]->ranked == PEOPLE - 1);
    }
    assert_null(club_ask(club, "ai.GetRating", "{'user_id': '%s'}", best.text));
    assert_int_equal(club->err.reason, IS(RATING_HIDDEN));
    assert_null(club_ask(club, "ai.ListRatingChanges", "{'user_id': '%s'}", best.text));
    assert_int_equal(club->err.reason, IS(RATING_HIDDEN));
    club_opt_out(club, PEOPLE - 1, NAMES_NO_TIPS);
    assert_non_null(club_ask(club, "ai.GetRating", "{'user_id': '%s'}", best.text));
    list = club_ask(club, "ai.ListRatings", "{}");
    assert_int_equal(list->n_ratings, PEOPLE);
}

static void to_themselves_it_is_shown(void **state)
{
    struct club *club = *state;
    const char *self = "01890000-0000-7000-8000-0000000000a1"; // who asks
    club_teach(club,
               (struct name_news){
                   .user_id = self, .name = "someone", .level = LEVEL_PLAYER, .opted_out = NAMES_NO_RATING});
    assert_non_null(club_ask(club, "ai.GetRating", "{'user_id': '%s'}", self));
}

// The odds are learnt from the games themselves.
static void what_is_foretold_comes_true(void **state)
{
    struct club *club = *state;
    unsigned short seed[3] = {3, 1, 4};
    for (int i = 0; i < 600; i++) {
        club_begin(club, PEOPLE);
        for (unsigned k = 0; k < PEOPLE; k++) club->ids[k] = club_person((unsigned)i * PEOPLE / 2 % 28 + k);
        club->winners[0] = erand48(seed) < 0.3 ? club->sides[0] : club->sides[1];
        club_tell(club);
    }
    const Ai__Calibration__Dealt *dealt =
        ((const Ai__Calibration *)club_ask(club, "ai.GetCalibration", "{}"))->dealt;
    double foretold = 0, won = 0;
    assert_int_equal(dealt->n_bins, 10);
    assert_int_equal(dealt->forecasts, 2 * 600);
    assert_true(dealt->brier > 0.15 && dealt->brier < 0.25);
    for (size_t i = 0; i < 5; i++) {
        foretold += dealt->bins[i]->foretold * (double)dealt->bins[i]->forecasts;
        won += dealt->bins[i]->won * (double)dealt->bins[i]->forecasts;
    }
    if (fabs(foretold - won) > 0.06 * 600) fail_msg("%.1f foretold, %.0f won", foretold, won);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_newcomer_is_shown_as_one),
        TEST(nobody_has_no_rating),
        TEST(every_change_is_explained),
        TEST(a_page_of_history_goes_on),
        TEST(the_list_has_the_number_of_the_profile),
        TEST(the_list_goes_on_page_by_page),
        TEST(idle_days_make_it_uncertain),
        TEST(of_a_hundred_who_shows_less_is_counted),
        TEST(what_a_guest_played_is_in_the_history),
        TEST(who_wants_it_so_is_in_no_list_and_has_no_profile),
        TEST(to_themselves_it_is_shown),
        TEST(what_is_foretold_comes_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
