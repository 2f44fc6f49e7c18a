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

bool tally_has_voted(const struct game *game, const struct poll *poll, int seat)
{
    uint16_t choice = poll->choices[seat];
    return choice != BALLOT_ABSENT && tally_counts(game, poll->voters[seat]) &&
           (choice == BALLOT_NONE || tally_stands(game, choice));
}

bool tally_is_eligible(const struct game *game, const struct poll *poll, int seat)
{
    if (poll->voters[seat] == BALLOT_ABSENT) return false;
    const struct person *person = &game->people[poll->voters[seat]];
    bool may = person_alive(person) && !person_silenced(person) && !person->guest;
    return may || tally_has_voted(game, poll, seat);
}

struct turnout tally_turnout(const struct game *game, const struct poll *poll)
{
    struct turnout turnout = {0, 0};
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++) {
        turnout.voted += tally_has_voted(game, poll, seat);
        turnout.eligible += tally_is_eligible(game, poll, seat);
    }
    return turnout;
}

static void add_count(struct tally *tally, const struct game *game, const struct poll *poll,
                      uint16_t candidate)
{
    struct poll_count *count = &tally->counts[tally->counts_count++];
    *count = (struct poll_count){.candidate = candidate};
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++)
        if (poll->choices[seat] == candidate && tally_has_voted(game, poll, seat))
            count->weight += poll->weights[seat];
}

void tally_poll(struct tally *tally, const struct game *game, const struct poll *poll)
{
    bool abstained = false;
    tally->counts_count = tally->ballots_count = 0;
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++) {
        if (!tally_has_voted(game, poll, seat)) continue;
        abstained |= poll->choices[seat] == BALLOT_NONE;
        tally->ballots[tally->ballots_count++] =
            (struct poll_ballot){poll->voters[seat], poll->choices[seat]};
    }
    for (size_t i = 0; i < poll->candidates_count; i++)
        if (tally_stands(game, poll->candidates[i])) add_count(tally, game, poll, poll->candidates[i]);
    if (abstained) add_count(tally, game, poll, BALLOT_NONE);
}
