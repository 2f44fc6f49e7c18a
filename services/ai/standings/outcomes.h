// What was foretold of games and what became of them, as a part of the standings: how often chances come
// true, and whether sides with a role do better than was thought. One thread at a time.
#ifndef AI_STANDINGS_OUTCOMES_H
#define AI_STANDINGS_OUTCOMES_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/idmap.h"
#include "standings.pb-c.h"

enum {
    OUTCOMES_ID = 16,
    OUTCOMES_BINS = 10,
    OUTCOMES_SIDES = 16,  // of a forecast
    OUTCOMES_OPEN = 4096, // games that have not ended; the oldest forecasts give way
};

// How often chances of one tenth came true.
struct outcomes_bin {
    uint64_t count, won;
    double chances; // their sum
};
// Over the sides of games that one side won.
struct outcomes_tally {
    struct outcomes_bin bins[OUTCOMES_BINS];
    double brier; // the sum of squares of chances and what became of them
};

// What was foretold of a game that has not ended.
struct outcomes_game {
    uint8_t event[OUTCOMES_ID];
    size_t count; // of sides
    struct outcomes_chance {
        uint8_t side[OUTCOMES_ID];
        double chance;
    } chances[OUTCOMES_SIDES];
};

// How games ended for sides that had a role dealt.
struct outcomes_role {
    uint8_t role[OUTCOMES_ID];
    uint32_t games;
    double gained, known; // sums of what became of them less the chance, and of the chance's variance
};

struct outcomes {
    struct outcomes_tally dealt; // of chances by what everybody was dealt
    struct outcomes_tally kept;  // of those that were foretold at the lock
    struct outcomes_game *open;  // as they came
    struct outcomes_role *roles; // as they came
    size_t open_count, open_room, role_count, role_room;
    struct idmap by_role; // places, from 1
};

void outcomes_finish(struct outcomes *outcomes); // it is then as a zeroed one

// Whether it says what can be.
bool outcomes_check(const Standings__Foretold *told);
// In place of what was foretold of the game before; without chances nothing is. False without memory.
MUST_CHECK bool outcomes_expect(struct outcomes *outcomes, const Standings__Foretold *told);
// A game that counts has ended. False without memory.
MUST_CHECK bool outcomes_note(struct outcomes *outcomes, const Standings__Game *game);
// The only side that won, from 1; 0: there is no such side.
uint32_t outcomes_winner(const Standings__Game *game);

// How much more likely a side wins for having a role, in log odds; *games says in how many games it had.
double outcomes_role_effect(const struct outcomes *outcomes, const uint8_t role[OUTCOMES_ID],
                            uint32_t *games);

// As parts of a snapshot, and from one. False without memory; loading, also for what can't be.
MUST_CHECK bool outcomes_save(const struct outcomes *outcomes, struct arena *arena,
                              Standings__Snapshot *snapshot);
MUST_CHECK bool outcomes_load(struct outcomes *outcomes, const Standings__Snapshot *snapshot);

#endif
