// Duels that are told to the service: who is rated above whom is what Glicko-2, another system, says of them.
#include <math.h>

#include "services/ai/testing/club.h"
#include "services/ai/testing/glicko2.h"

enum { PEOPLE = 6, ROUNDS = 20 };

static const double step = 120, tau = 0.5; // Glicko points from one to the next better; how erratic they are

struct duels {
    struct club *club;
    struct glicko2_rating ratings[PEOPLE];
    struct glicko2_result results[PEOPLE][PEOPLE]; // of the period
    size_t counts[PEOPLE];
    unsigned short seed[3];
};

static void note_result(struct duels *duels, unsigned who, unsigned other, bool won)
{
    const struct glicko2_rating *rating = &duels->ratings[other];
    duels->results[who][duels->counts[who]++] =
        (struct glicko2_result){rating->rating, rating->deviation, won};
}

// Both are wolves as often as the other.
static void duel(struct duels *duels, unsigned one, unsigned other, unsigned round)
{
    struct club *club = duels->club;
    const double better = step * ((double)one - (double)other);
    const bool won = erand48(duels->seed) < 1 / (1 + pow(10, -better / 400));
    const bool wolf = (round + one + other) % 2;
    club_begin(club, 2);
    club->ids[0] = club_person(one);
    club->ids[1] = club_person(other);
    club->players[0].side = wolf ? 1 : 2;
    club->players[1].side = wolf ? 2 : 1;
    club->winners[0] = won == wolf ? WOLVES : TOWN;
    club_tell(club);
    note_result(duels, one, other, won);
    note_result(duels, other, one, !won);
}

static void play_round(struct duels *duels, unsigned round)
{
    memset(duels->counts, 0, sizeof duels->counts);
    for (unsigned one = 0; one < PEOPLE; one++)
        for (unsigned other = 0; other < one; other++) duel(duels, one, other, round);
    for (unsigned who = 0; who < PEOPLE; who++)
        assert_true(glicko2_update(&duels->ratings[who], duels->results[who], duels->counts[who], tau));
}

static double told_mu(struct club *club, unsigned who)
{
    const struct uuid id = club_person(who);
    const Ai__GetRatingReply *reply = club_ask(club, "ai.GetRating", "{'user_id':'%s'}", id.text);
    if (!reply) {
        fail_msg("%s", club->err.message);
        return NAN;
    }
    assert_int_equal(reply->rating->games, ROUNDS * (PEOPLE - 1));
    return reply->rating->mu;
}

static void who_is_better_is_what_glicko_says(void **state)
{
    struct duels duels = {.club = *state, .seed = {1, 2, 3}};
    double mu[PEOPLE];
    unsigned clear = 0;
    for (unsigned who = 0; who < PEOPLE; who++) {
        club_know(duels.club, who, false);
        duels.ratings[who] = glicko2_newcomer;
    }
    for (unsigned round = 0; round < ROUNDS; round++) play_round(&duels, round);
    for (unsigned who = 0; who < PEOPLE; who++) mu[who] = told_mu(duels.club, who);
    for (unsigned one = 0; one < PEOPLE; one++)
        for (unsigned other = 0; other < one; other++) {
            const struct glicko2_rating *a = &duels.ratings[one], *b = &duels.ratings[other];
            if (fabs(a->rating - b->rating) < a->deviation + b->deviation) continue;
            assert_int_equal(mu[one] > mu[other], a->rating > b->rating);
            clear++;
        }
    assert_true(clear >= PEOPLE * (PEOPLE - 1) / 3); // of fifteen pairs
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_better_is_what_glicko_says, club_in_a_file, club_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
