// What a viewer may see of polls.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"
#include "services/events/game/status.h"
#include "services/events/game/tally.h"

static const char *id_of(const struct game *game, int person, struct arena *arena)
{
    return arena_str(arena, person == BALLOT_NONE ? "NONE" : game->people[person].user_id.text);
}

static bool fill_counts(Events__Poll *shown, const struct game *game, const struct poll_count *counts,
                        size_t count, struct arena *arena)
{
    shown->counts = arena_array(arena, count + 1, sizeof *shown->counts);
    for (size_t i = 0; shown->counts && i < count; i++) {
        shown->counts[i] = arena_new(arena, Events__Poll__Count);
        if (!shown->counts[i]) return false;
        events__poll__count__init(shown->counts[i]);
        shown->counts[i]->candidate_id = id_of(game, counts[i].candidate, arena);
        shown->counts[i]->weight = counts[i].weight;
        shown->n_counts++;
    }
    return shown->counts;
}

static bool fill_ballots(Events__Poll *shown, const struct game *game, const struct poll_ballot *ballots,
                         size_t count, struct arena *arena)
{
    shown->ballots = arena_array(arena, count + 1, sizeof *shown->ballots);
    for (size_t i = 0; shown->ballots && i < count; i++) {
        shown->ballots[i] = arena_new(arena, Events__Poll__Ballot);
        if (!shown->ballots[i]) return false;
        events__poll__ballot__init(shown->ballots[i]);
        shown->ballots[i]->voter_id = id_of(game, ballots[i].voter, arena);
        shown->ballots[i]->candidate_id = id_of(game, ballots[i].candidate, arena);
        shown->n_ballots++;
    }
    return shown->ballots;
}

// The present candidates; of a closed poll, those at its end.
static bool fill_candidates(Events__Poll *shown, const struct game *game, const struct poll *poll,
                            struct arena *arena)
{
    shown->candidates = arena_array(arena, GAME_MAX_SEATS + 1, sizeof *shown->candidates);
    if (!shown->candidates) return false;
    for (size_t i = 0; poll->open && i < poll->candidates_count; i++)
        if (tally_stands(game, poll->candidates[i]))
            shown->candidates[shown->n_candidates++] = id_of(game, poll->candidates[i], arena);
    for (size_t i = 0; i < poll->counts_count; i++)
        if (poll->counts[i].candidate != BALLOT_NONE)
            shown->candidates[shown->n_candidates++] = id_of(game, poll->counts[i].candidate, arena);
    return true;
}

// A closed poll as in its last entry; an open one's running counts, for the god.
static bool fill_result(Events__Poll *shown, const struct game *game, const struct poll *poll,
                        struct arena *arena)
{
    struct tally now;
    if (!poll->open)
        return fill_counts(shown, game, poll->counts, poll->counts_count, arena) &&
               fill_ballots(shown, game, poll->ballots, poll->ballots_count, arena);
    tally_poll(&now, game, poll);
    return fill_counts(shown, game, now.counts, now.counts_count, arena) &&
           fill_ballots(shown, game, now.ballots, poll->secret ? 0 : now.ballots_count, arena);
}

static void fill_own(Events__Poll *shown, const struct game *game, const struct poll *poll, int person,
                     struct arena *arena)
{
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++)
        if (poll->voters[seat] == person && poll->choices[seat] != BALLOT_ABSENT)
            shown->my_candidate_id = id_of(game, poll->choices[seat], arena);
}

// The god knows who is disabled and so can't vote.
static bool is_awaited(const struct game *game, const struct poll *poll, int seat)
{
    return tally_is_eligible(game, poll, seat) && !tally_has_voted(game, poll, seat) &&
           !(game->people[poll->voters[seat]].statuses.on & STATUSES_MUTE);
}

static bool fill_awaited(Events__Poll *shown, const struct game *game, const struct poll *poll,
                         struct arena *arena)
{
    shown->waiting_for = arena_array(arena, GAME_MAX_SEATS + 1, sizeof *shown->waiting_for);
    for (int seat = 0; shown->waiting_for && seat < GAME_MAX_SEATS; seat++)
        if (is_awaited(game, poll, seat))
            shown->waiting_for[shown->n_waiting_for++] = id_of(game, poll->voters[seat], arena);
    return shown->waiting_for;
}

Events__Poll *view_poll(const struct game *game, const struct viewer *viewer, const struct poll *poll,
                        struct arena *arena)
{
    Events__Poll *shown = arena_new(arena, Events__Poll);
    if (!shown) return NULL;
    events__poll__init(shown);
    shown->id = arena_str(arena, poll->id.text);
    shown->phase_number = poll->phase;
    shown->kind = poll->kind;
    shown->state = poll->open ? EVENTS__POLL__STATE__OPEN : EVENTS__POLL__STATE__CLOSED;
    shown->secret = poll->secret;
    if (!fill_candidates(shown, game, poll, arena)) return NULL;
    if (poll->open && poll->timer.closes_ms) shown->closes_at = stamp_new(arena, poll->timer.closes_ms);
    if (poll->open && poll->timer.remaining_ms)
        shown->remaining = duration_new(arena, poll->timer.remaining_ms);
    struct turnout turnout = poll->open ? tally_turnout(game, poll) : poll->turnout;
    shown->voted = turnout.voted;
    shown->eligible = turnout.eligible;
    fill_own(shown, game, poll, viewer->person, arena);
    if (poll->open && !viewer->god) return shown;
    if (poll->open && !poll->secret && !fill_awaited(shown, game, poll, arena)) return NULL;
    return fill_result(shown, game, poll, arena) ? shown : NULL;
}

bool view_polls(const struct game *game, const struct viewer *viewer, struct view_page *page,
                Events__ListPollsReply *reply, struct arena *arena)
{
    int32_t count = (int32_t)game->polls_count, number = page->first;
    size_t bytes = 0;
    reply->polls = arena_array(arena, page->most + 1, sizeof *reply->polls);
    if (!reply->polls) return false;
    for (; number <= count && reply->n_polls < page->most && bytes < page->most_bytes; number++) {
        Events__Poll *poll = view_poll(game, viewer, &game->polls[number - 1], arena);
        if (!poll) return false;
        bytes += events__poll__get_packed_size(poll);
        reply->polls[reply->n_polls++] = poll;
    }
    page->next = number <= count ? number : 0;
    return true;
}
