#include "services/events/game/tally.h"
#include "services/events/game/status.h"

bool tally_stands(const struct game *game, uint16_t candidate)
{
    return game->rules_version < RULES_COUNT_AT_CLOSE || person_alive(&game->people[candidate]);
}

bool tally_counts(const struct game *game, uint16_t voter)
{
    const struct person *person = &game->people[voter];
    return game->rules_version < RULES_COUNT_AT_CLOSE || (person_alive(person) && !person_silenced(person));
}

static bool ballot_counts(const struct game *game, const struct poll *poll, int seat)
{
    uint16_t choice = poll->choices[seat];
    return choice != BALLOT_ABSENT && tally_counts(game, poll->voters[seat]) &&
           (choice == BALLOT_NONE || tally_stands(game, choice));
}

static void add_count(struct tally *tally, const struct game *game, const struct poll *poll,
                      uint16_t candidate)
{
    struct poll_count *count = &tally->counts[tally->counts_count++];
    *count = (struct poll_count){.candidate = candidate};
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++)
        if (poll->choices[seat] == candidate && ballot_counts(game, poll, seat))
            count->weight += poll->weights[seat];
}

void tally_poll(struct tally *tally, const struct game *game, const struct poll *poll)
{
    bool abstained = false;
    tally->counts_count = tally->ballots_count = 0;
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++) {
        if (!ballot_counts(game, poll, seat)) continue;
        abstained |= poll->choices[seat] == BALLOT_NONE;
        tally->ballots[tally->ballots_count++] =
            (struct poll_ballot){poll->voters[seat], poll->choices[seat]};
    }
    for (size_t i = 0; i < poll->candidates_count; i++)
        if (tally_stands(game, poll->candidates[i])) add_count(tally, game, poll, poll->candidates[i]);
    if (abstained) add_count(tally, game, poll, BALLOT_NONE);
}
