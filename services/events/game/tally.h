// The result of a poll. Pure.
#ifndef EVENTS_GAME_TALLY_H
#define EVENTS_GAME_TALLY_H

#include "services/events/game/game.h"

struct tally {
    struct poll_count counts[GAME_MAX_SEATS + 1];
    struct poll_ballot ballots[GAME_MAX_SEATS];
    size_t counts_count, ballots_count;
};

// What a close would count now: the candidates that stand and, when a voter chose it, NONE; the ballots that
// count, also of a secret poll.
void tally_poll(struct tally *tally, const struct game *game, const struct poll *poll);
// Judged by what everyone knows: that a player left or is silenced. By the rules of version 0, always true.
bool tally_stands(const struct game *game, uint16_t candidate);
bool tally_counts(const struct game *game, uint16_t voter);
struct turnout tally_turnout(const struct game *game, const struct poll *poll);
// Of the player on a seat, from 0: whether their ballot counts; and whether it does or they may still cast
// one, by what everyone knows. A guest has no account to vote with.
bool tally_has_voted(const struct game *game, const struct poll *poll, int seat);
bool tally_is_eligible(const struct game *game, const struct poll *poll, int seat);

#endif
