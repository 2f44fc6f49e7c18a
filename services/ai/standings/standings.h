// What finished games have made of ratings: the fold of the stream ai.games. An entry says what it changes,
// so the fold knows no formula. One thread at a time.
#ifndef AI_STANDINGS_STANDINGS_H
#define AI_STANDINGS_STANDINGS_H

#include "lib/base/err.h"
#include "lib/base/idmap.h"
#include "services/ai/skill/rating.h"
#include "services/ai/standings/classes.h"
#include "services/ai/standings/outcomes.h"
#include "standings.pb-c.h"

#define STANDINGS_STREAM "ai.games"
#define STANDINGS_REWARDS "ai.rewards" // its games, as chain is told of them

enum { STANDINGS_ID = 16, STANDINGS_DAY_MS = 86400000 };
// CONSE_FORMAT: entries, and a form of the state, that older programs don't read.
enum { STANDINGS_FORETELL_SINCE = 20 };

struct standings_player {
    uint8_t id[STANDINGS_ID]; // of the user
    bool known;               // it is somebody's; else the account is gone
    struct rating belief;     // after their last game
    uint32_t games, won;
    int64_t day;  // of that game, since 1970 in UTC
    uint64_t met; // the entry that has their id
};
struct standings_game {
    uint8_t event[STANDINGS_ID];
    int64_t finished_ms;
};
struct standings_guest {
    uint8_t seat[STANDINGS_ID];
    uint64_t game; // entry
    bool taken;
};
// How easy a side is, or what a deck adds to that.
struct standings_ease {
    uint8_t key[STANDINGS_ID];
    struct rating belief;
    uint32_t games;
};

struct standings {
    uint64_t seq;                     // of the newest entry
    uint64_t generation, followed;    // how far events.games was taken in
    uint64_t locks_generation, locks; // the same of events.locks
    struct standings_player *players; // by number, from 1
    struct standings_game *games;
    struct standings_guest *guests;
    struct standings_ease *eases;
    size_t player_count, game_count, guest_count, ease_count;
    size_t player_room, game_room, guest_room, ease_room;
    struct idmap by_user, by_event, by_seat, by_ease; // places, from 1
    uint64_t gone;                                    // the newest entry by which an account left
    double slope;                                     // that tempers forecasts
    uint64_t contests;                                // games that one side won
    struct outcomes outcomes;
    struct classes classes; // of marks
};

void standings_init(struct standings *standings);
void standings_finish(struct standings *standings); // it is then as after init

// Folds an entry in that was stored behind those before. STORE_CORRUPT when it is none, or says of a player
// or game what can't be; INTERNAL_ERROR without memory. On failure the state is of no more use.
MUST_CHECK bool standings_apply(struct standings *standings, uint64_t seq, const Standings__Entry *entry,
                                struct err *err);

// Numbers and places, 0: nobody and nothing.
uint32_t standings_player(const struct standings *standings, const char *user_id);
uint32_t standings_known(const struct standings *standings, const uint8_t event[STANDINGS_ID]);
uint32_t standings_guest(const struct standings *standings, const uint8_t seat[STANDINGS_ID]);

// By which the ease of a side is kept, and what a deck adds to it.
void standings_side_key(const uint8_t side[STANDINGS_ID], uint8_t key[STANDINGS_ID]);
void standings_deck_key(const uint8_t deck[STANDINGS_ID], const uint8_t side[STANDINGS_ID],
                        uint8_t key[STANDINGS_ID]);
struct rating standings_ease(const struct standings *standings, const uint8_t key[STANDINGS_ID],
                             uint32_t *games);

// A player's belief on a day, with what idle days have added.
struct rating standings_belief(const struct standings_player *player, int64_t day);
// How games are rated here.
extern const struct rating_options standings_options;

#endif
