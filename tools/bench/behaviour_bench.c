#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/ai/behaviour/tips.h"

// Games added per second to a player's graph (200 games) and to everybody's (67 roles), and tips found per
// second.

enum { ROLES = 67, SIDES = 8, STEPS = 18, GAMES = 20000, PLAYER_GAMES = 200, ROOM = 200000 };

static struct behaviour_game games[GAMES];
static struct behaviour_step steps[GAMES][STEPS];
static struct behaviour_id chains[GAMES];

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static struct behaviour_id id_of(uint32_t number)
{
    struct behaviour_id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

// Six days of three parts; most statuses are harmless, and a dead player stays dead.
static void invent_games(void)
{
    static const uint8_t statuses[] = {0, 0, 0, 0, 0, 0, 0, 0, 3, 5, 6, 7, 2, 1};
    unsigned short seed[3] = {1, 2, 3};
    for (int game = 0; game < GAMES; game++) {
        uint32_t role = nrand48(seed) % ROLES;
        uint8_t status = 0;
        for (uint32_t step = 0; step < STEPS; step++) {
            if (!behaviour_is_out(status)) status = statuses[nrand48(seed) % sizeof statuses];
            steps[game][step] =
                (struct behaviour_step){id_of(role), id_of(role % SIDES), (uint8_t)(step % 3), status};
        }
        chains[game] = id_of(1000 + nrand48(seed) % 50);
        games[game] = (struct behaviour_game){.role = id_of(role),
                                              .side = id_of(role % SIDES),
                                              .steps = steps[game],
                                              .chains = &chains[game],
                                              .step_count = STEPS,
                                              .chain_count = game % 4 == 0,
                                              .uses_left = nrand48(seed) % 3,
                                              .first_use_day = nrand48(seed) % 7,
                                              .first_use_part = nrand48(seed) % 3,
                                              .won = nrand48(seed) % 2};
    }
}

static void add_games(struct behaviour *graph, int count)
{
    for (int i = 0; i < count; i++)
        if (behaviour_add(graph, &games[i]) != BEHAVIOUR_OK) abort();
}

static double per_second(struct behaviour *graph, int count)
{
    double start = cpu_seconds(), spent;
    uint64_t added = 0;
    do {
        add_games(graph, count);
        added += count;
        spent = cpu_seconds() - start;
    } while (spent < 1);
    return added / spent;
}

static uint64_t tips_per_second(const struct behaviour *own, const struct behaviour *everybodys)
{
    struct tip tips[TIPS_MOST];
    double start = cpu_seconds(), spent;
    uint64_t asked = 0;
    do {
        for (uint32_t role = 0; role < ROLES; role++)
            tips_find(own, everybodys, id_of(role), id_of(role % SIDES), tips);
        asked += ROLES;
        spent = cpu_seconds() - start;
    } while (spent < 1);
    return asked / spent;
}

int main(void)
{
    struct behaviour *own = behaviour_create(ROOM), *everybodys = behaviour_create(ROOM);
    uint32_t entries;
    if (!own || !everybodys) return 1;
    invent_games();
    double start = cpu_seconds();
    add_games(everybodys, GAMES);
    printf("behaviour: everybody's graph from %d games in %.0f ms\n", GAMES, 1e3 * (cpu_seconds() - start));
    printf("behaviour: into everybody's graph %7.0f k games/s", per_second(everybodys, GAMES) / 1e3);
    behaviour_entries(everybodys, &entries);
    printf(" (%u entries, %zu kB saved)\n", entries, behaviour_saved_bytes(everybodys) / 1000);
    printf("behaviour: into a player's graph  %7.0f k games/s", per_second(own, PLAYER_GAMES) / 1e3);
    behaviour_entries(own, &entries);
    printf(" (%u entries, %zu kB saved)\n", entries, behaviour_saved_bytes(own) / 1000);
    printf("tips for a dealt role             %7.0f k/s\n", tips_per_second(own, everybodys) / 1e3);
    behaviour_destroy(own);
    behaviour_destroy(everybodys);
    return 0;
}
