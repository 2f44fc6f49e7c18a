// The event: its terms, its god, its image, its votes and its end; and the room that is left for entries.
#include "services/events/game/rules/rules.h"

#include <string.h>

static const int64_t DAY_MS = 24 * 3600 * INT64_C(1000);
static const int64_t FARTHEST_MS = 5 * 366 * 24 * 3600 * INT64_C(1000);

const char *rules_state_name(Events__Event__State state)
{
    static const char *const names[] = {"new",     "open", "locked",    "revealed",
                                        "running", "done", "cancelled", "expired"};
    return (unsigned)state < sizeof names / sizeof *names ? names[state] : "unknown";
}

bool rules_need_not_over(const struct game *game, struct err *err)
{
    return !game_over(game) || err_fail(err, EVENT_OVER, "the event is %s", rules_state_name(game->state));
}

bool rules_need_open(const struct game *game, struct err *err)
{
    if (!rules_need_not_over(game, err)) return false;
    return game->state == EVENTS__EVENT__STATE__OPEN ||
           err_fail(err, EVENT_NOT_OPEN, "the event is %s", rules_state_name(game->state));
}

bool rules_need_room(const struct game *game, struct err *err)
{
    return game->chain.seq + ENTRIES_MAX <= GAME_MAX_ENTRIES ||
           err_fail(err, LIMIT_REACHED, "the event's log is full");
}

bool rules_need_common_room(const struct game *game, struct err *err)
{
    return game->chain.seq + ENTRIES_MAX <= GAME_MAX_ENTRIES - GAME_RESERVE ||
           err_fail(err, LIMIT_REACHED, "the event's log takes entries of its god alone");
}

static bool check_start(const Game__Terms *terms, int64_t now_ms, struct err *err)
{
    return (terms->starts_ms >= now_ms - DAY_MS && terms->starts_ms <= now_ms + FARTHEST_MS) ||
           err_field(err, TIME_INVALID, "starts_at",
                     "the start must lie between a day ago and five years from now");
}

static bool check_expiry(const Game__Terms *terms, int64_t now_ms, struct err *err)
{
    if (terms->expires_ms <= terms->starts_ms || terms->expires_ms <= now_ms)
        return err_field(err, TIME_INVALID, "expires_at",
                         "an event expires after its start and not in the past");
    return terms->expires_ms <= terms->starts_ms + FARTHEST_MS ||
           err_field(err, TIME_INVALID, "expires_at", "an event expires within five years of its start");
}

static bool check_players(const Game__Terms *terms, struct err *err)
{
    return terms->min_players <= terms->max_players ||
           err_field(err, INVALID_FIELD, "min_players", "min_players is more than max_players");
}

bool rules_terms(const Game__Terms *terms, int64_t now_ms, struct err *err)
{
    return check_start(terms, now_ms, err) && check_expiry(terms, now_ms, err) && check_players(terms, err) &&
           rules_price(terms, err);
}

// Unchanged times need not be possible for a new event.
static bool check_edit(const struct terms *before, const Game__Terms *terms, int64_t now_ms, struct err *err)
{
    bool moved = terms->starts_ms != before->starts_ms;
    if (moved && !check_start(terms, now_ms, err)) return false;
    if ((moved || terms->expires_ms != before->expires_ms) && !check_expiry(terms, now_ms, err)) return false;
    return check_players(terms, err) && rules_price(terms, err);
}

bool rules_open(struct game *game, struct entries *entries, const Game__Opened *opened, struct err *err)
{
    if (!rules_terms(opened->terms, entries->now_ms, err)) return false;
    entries_add(entries, game, GAME__ENTRY__BODY_OPENED, opened);
    return true;
}

static int highest_seat(const struct game *game)
{
    for (int i = GAME_MAX_SEATS; i > 0; i--)
        if (game->seats[i - 1]) return i;
    return 0;
}

static bool same_text(const char *a, const char *b) { return strcmp(a, b) == 0; }

static Events__History__Value rules_history(const Game__Terms *terms)
{
    return terms->history ? terms->history : EVENTS__HISTORY__VALUE__ALL;
}

static bool talk_changes(const struct terms *before, const Game__Terms *terms)
{
    return before->chat == (bool)terms->without_chat || before->table_at_night != terms->table_at_night ||
           before->side_by_day != terms->side_by_day || before->history != rules_history(terms);
}

static bool terms_change(const struct terms *before, const Game__Terms *terms)
{
    return !same_text(before->title, terms->title) || !same_text(before->content, terms->content) ||
           !same_text(before->local, terms->local) || !same_text(before->zone, terms->zone) ||
           before->starts_ms != terms->starts_ms || before->expires_ms != terms->expires_ms ||
           before->min_players != terms->min_players || before->max_players != terms->max_players ||
           before->waitlist != terms->waitlist || before->secret_ballot != terms->secret_ballot ||
           before->beacon != terms->beacon || before->spectator_delay_ms != terms->spectator_delay_ms ||
           before->reveal_on_death != terms->reveal_on_death || talk_changes(before, terms) ||
           rules_price_changes(before, terms);
}

bool rules_edit(struct game *game, struct entries *entries, const Game__Terms *terms, struct err *err)
{
    if (!rules_need_open(game, err) || !rules_need_room(game, err)) return false;
    if (!check_edit(&game->terms, terms, entries->now_ms, err)) return false;
    if (terms->max_players < highest_seat(game))
        return err_field(err, IN_USE, "max_players", "seat %d is taken", highest_seat(game));
    if (!rules_start_edit(game, terms, err) || !rules_price_edit(game, terms, err)) return false;
    if (!terms_change(&game->terms, terms)) return true;
    ENTRY(entries, game, EDITED, Edited, edited, .terms = (Game__Terms *)terms);
    rules_promote_waiting(game, entries);
    return true;
}

bool rules_image(struct game *game, struct entries *entries, const uint8_t sha256[32], const char *type,
                 struct err *err)
{
    if (!rules_need_not_over(game, err)) return false;
    if (!rules_need_room(game, err)) return false;
    if (memcmp(game->image, sha256, sizeof game->image) == 0 && strcmp(game->image_type, type) == 0)
        return true;
    ENTRY(entries, game, IMAGE_SET, ImageSet, image_set, .sha256 = {32, (uint8_t *)sha256},
          .content_type = type);
    return true;
}

bool rules_hand_over(struct game *game, struct entries *entries, const char *god_id, struct err *err)
{
    if (!rules_need_not_over(game, err)) return false;
    if (strcmp(game->god_id.text, god_id) == 0) return true;
    int person = game_person(game, god_id);
    if (game_takes_part(game, person))
        return err_fail(err, GOD_MAY_NOT_PLAY, "the new god has a seat in this event");
    if (!rules_need_room(game, err)) return false;
    ENTRY(entries, game, HANDED_OVER, HandedOver, handed_over, .god_id = god_id);
    return true;
}

// The sides as they are, told or not; also those of players that left the game.
static bool is_played(const struct game *game, const char *side_id)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    for (size_t i = 0; i < count; i++)
        if (strcmp(game_side_id(game, game->people[roster[i]].side), side_id) == 0) return true;
    return false;
}

bool rules_finish(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                  const char **winning_side_ids, size_t count, struct err *err)
{
    if (!rules_need_not_over(game, err)) return false;
    if (game->state != EVENTS__EVENT__STATE__RUNNING)
        return err_fail(err, EVENT_NOT_RUNNING, "the event is %s", rules_state_name(game->state));
    for (size_t i = 0; i < count; i++)
        if (!is_played(game, winning_side_ids[i]))
            return err_field(err, INVALID_FIELD, "winning_side_ids", "nobody plays for this side");
    rules_add_phase_end(game, entries);
    ENTRY(entries, game, FINISHED, Finished, finished, .n_winning_side_ids = count,
          .winning_side_ids = winning_side_ids);
    rules_add_deal_opening(game, entries, secrets);
    return true;
}

bool rules_cancel(struct game *game, struct entries *entries, const struct deal_secrets *secrets,
                  struct err *err)
{
    if (!rules_need_not_over(game, err)) return false;
    rules_add_phase_end(game, entries);
    ENTRY(entries, game, CANCELLED, Cancelled, cancelled);
    rules_add_deal_opening(game, entries, secrets);
    return true;
}

bool rules_vote(struct game *game, struct entries *entries, Events__Vote__Value vote, struct err *err)
{
    const uint32_t *now = idmap_find(&game->votes, entries->actor);
    if (!rules_need_not_over(game, err)) return false;
    if (game_vote(game, entries->actor) == vote) return true;
    if (now && vote_changes(*now) >= GAME_MAX_VOTES_EACH)
        return err_fail(err, TOO_MANY_CHANGES, "you changed your vote %d times", GAME_MAX_VOTES_EACH);
    if (!now && game->votes.count == GAME_MAX_VOTERS)
        return err_fail(err, LIMIT_REACHED, "the event has all the votes it takes");
    if (!rules_need_common_room(game, err)) return false;
    ENTRY(entries, game, VOTED, Voted, voted, .vote = vote);
    return true;
}

// Whoever has a seat has had its money back, or never paid for it.
static bool is_refunded(const struct game *game)
{
    bool called_off =
        game->state == EVENTS__EVENT__STATE__CANCELLED || game->state == EVENTS__EVENT__STATE__EXPIRED;
    for (int seat = 0; called_off && seat < GAME_MAX_SEATS; seat++)
        called_off = !game->seats[seat] || game_hold_of(game, game->seats[seat] - 1);
    return called_off;
}

bool rules_deletable(const struct game *game, struct err *err)
{
    return rules_payments_final(game, err) &&
           (game->seats_taken == 0 || is_refunded(game) ||
            err_fail(err, EVENT_HAS_SEATS, "%d seats are confirmed", game->seats_taken));
}
