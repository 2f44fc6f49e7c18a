// Polls and ballots.
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/game/rules/rules.h"
#include "services/events/game/tally.h"
#include "services/events/game/status.h"

static const int64_t LONGEST_POLL_MS = 24 * 3600 * INT64_C(1000);

static bool need_open_phase(const struct game *game, struct err *err)
{
    if (!rules_need_playing(game, err)) return false;
    return game_open_phase(game) || err_fail(err, PHASE_NOT_OPEN, "no phase is open");
}

// By the rules of version 0 a paused phase goes on for its polls.
static bool need_not_paused(const struct game *game, struct err *err)
{
    const struct phase *phase = game_open_phase(game);
    bool paused = phase && phase->state == EVENTS__PHASE__STATE__PAUSED;
    return !paused || game->rules_version < RULES_COUNT_AT_CLOSE ||
           err_fail(err, PHASE_PAUSED, "the phase is paused");
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
    for (size_t i = 0; i < count; i++) {
        if (!rules_need_player(game, weights[i]->user_id, &player, err)) return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(weights[i]->user_id, weights[j]->user_id) == 0)
                return err_field(err, INVALID_FIELD, "weights", "a voter is weighted twice");
    }
    return true;
}

static size_t polls_living(const struct game *game, const char *user_ids[GAME_MAX_SEATS])
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
    if (!need_open_phase(game, err) || !need_not_paused(game, err)) return false;
    if (game_open_poll(game)) return err_fail(err, POLL_OPEN, "a poll is open");
    if (game->polls_count == GAME_MAX_POLLS)
        return err_fail(err, LIMIT_REACHED, "a game has at most %d polls", GAME_MAX_POLLS);
    int64_t closes_in_ms = duration_ms(open->closes_in);
    if (closes_in_ms < 0 || closes_in_ms > LONGEST_POLL_MS)
        return err_field(err, INVALID_FIELD, "closes_in", "closes_in is between 0 and 24 hours");
    if (!check_candidates(game, open->candidates, open->n_candidates, err)) return false;
    if (!check_weights(game, open->weights, open->n_weights, err)) return false;

    const char *all[GAME_MAX_SEATS];
    size_t all_count = polls_living(game, all);
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

static bool need_open_poll(const struct game *game, const char *poll_id, const struct poll **poll,
                           struct err *err)
{
    *poll = game_poll(game, poll_id);
    if (!*poll) return err_fail(err, NOT_FOUND, "there is no such poll");
    return (*poll)->open || err_fail(err, POLL_CLOSED, "the poll is closed");
}

static bool may_vote(const struct game *game, int voter, struct err *err)
{
    if (voter == GAME_NO_ONE || !person_alive(&game->people[voter]))
        return err_fail(err, NOT_A_LIVING_PLAYER, "only living players vote");
    return !(game->people[voter].statuses.on & STATUSES_MUTE) ||
           err_fail(err, MAY_NOT_VOTE, "you are silenced or disabled");
}

static bool is_candidate(const struct game *game, const struct poll *poll, const char *candidate_id)
{
    int player = game_player(game, candidate_id);
    for (size_t i = 0; i < poll->candidates_count && player != GAME_NO_ONE; i++)
        if (poll->candidates[i] == player) return tally_stands(game, (uint16_t)player);
    return strcmp(candidate_id, "NONE") == 0;
}

static const char *choice_id(const struct game *game, uint16_t choice)
{
    return choice == BALLOT_NONE ? "NONE" : game->people[choice].user_id.text;
}

static bool is_choice_of(const struct game *game, const struct poll *poll, int voter,
                         const char *candidate_id)
{
    uint16_t choice = poll->choices[game->people[voter].seat - 1];
    return choice != BALLOT_ABSENT && strcmp(choice_id(game, choice), candidate_id) == 0;
}

bool rules_cast(struct game *game, struct entries *entries, const char *poll_id, const char *candidate_id,
                struct err *err)
{
    const struct poll *poll;
    if (!may_vote(game, game_player(game, entries->actor), err)) return false;
    if (!need_open_poll(game, poll_id, &poll, err) || !need_not_paused(game, err)) return false;
    if (!is_candidate(game, poll, candidate_id))
        return err_fail(err, NOT_A_CANDIDATE, "this user is no candidate of the poll, or has left the game");
    if (is_choice_of(game, poll, game_player(game, entries->actor), candidate_id)) return true;
    if (game->people[game_player(game, entries->actor)].ballots >= GAME_MAX_BALLOTS_EACH)
        return err_fail(err, TOO_MANY_CHANGES, "you cast %d ballots in this game", GAME_MAX_BALLOTS_EACH);
    if (!rules_need_common_room(game, err)) return false;
    ENTRY(entries, game, BALLOT_CAST, BallotCast, ballot_cast, .poll_id = poll_id,
          .candidate_id = candidate_id);
    return true;
}

// A tally as the messages of an entry.
struct result {
    struct tally tally;
    Events__Poll__Count counts[GAME_MAX_SEATS + 1], *count_of[GAME_MAX_SEATS + 1];
    Events__Poll__Ballot ballots[GAME_MAX_SEATS], *ballot_of[GAME_MAX_SEATS];
};

static void fill_result(struct result *result, const struct game *game)
{
    const struct tally *tally = &result->tally;
    for (size_t i = 0; i < tally->counts_count; i++) {
        events__poll__count__init(result->count_of[i] = &result->counts[i]);
        result->counts[i].candidate_id = choice_id(game, tally->counts[i].candidate);
        result->counts[i].weight = tally->counts[i].weight;
    }
    for (size_t i = 0; i < tally->ballots_count; i++) {
        events__poll__ballot__init(result->ballot_of[i] = &result->ballots[i]);
        result->ballots[i].voter_id = game->people[tally->ballots[i].voter].user_id.text;
        result->ballots[i].candidate_id = choice_id(game, tally->ballots[i].candidate);
    }
}

void rules_add_poll_end(struct game *game, struct entries *entries)
{
    const struct poll *poll = game_open_poll(game);
    if (!poll) return;
    struct result result;
    struct uuid id = poll->id;
    tally_poll(&result.tally, game, poll);
    fill_result(&result, game);
    ENTRY(entries, game, POLL_CLOSED, PollClosed, poll_closed, .poll_id = id.text,
          .n_counts = result.tally.counts_count, .counts = result.count_of,
          .n_ballots = poll->secret ? 0 : result.tally.ballots_count, .ballots = result.ballot_of);
}

void rules_add_poll_change(struct game *game, struct entries *entries)
{
    const struct poll *poll = game_open_poll(game);
    const char *candidates[GAME_MAX_SEATS], *not_counted[GAME_MAX_SEATS];
    size_t stand = 0, out = 0;
    if (!poll || game->rules_version < RULES_COUNT_AT_CLOSE) return;
    struct uuid id = poll->id;
    for (size_t i = 0; i < poll->candidates_count; i++)
        if (tally_stands(game, poll->candidates[i]))
            candidates[stand++] = game->people[poll->candidates[i]].user_id.text;
    for (int i = 0; i < GAME_MAX_SEATS; i++)
        if (poll->voters[i] != BALLOT_ABSENT && !tally_counts(game, poll->voters[i]))
            not_counted[out++] = game->people[poll->voters[i]].user_id.text;
    ENTRY(entries, game, POLL_CHANGED, PollChanged, poll_changed, .poll_id = id.text, .n_candidates = stand,
          .candidates = candidates, .n_not_counted = out, .not_counted = not_counted);
}

void rules_add_poll_timer(struct game *game, struct entries *entries, int64_t left_ms)
{
    const struct poll *poll = game_open_poll(game);
    struct uuid id = poll->id;
    bool stopped = poll->timer.remaining_ms;
    ENTRY(entries, game, POLL_EXTENDED, PollExtended, poll_extended, .poll_id = id.text,
          .closes_ms = stopped ? 0 : entries->now_ms + left_ms, .remaining_ms = stopped ? left_ms : 0);
}

bool rules_extend_poll(struct game *game, struct entries *entries, const char *poll_id, int64_t extend_ms,
                       struct err *err)
{
    const struct poll *poll;
    if (!need_open_poll(game, poll_id, &poll, err) || !rules_need_room(game, err)) return false;
    if (!rules_extension(&poll->timer, entries->now_ms, extend_ms, LONGEST_POLL_MS, err)) return false;
    if (extend_ms) rules_add_poll_timer(game, entries, timer_left(&poll->timer, entries->now_ms) + extend_ms);
    return true;
}

bool rules_close_poll(struct game *game, struct entries *entries, const char *poll_id, struct err *err)
{
    const struct poll *poll;
    if (!need_open_poll(game, poll_id, &poll, err)) return false;
    rules_add_poll_end(game, entries);
    return true;
}
