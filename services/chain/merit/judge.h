// What a finished game is worth: whether it is rewarded, and who of its players. So that nobody makes rewards
// by games that are none, or by people that are none. Nothing here knows what is given. Pure.
#ifndef CHAIN_MERIT_JUDGE_H
#define CHAIN_MERIT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

// The ledger has these numbers.
enum merit_verdict {
    MERIT_REWARDED = 0,
    // of a game
    MERIT_FEW_PLAYERS = 1, // that were there
    MERIT_FEW_PHASES = 2,
    MERIT_SHORT = 3,
    MERIT_GOD_DAY = 4, // its god led as many as count in a day
    MERIT_NOBODY = 5,  // none of its players is
    MERIT_OLD = 12,    // it ended so long ago that nobody knows whether it was judged; or is yet to come
    // of a player
    MERIT_NO_ROLE = 6,     // they left, were kicked, or got another role
    MERIT_ABSENT = 7,      // nobody noted that they were there
    MERIT_UNPROVED = 8,    // that this role was dealt to them
    MERIT_HELD = 9,        // a guest: it waits for an account
    MERIT_UNVERIFIED = 10, // neither a phone nor a wallet says that they are somebody
    MERIT_PLAYER_DAY = 11, // they were rewarded as often as one is in a day
};

struct merit_limits {
    int64_t players; // that must have been there, also when the event asks for fewer
    int64_t phases;  // closed ones
    int64_t minutes; // from the first phase to the end
    int64_t games;   // of a player in a day
    int64_t god_games;
};

// So long a game may be judged after its end; it is remembered for longer.
static const int64_t MERIT_LATE_MS = INT64_C(35) * 24 * 3600 * 1000;
static const int64_t MERIT_AHEAD_MS = INT64_C(24) * 3600 * 1000;

struct merit_game_facts {
    int64_t started_ms; // 0: it had no phase
    int64_t ended_ms;
    int64_t age_ms;   // since its end
    uint32_t players; // that were there
    uint32_t wanted;  // the least that the event asks for
    uint32_t phases;  // closed ones
    uint32_t god_games;
};
struct merit_player_facts {
    bool keeps_role; // that was dealt to them, to the end
    bool was_there;
    bool is_proved;
    bool is_guest;
    bool is_verified;
    uint32_t games; // for which they were rewarded that day
};

enum merit_verdict merit_judge_game(const struct merit_game_facts *game, const struct merit_limits *limits);
// Of a game that is rewarded.
enum merit_verdict merit_judge_player(const struct merit_player_facts *player,
                                      const struct merit_limits *limits);

#endif
