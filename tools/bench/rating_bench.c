#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/ai/skill/rating.h"

// Player updates per second of processor time. Games of two sides of five and of eight single players
// alternate; their players are drawn from a league, copied out, rated and put back. `--plain` prints one
// figure a line.

enum { LEAGUE = 10000, GAMES = 4096, SEATS = 10, ROUNDS = 5 };

struct league {
    struct rating players[LEAGUE];
    uint16_t seats[GAMES][SEATS];
    uint8_t ranks[GAMES][SEATS];
};

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void league_init(struct league *league)
{
    unsigned short seed[3] = {1, 2, 3};
    for (int i = 0; i < LEAGUE; i++) league->players[i] = rating_defaults.prior;
    for (int game = 0; game < GAMES; game++) {
        for (int i = 0; i < SEATS; i++) {
            league->seats[game][i] = nrand48(seed) % LEAGUE;
            league->ranks[game][i] = nrand48(seed) % 8;
        }
    }
}

static uint32_t rating_play(struct league *league, const struct rating_options *options, int game)
{
    uint32_t teams = game % 2 ? 8 : 2, size = game % 2 ? 1 : 5, players = teams * size;
    struct rating seated[SEATS];
    struct rating_team sides[8];
    for (uint32_t i = 0; i < players; i++) seated[i] = league->players[league->seats[game][i]];
    for (uint32_t i = 0; i < teams; i++)
        sides[i] = (struct rating_team){&seated[i * size], .size = size, .rank = league->ranks[game][i]};
    if (!rating_update(options, sides, teams)) abort();
    for (uint32_t i = 0; i < players; i++) league->players[league->seats[game][i]] = seated[i];
    return players;
}

static double updates_per_second(struct league *league, const struct rating_options *options)
{
    double start = cpu_seconds(), spent;
    uint64_t updates = 0;
    do {
        for (int game = 0; game < GAMES; game++) updates += rating_play(league, options, game);
        spent = cpu_seconds() - start;
    } while (spent < 0.4);
    return updates / spent;
}

static int rating_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of_rounds(const struct rating_options *options)
{
    static struct league league;
    double rounds[ROUNDS];
    league_init(&league);
    for (int i = 0; i < ROUNDS; i++) rounds[i] = updates_per_second(&league, options);
    qsort(rounds, ROUNDS, sizeof rounds[0], rating_ascending);
    return rounds[ROUNDS / 2];
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"plackett_luce", "bradley_terry", "thurstone_mosteller"};
    bool plain = argc > 1 && strcmp(argv[1], "--plain") == 0;
    for (int model = RATING_PLACKETT_LUCE; model <= RATING_THURSTONE_MOSTELLER; model++) {
        struct rating_options options = rating_defaults;
        options.model = model;
        double rate = median_of_rounds(&options);
        if (plain)
            printf("%s %.0f\n", names[model], rate);
        else
            printf("rating %-20s %6.2f M player updates/s\n", names[model], rate / 1e6);
    }
    return 0;
}
