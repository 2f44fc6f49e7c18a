// Ratings that the service tells of forty games are those of npm openskill 5.0.1, which
// tests/engines/club.mjs asks.
#include <math.h>

#include "services/ai/testing/club.h"

enum { PEOPLE = 9, GAMES = 40 };

static const struct rating theirs[PEOPLE] = {
    {28.46005854111967, 6.672526938938656},  {26.666172849707287, 6.608739113763556},
    {26.666172849707287, 6.608739113763556}, {28.46005854111967, 6.672526938938656},
    {27.441730809077864, 6.725431236460504}, {27.441730809077864, 6.725431236460504},
    {28.46005854111967, 6.672526938938656},  {26.666172849707287, 6.608739113763556},
    {26.666172849707287, 6.608739113763556},
};

static void play(struct club *club, unsigned game)
{
    club_begin(club, PEOPLE);
    for (unsigned i = 0; i < PEOPLE; i++) club->players[i].side = (i + game * (1 + i % 2)) % 3 ? 2 : 1;
    club->winners[0] = club->sides[game % 4 ? 1 : 0];
    club_tell(club);
}

static void what_is_told_is_what_openskill_says(void **state)
{
    struct club *club = *state;
    for (unsigned i = 0; i < PEOPLE; i++) club_know(club, i, false);
    for (unsigned game = 0; game < GAMES; game++) play(club, game);
    for (unsigned i = 0; i < PEOPLE; i++) {
        const struct uuid id = club_person(i);
        const Ai__GetRatingReply *reply = club_ask(club, "ai.GetRating", "{'user_id':'%s'}", id.text);
        if (!reply) fail_msg("%s", club->err.message);
        assert_int_equal(reply->rating->games, GAMES);
        assert_true(fabs(reply->rating->mu - theirs[i].mu) < 1e-9);
        assert_true(fabs(reply->rating->sigma - theirs[i].sigma) < 1e-9);
        assert_true(fabs(reply->rating->rating - (theirs[i].mu - 3 * theirs[i].sigma)) < 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_told_is_what_openskill_says, club_in_a_file, club_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
