// Polls and ballots.
#include "services/events/game/fold/fold.h"

#include <stdlib.h>
#include <string.h>

#include "services/events/game/tally.h"

bool fold_poll_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__PollOpened *opened = entry->poll_opened;
    *audience = AUDIENCE(PUBLIC);
    if (game_open_poll(game) || game->polls_count == GAME_MAX_POLLS || opened->n_candidates > GAME_MAX_SEATS)
        return false;
    struct poll *poll = array_add(&game->polls, &game->polls_count, sizeof *poll);
    if (!poll || !fold_id(&poll->id, opened->poll_id)) return false;
    poll->phase = (int32_t)game->phases_count;
    poll->kind = opened->kind;
    poll->open = true;
    poll->secret = opened->secret;
    timer_run(&poll->timer, opened->closes_ms, entry->time_ms);
    for (size_t i = 0; i < opened->n_candidates; i++) {
        int player = game_player(game, opened->candidates[i]);
        if (player == GAME_NO_ONE) return false;
        poll->candidates[poll->candidates_count++] = (uint16_t)player;
    }
    for (int i = 0; i < GAME_MAX_SEATS; i++) {
        poll->choices[i] = BALLOT_ABSENT;
        poll->voters[i] = game->seats[i] ? (uint16_t)(game->seats[i] - 1) : BALLOT_ABSENT;
        poll->weights[i] = 1;
    }
    return true;
}

bool fold_poll_weighted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct poll *poll = game_open_poll(game);
    *audience = AUDIENCE(GOD);
    for (size_t i = 0; i < entry->poll_weighted->n_weights; i++) {
        const Events__Weight *weight = entry->poll_weighted->weights[i];
        int player = game_player(game, weight->user_id);
        if (!poll || player == GAME_NO_ONE || weight->weight < 0 || weight->weight > 100) return false;
        poll->weights[game->people[player].seat - 1] = (uint8_t)weight->weight;
    }
    return true;
}

static int choice_of(const struct game *game, const char *candidate_id)
{
    return strcmp(candidate_id, "NONE") == 0 ? BALLOT_NONE : game_person(game, candidate_id);
}

bool fold_ballot_cast(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct poll *poll = game_open_poll(game);
    int voter = game_player(game, entry->actor);
    if (!poll || voter == GAME_NO_ONE || strcmp(poll->id.text, entry->ballot_cast->poll_id) != 0)
        return false;
    int choice = choice_of(game, entry->ballot_cast->candidate_id);
    int seat = game->people[voter].seat - 1;
    if (choice == GAME_NO_ONE || poll->voters[seat] != voter) return false;
    poll->choices[seat] = (uint16_t)choice;
    game->people[voter].ballots++;
    *audience = poll->secret ? AUDIENCE(SEALED) : AUDIENCE(GOD);
    return true;
}

bool fold_poll_extended(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__PollExtended *extended = entry->poll_extended;
    struct poll *poll = game_open_poll(game);
    *audience = AUDIENCE(PUBLIC);
    if (!poll || strcmp(poll->id.text, extended->poll_id) != 0) return false;
    fold_timer(&poll->timer, extended->closes_ms, extended->remaining_ms, entry->time_ms);
    return true;
}

// Its content follows from the statuses, so the state has it already.
bool fold_poll_changed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const struct poll *poll = game_open_poll(game);
    *audience = AUDIENCE(PUBLIC);
    return poll && strcmp(poll->id.text, entry->poll_changed->poll_id) == 0;
}

static bool keep_counts(struct game *game, struct poll *poll, const Game__PollClosed *closed)
{
    if (closed->n_counts > GAME_MAX_SEATS + 1) return false;
    poll->counts = calloc(closed->n_counts + 1, sizeof *poll->counts);
    for (size_t i = 0; poll->counts && i < closed->n_counts; i++) {
        int candidate = choice_of(game, closed->counts[i]->candidate_id);
        if (candidate == GAME_NO_ONE) return false;
        poll->counts[poll->counts_count++] =
            (struct poll_count){(uint16_t)candidate, closed->counts[i]->weight};
    }
    return poll->counts;
}

static bool keep_ballots(struct game *game, struct poll *poll, const Game__PollClosed *closed)
{
    if (closed->n_ballots > GAME_MAX_SEATS) return false;
    poll->ballots = calloc(closed->n_ballots + 1, sizeof *poll->ballots);
    for (size_t i = 0; poll->ballots && i < closed->n_ballots; i++) {
        int voter = game_person(game, closed->ballots[i]->voter_id);
        int candidate = choice_of(game, closed->ballots[i]->candidate_id);
        if (voter == GAME_NO_ONE || candidate == GAME_NO_ONE) return false;
        poll->ballots[poll->ballots_count++] = (struct poll_ballot){(uint16_t)voter, (uint16_t)candidate};
    }
    return poll->ballots;
}

bool fold_poll_closed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct poll *poll = game_open_poll(game);
    *audience = AUDIENCE(PUBLIC);
    if (!poll || strcmp(poll->id.text, entry->poll_closed->poll_id) != 0) return false;
    poll->turnout = tally_turnout(game, poll);
    poll->open = false;
    return keep_counts(game, poll, entry->poll_closed) && keep_ballots(game, poll, entry->poll_closed);
}
