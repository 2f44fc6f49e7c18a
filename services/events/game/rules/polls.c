// Polls and ballots.
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/game/rules/rules.h"

static const int64_t LONGEST_POLL_MS = 24 * 3600 * INT64_C(1000);

int32_t poll_count(const struct poll *poll, uint16_t candidate)
{
    int32_t count = 0;
    for (int i = 0; i < GAME_MAX_SEATS; i++)
        if (poll->choices[i] == candidate) count += poll->weights[i];
    return count;
}

static bool need_open_phase(const struct game *game, struct err *err)
{
    if (!rules_need_playing(game, err)) return false;
    return game_open_phase(game) || err_fail(err, PHASE_NOT_OPEN, "no phase is open");
}

static bool check_candidates(const struct game *game, const char **candidates, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        int player;
        if (!rules_need_player(game, candidates[i], &player, err)) return false;
        if (!person_alive(&game->people[player]))
            return err_field(err, INVALID_FIELD, "candidates", "a candidate has left the game");
        for (size_t j = 0; j < i; j++)
            if (strcmp(candidates[i], candidates[j]) == 0)
                return err_field(err, INVALID_FIELD, "candidates", "a candidate is named twice");
    }
    return true;
}

static bool check_weights(const struct game *game, Events__Weight **weights, size_t count, struct err *err)
{
    int player;
    for (size_t i = 0; i < count; i++)
        if (!rules_need_player(game, weights[i]->user_id, &player, err)) return false;
    return true;
}

static size_t living(const struct game *game, const char *user_ids[GAME_MAX_SEATS])
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster), alive = 0;
    for (size_t i = 0; i < count; i++)
        if (person_alive(&game->people[roster[i]])) user_ids[alive++] = game->people[roster[i]].user_id.text;
    return alive;
}

bool rules_open_poll(struct game *game, struct entries *entries, const Events__OpenPollRequest *open,
                     struct err *err)
{
    if (!need_open_phase(game, err)) return false;
    if (game_open_poll(game)) return err_fail(err, POLL_OPEN, "a poll is open");
    if (game->polls_count == GAME_MAX_POLLS)
        return err_fail(err, LIMIT_REACHED, "a game has at most %d polls", GAME_MAX_POLLS);
    int64_t closes_in_ms = duration_ms(open->closes_in);
    if (closes_in_ms < 0 || closes_in_ms > LONGEST_POLL_MS)
        return err_field(err, INVALID_FIELD, "closes_in", "closes_in is between 0 and 24 hours");
    if (!check_candidates(game, open->candidates, open->n_candidates, err)) return false;
    if (!check_weights(game, open->weights, open->n_weights, err)) return false;

    const char *all[GAME_MAX_SEATS];
    size_t all_count = living(game, all);
    uint8_t random[10];
    entries_random(entries, random, sizeof random);
    struct uuid poll_id = uuid_make(entries->now_ms, random);
    bool asked = open->secret__case == EVENTS__OPEN_POLL_REQUEST__SECRET__SECRET;
    bool chosen = open->n_candidates > 0;
    ENTRY(entries, game, POLL_OPENED, PollOpened, poll_opened, .poll_id = poll_id.text, .kind = open->kind,
          .secret = asked ? open->secret : game->terms.secret_ballot,
          .n_candidates = chosen ? open->n_candidates : all_count,
          .candidates = chosen ? open->candidates : all,
          .closes_ms = closes_in_ms ? entries->now_ms + closes_in_ms : 0);
    if (open->n_weights)
        ENTRY(entries, game, POLL_WEIGHTED, PollWeighted, poll_weighted, .n_weights = open->n_weights,
              .weights = open->weights);
    return true;
}

static bool may_vote(const struct game *game, int voter, struct err *err)
{
    static const uint16_t muted =
        1 << EVENTS__STATUS__VALUE__SILENT_2_PHASES | 1 << EVENTS__STATUS__VALUE__SILENT_6_PHASES |
        1 << EVENTS__STATUS__VALUE__DISABLED_3_PHASES | 1 << EVENTS__STATUS__VALUE__DISABLED;
    if (voter == GAME_NO_ONE || !person_alive(&game->people[voter]))
        return err_fail(err, NOT_A_LIVING_PLAYER, "only living players vote");
    return !(game->people[voter].statuses.on & muted) ||
           err_fail(err, MAY_NOT_VOTE, "you are silenced or disabled");
}

static bool is_candidate(const struct game *game, const struct poll *poll, const char *candidate_id)
{
    int player = game_player(game, candidate_id);
    for (size_t i = 0; i < poll->candidates_count && player != GAME_NO_ONE; i++)
        if (poll->candidates[i] == player) return true;
    return strcmp(candidate_id, "NONE") == 0;
}

bool rules_cast(struct game *game, struct entries *entries, const char *poll_id, const char *candidate_id,
                struct err *err)
{
    const struct poll *poll = game_poll(game, poll_id);
    if (!may_vote(game, game_player(game, entries->actor), err)) return false;
    if (!poll) return err_fail(err, NOT_FOUND, "there is no such poll");
    if (!poll->open) return err_fail(err, POLL_CLOSED, "the poll is closed");
    if (!is_candidate(game, poll, candidate_id))
        return err_fail(err, NOT_A_CANDIDATE, "this user is no candidate of the poll");
    if (!rules_need_room(game, err)) return false;
    ENTRY(entries, game, BALLOT_CAST, BallotCast, ballot_cast, .poll_id = poll_id,
          .candidate_id = candidate_id);
    return true;
}

struct result {
    Events__Poll__Count counts[GAME_MAX_SEATS + 1], *count_of[GAME_MAX_SEATS + 1];
    Events__Poll__Ballot ballots[GAME_MAX_SEATS], *ballot_of[GAME_MAX_SEATS];
    size_t counts_count, ballots_count;
};

static void add_count(struct result *result, const char *candidate_id, int32_t weight)
{
    Events__Poll__Count *count = &result->counts[result->counts_count];
    events__poll__count__init(count);
    count->candidate_id = candidate_id;
    count->weight = weight;
    result->count_of[result->counts_count++] = count;
}

static void add_ballot(struct result *result, const char *voter_id, const char *candidate_id)
{
    Events__Poll__Ballot *ballot = &result->ballots[result->ballots_count];
    events__poll__ballot__init(ballot);
    ballot->voter_id = voter_id;
    ballot->candidate_id = candidate_id;
    result->ballot_of[result->ballots_count++] = ballot;
}

static void count_poll(struct result *result, const struct game *game, const struct poll *poll)
{
    for (size_t i = 0; i < poll->candidates_count; i++)
        add_count(result, game->people[poll->candidates[i]].user_id.text,
                  poll_count(poll, poll->candidates[i]));
    bool abstained = false;
    for (int i = 0; i < GAME_MAX_SEATS; i++) {
        if (poll->choices[i] == BALLOT_ABSENT) continue;
        abstained |= poll->choices[i] == BALLOT_NONE;
        const char *choice =
            poll->choices[i] == BALLOT_NONE ? "NONE" : game->people[poll->choices[i]].user_id.text;
        if (!poll->secret) add_ballot(result, game->people[poll->voters[i]].user_id.text, choice);
    }
    if (abstained) add_count(result, "NONE", poll_count(poll, BALLOT_NONE));
}

void rules_add_poll_end(struct game *game, struct entries *entries)
{
    const struct poll *poll = game_open_poll(game);
    if (!poll) return;
    struct result result = {.counts_count = 0};
    struct uuid id = poll->id;
    count_poll(&result, game, poll);
    ENTRY(entries, game, POLL_CLOSED, PollClosed, poll_closed, .poll_id = id.text,
          .n_counts = result.counts_count, .counts = result.count_of, .n_ballots = result.ballots_count,
          .ballots = result.ballot_of);
}

bool rules_close_poll(struct game *game, struct entries *entries, const char *poll_id, struct err *err)
{
    const struct poll *poll = game_poll(game, poll_id);
    if (!poll) return err_fail(err, NOT_FOUND, "there is no such poll");
    if (!poll->open) return err_fail(err, POLL_CLOSED, "the poll is closed");
    rules_add_poll_end(game, entries);
    return true;
}
