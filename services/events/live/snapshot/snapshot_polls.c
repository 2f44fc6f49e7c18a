#include "services/events/live/snapshot/snapshot_polls.h"

#include <stdlib.h>
#include <string.h>

#include "services/events/game/fold/fold.h"

static ProtobufCBinaryData snapshot_polls_numbers(const uint16_t *at, size_t count)
{
    return (ProtobufCBinaryData){count * sizeof *at, (uint8_t *)at};
}

static void save_counts(Game__Snapshot__Poll *saved, const struct poll *poll, struct arena *arena)
{
    uint16_t *counted = arena_array(arena, poll->counts_count + 1, sizeof *counted);
    saved->totals = arena_array(arena, poll->counts_count + 1, sizeof *saved->totals);
    if (!counted || !saved->totals) return;
    for (size_t i = 0; i < poll->counts_count; i++) {
        counted[i] = poll->counts[i].candidate;
        saved->totals[i] = poll->counts[i].weight;
    }
    saved->n_totals = poll->counts_count;
    saved->counted = snapshot_polls_numbers(counted, poll->counts_count);
}

static void save_ballots(Game__Snapshot__Poll *saved, const struct poll *poll, struct arena *arena)
{
    uint16_t *pairs = arena_array(arena, 2 * poll->ballots_count + 1, sizeof *pairs);
    for (size_t i = 0; pairs && i < poll->ballots_count; i++) {
        pairs[2 * i] = poll->ballots[i].voter;
        pairs[2 * i + 1] = poll->ballots[i].candidate;
    }
    if (pairs) saved->ballots = snapshot_polls_numbers(pairs, 2 * poll->ballots_count);
}

void snapshot_save_poll(Game__Snapshot__Poll *saved, const struct poll *poll, struct arena *arena)
{
    saved->id = poll->id.text;
    saved->phase = poll->phase;
    saved->kind = poll->kind;
    saved->open = poll->open;
    saved->secret = poll->secret;
    saved->closes_ms = poll->timer.closes_ms;
    saved->remaining_ms = poll->timer.remaining_ms;
    saved->given_ms = poll->timer.given_ms;
    saved->candidates = snapshot_polls_numbers(poll->candidates, poll->candidates_count);
    saved->choices = snapshot_polls_numbers(poll->choices, GAME_MAX_SEATS);
    saved->voters = snapshot_polls_numbers(poll->voters, GAME_MAX_SEATS);
    saved->weights = (ProtobufCBinaryData){sizeof poll->weights, (uint8_t *)poll->weights};
    if (poll->open) return;
    saved->voted = poll->turnout.voted;
    saved->eligible = poll->turnout.eligible;
    save_counts(saved, poll, arena);
    save_ballots(saved, poll, arena);
}

// Copies person numbers; false when one is neither a person nor one of BALLOT_NONE and BALLOT_ABSENT that are
// allowed there.
enum allowed { PEOPLE_ONLY = BALLOT_ABSENT + 1, OR_NONE = BALLOT_NONE, OR_ABSENT = BALLOT_ABSENT };

static bool restore_people(uint16_t *people, const ProtobufCBinaryData *saved, const struct game *game,
                           enum allowed also)
{
    if (saved->len) memcpy(people, saved->data, saved->len);
    for (size_t i = 0; i < saved->len / sizeof *people; i++)
        if (people[i] >= game->people_count && people[i] != also) return false;
    return true;
}

static bool restore_choices(struct poll *poll, const Game__Snapshot__Poll *saved, const struct game *game)
{
    if (saved->choices.len != sizeof poll->choices || saved->voters.len != sizeof poll->voters ||
        saved->weights.len != sizeof poll->weights)
        return false;
    if (!restore_people(poll->voters, &saved->voters, game, OR_ABSENT)) return false;
    memcpy(poll->weights, saved->weights.data, sizeof poll->weights);
    memcpy(poll->choices, saved->choices.data, sizeof poll->choices);
    for (int i = 0; i < GAME_MAX_SEATS; i++) {
        uint16_t choice = poll->choices[i];
        bool voted = choice < game->people_count || choice == BALLOT_NONE;
        if (voted ? poll->voters[i] == BALLOT_ABSENT : choice != BALLOT_ABSENT) return false;
    }
    return true;
}

static bool restore_counts(struct poll *poll, const Game__Snapshot__Poll *saved, const struct game *game)
{
    uint16_t counted[GAME_MAX_SEATS + 1];
    size_t count = saved->n_totals;
    if (count > GAME_MAX_SEATS + 1 || saved->counted.len != count * sizeof *counted) return false;
    if (!restore_people(counted, &saved->counted, game, OR_NONE)) return false;
    poll->counts = calloc(count + 1, sizeof *poll->counts);
    if (!poll->counts) return false;
    for (; poll->counts_count < count; poll->counts_count++)
        poll->counts[poll->counts_count] =
            (struct poll_count){counted[poll->counts_count], saved->totals[poll->counts_count]};
    return true;
}

static bool restore_ballots(struct poll *poll, const Game__Snapshot__Poll *saved, const struct game *game)
{
    uint16_t pairs[2 * GAME_MAX_SEATS];
    size_t count = saved->ballots.len / (2 * sizeof *pairs);
    if (count > GAME_MAX_SEATS || saved->ballots.len % (2 * sizeof *pairs)) return false;
    if (!restore_people(pairs, &saved->ballots, game, OR_NONE)) return false;
    poll->ballots = calloc(count + 1, sizeof *poll->ballots);
    if (!poll->ballots) return false;
    for (; poll->ballots_count < count; poll->ballots_count++) {
        struct poll_ballot ballot = {pairs[2 * poll->ballots_count], pairs[2 * poll->ballots_count + 1]};
        if (ballot.voter == BALLOT_NONE) return false;
        poll->ballots[poll->ballots_count] = ballot;
    }
    return true;
}

static bool restore_turnout(struct poll *poll, const Game__Snapshot__Poll *saved)
{
    poll->turnout = (struct turnout){saved->voted, saved->eligible};
    return saved->voted >= 0 && saved->voted <= saved->eligible && saved->eligible <= GAME_MAX_SEATS;
}

bool snapshot_restore_poll(struct game *game, const Game__Snapshot__Poll *saved)
{
    bool in_phases = saved->phase >= 0 && (size_t)saved->phase <= game->phases_count;
    if (!in_phases || game_open_poll(game) || game->polls_count == GAME_MAX_POLLS) return false;
    struct poll *poll = array_add(&game->polls, &game->polls_count, sizeof *poll);
    if (!poll || saved->candidates.len > sizeof poll->candidates || saved->candidates.len % 2) return false;
    poll->phase = saved->phase;
    poll->kind = saved->kind;
    poll->open = saved->open;
    poll->secret = saved->secret;
    poll->timer = (struct timer){saved->closes_ms, saved->remaining_ms, saved->given_ms};
    poll->candidates_count = saved->candidates.len / sizeof *poll->candidates;
    return fold_id(&poll->id, saved->id) &&
           restore_people(poll->candidates, &saved->candidates, game, PEOPLE_ONLY) &&
           restore_choices(poll, saved, game) && restore_turnout(poll, saved) &&
           (poll->open || (restore_counts(poll, saved, game) && restore_ballots(poll, saved, game)));
}
