// Applies entries to the state: phases, players and polls.
#include <stdlib.h>
#include <string.h>

#include "services/events/game/fold/fold.h"

static bool fold_phase_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__PhaseOpened *opened = entry->phase_opened;
    *audience = AUDIENCE(PUBLIC);
    if (game_open_phase(game) || !game_playing(game) || game->phases_count == GAME_MAX_PHASES) return false;
    if (opened->number != (int32_t)game->phases_count + 1) return false;
    struct phase *phase = array_add(&game->phases, &game->phases_count, sizeof *phase);
    if (!phase) return false;
    phase->day = opened->day;
    phase->kind = opened->kind;
    phase->state = EVENTS__PHASE__STATE__OPEN;
    phase->opened_ms = entry->time_ms;
    timer_run(&phase->timer, opened->closes_ms, entry->time_ms);
    game->state = EVENTS__EVENT__STATE__RUNNING;
    return true;
}

static bool fold_phase_paused(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase || phase->state != EVENTS__PHASE__STATE__OPEN) return false;
    phase->state = EVENTS__PHASE__STATE__PAUSED;
    timer_stop(&phase->timer, entry->phase_paused->remaining_ms);
    struct poll *poll = game_open_poll(game);
    if (poll && entry->phase_paused->poll_remaining_ms)
        timer_stop(&poll->timer, entry->phase_paused->poll_remaining_ms);
    return true;
}

static bool fold_phase_resumed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase || phase->state != EVENTS__PHASE__STATE__PAUSED) return false;
    phase->state = EVENTS__PHASE__STATE__OPEN;
    timer_run(&phase->timer, entry->phase_resumed->closes_ms, entry->time_ms);
    struct poll *poll = game_open_poll(game);
    if (poll && entry->phase_resumed->poll_closes_ms)
        timer_run(&poll->timer, entry->phase_resumed->poll_closes_ms, entry->time_ms);
    return true;
}

static void set_timer(struct timer *timer, int64_t closes_ms, int64_t remaining_ms, int64_t now_ms)
{
    if (closes_ms)
        timer_run(timer, closes_ms, now_ms);
    else
        timer_stop(timer, remaining_ms);
}

static bool fold_phase_extended(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase) return false;
    set_timer(&phase->timer, entry->phase_extended->closes_ms, entry->phase_extended->remaining_ms,
              entry->time_ms);
    return true;
}

static bool keep_players(struct game *game, struct phase *phase)
{
    uint16_t people[GAME_MAX_SEATS];
    size_t count = game_roster(game, people);
    phase->players = calloc(count ? count : 1, sizeof *phase->players);
    if (!phase->players) return false;
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &game->people[people[i]];
        phase->players[i] = (struct player_then){people[i],    person->role,      person->told_role,
                                                 person->side, person->told_side, person->statuses};
    }
    phase->players_count = count;
    return true;
}

static bool fold_phase_closed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase || entry->phase_closed->number != (int32_t)game->phases_count) return false;
    phase->state = EVENTS__PHASE__STATE__CLOSED;
    timer_stop(&phase->timer, 0);
    memcpy(phase->hash, game->chain.head, HASH_CHAIN_HASH);
    return keep_players(game, phase);
}

#define BIT(status) (1U << EVENTS__STATUS__VALUE__##status)
enum {
    PUBLIC_STATUSES =
        BIT(KICKED) | BIT(DEAD) | BIT(EXITED) | BIT(DEVOTED) | BIT(SILENT_2_PHASES) | BIT(SILENT_6_PHASES),
    OWN_STATUSES = BIT(DISABLED_3_PHASES) | BIT(DISABLED) | BIT(CHAINED),
};

static struct audience audience_of_statuses(uint32_t on, uint32_t told, int person)
{
    if (on & PUBLIC_STATUSES) return AUDIENCE(PUBLIC);
    return (on & OWN_STATUSES) || told ? AUDIENCE_OF(PERSON, person) : AUDIENCE(GOD);
}

static bool known_status(int status) { return status > 0 && status < GAME_STATUSES; }

// DEFAULT ends everything; all viewers that saw something of it see it.
static bool fold_status_set(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__StatusSet *set = entry->status_set;
    int player = game_player(game, set->user_id);
    if (player == GAME_NO_ONE || !known_status(set->status) || set->until_phase < 0 ||
        set->until_phase > INT16_MAX)
        return false;
    struct statuses *statuses = &game->people[player].statuses;
    if (set->status == EVENTS__STATUS__VALUE__DEFAULT) {
        *audience = audience_of_statuses(statuses->on, statuses->told, player);
        *statuses = (struct statuses){0};
        return true;
    }
    statuses->on |= (uint16_t)(1U << set->status);
    if (set->until_phase > statuses->until[set->status])
        statuses->until[set->status] = (int16_t)set->until_phase;
    *audience = audience_of_statuses(1U << set->status, 0, player);
    return true;
}

static bool fold_status_ended(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->status_ended->user_id);
    Events__Status__Value status = entry->status_ended->status;
    if (player == GAME_NO_ONE || !known_status(status) || !person_has(&game->people[player], status))
        return false;
    struct statuses *statuses = &game->people[player].statuses;
    *audience = audience_of_statuses(1U << status, statuses->told & 1U << status, player);
    statuses->on &= (uint16_t) ~(1U << status);
    statuses->told &= (uint16_t) ~(1U << status);
    statuses->until[status] = 0;
    return true;
}

static bool fold_role_changed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__RoleChanged *changed = entry->role_changed;
    int player = game_player(game, changed->user_id);
    int side = fold_side(game, changed->side_id);
    if (player == GAME_NO_ONE || !side || !game->dealt) return false;
    struct person *person = &game->people[player];
    if (changed->role) {
        int role = game_find_role(game, changed->role->role_id);
        if (!role && !fold_role(game, changed->role)) return false;
        if (!role) role = (int)game->roles_count;
        person->role = (uint16_t)role;
        person->abilities_left = (int16_t)game->roles[role - 1].abilities;
        person->statuses.on |= BIT(ROLE_CHANGED);
    }
    if (side != person->side) person->statuses.on |= BIT(SIDE_CHANGED);
    person->side = (uint8_t)side;
    *audience = AUDIENCE(GOD);
    return true;
}

static bool fold_change_told(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->change_told->user_id);
    Events__Status__Value status = entry->change_told->status;
    if (player == GAME_NO_ONE) return false;
    struct person *person = &game->people[player];
    person->statuses.on |= (uint16_t)(1U << status & (BIT(ROLE_CHANGED) | BIT(SIDE_CHANGED)));
    person->statuses.told |= (uint16_t)(1U << status & (BIT(ROLE_CHANGED) | BIT(SIDE_CHANGED)));
    if (status == EVENTS__STATUS__VALUE__ROLE_CHANGED) person->told_role = person->role;
    person->told_side = person->side;
    *audience = AUDIENCE_OF(PERSON, player);
    return true;
}

// Uses of a role that the player was not told of would reveal it to them.
static bool fold_ability_used(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->ability_used->user_id);
    int32_t left = entry->ability_used->left;
    if (player == GAME_NO_ONE || left < 0 || left > GAME_UNLIMITED) return false;
    struct person *person = &game->people[player];
    person->abilities_left = (int16_t)left;
    *audience = person->role == person->told_role ? AUDIENCE_OF(PERSON, player) : AUDIENCE(GOD);
    return true;
}

static bool fold_chained(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(GOD);
    return game_player(game, entry->chained->user_id) != GAME_NO_ONE &&
           game_player(game, entry->chained->to_id) != GAME_NO_ONE;
}

// The players that were told that they are of the side; a note must not reveal a change that was not told.
static int side_set(struct game *game, const char *side_id)
{
    uint16_t roster[GAME_MAX_SEATS], members[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster), chosen = 0;
    int side = fold_side(game, side_id);
    for (size_t i = 0; i < count; i++)
        if (game->people[roster[i]].told_side == side) members[chosen++] = roster[i];
    return side ? log_index_set(&game->log, members, chosen) : -1;
}

static bool fold_noted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Noted *noted = entry->noted;
    if (game->notes_count == GAME_MAX_NOTES) return false;
    struct note *note = array_add(&game->notes, &game->notes_count, sizeof *note);
    if (!note || !fold_text(&note->text, noted->text)) return false;
    note->audience = noted->audience;
    note->time_ms = entry->time_ms;
    note->phase = (int32_t)game->phases_count;
    if (noted->audience == EVENTS__NOTE__AUDIENCE__SIDE) {
        int set = side_set(game, noted->side_id);
        note->set = (uint16_t)set;
        *audience = AUDIENCE_OF(SET, set);
        return set >= 0;
    }
    int player = game_player(game, noted->user_id);
    note->person = (uint16_t)player;
    if (noted->audience == EVENTS__NOTE__AUDIENCE__PLAYER) *audience = AUDIENCE_OF(PERSON, player);
    return player != GAME_NO_ONE;
}

static bool fold_last_move_drawn(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->last_move_drawn->user_id);
    if (player == GAME_NO_ONE) return false;
    *audience = AUDIENCE_OF(PERSON, player);
    for (size_t i = 0; i < game->moves_count; i++) {
        struct last_move_facts *move = &game->moves[i];
        if (move->left && strcmp(move->id.text, entry->last_move_drawn->last_move_id) == 0)
            return move->left--, true;
    }
    return false;
}

static bool fold_scored(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->scored->user_id);
    if (player == GAME_NO_ONE || entry->scored->score < 0 || entry->scored->score > 255) return false;
    game->people[player].score = (int16_t)entry->scored->score;
    game->people[player].scored = true;
    *audience = AUDIENCE(GOD);
    return true;
}

static bool fold_poll_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
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

static bool fold_poll_weighted(struct game *game, const Game__Entry *entry, struct audience *audience)
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

static bool fold_ballot_cast(struct game *game, const Game__Entry *entry, struct audience *audience)
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

static bool fold_poll_extended(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__PollExtended *extended = entry->poll_extended;
    struct poll *poll = game_open_poll(game);
    *audience = AUDIENCE(PUBLIC);
    if (!poll || strcmp(poll->id.text, extended->poll_id) != 0) return false;
    set_timer(&poll->timer, extended->closes_ms, extended->remaining_ms, entry->time_ms);
    return true;
}

// Its content follows from the statuses, so the state has it already.
static bool fold_poll_changed(struct game *game, const Game__Entry *entry, struct audience *audience)
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

static bool fold_poll_closed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct poll *poll = game_open_poll(game);
    *audience = AUDIENCE(PUBLIC);
    if (!poll || strcmp(poll->id.text, entry->poll_closed->poll_id) != 0) return false;
    poll->open = false;
    return keep_counts(game, poll, entry->poll_closed) && keep_ballots(game, poll, entry->poll_closed);
}

static bool fold_finished(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    for (size_t i = 0; i < entry->finished->n_winning_side_ids; i++) {
        struct uuid *winner = array_add(&game->winners, &game->winners_count, sizeof *winner);
        if (!winner || !fold_id(winner, entry->finished->winning_side_ids[i])) return false;
    }
    game->state = EVENTS__EVENT__STATE__DONE;
    return true;
}

static bool fold_cancelled(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    fold_revision(game, entry);
    game->state = EVENTS__EVENT__STATE__CANCELLED;
    return true;
}

static bool fold_expired(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)entry;
    *audience = AUDIENCE(PUBLIC);
    game->state = EVENTS__EVENT__STATE__EXPIRED;
    return true;
}

fold_function *const fold_play[FOLD_PLAY_END] = {
    [GAME__ENTRY__BODY_PHASE_OPENED] = fold_phase_opened,
    [GAME__ENTRY__BODY_PHASE_PAUSED] = fold_phase_paused,
    [GAME__ENTRY__BODY_PHASE_RESUMED] = fold_phase_resumed,
    [GAME__ENTRY__BODY_PHASE_EXTENDED] = fold_phase_extended,
    [GAME__ENTRY__BODY_PHASE_CLOSED] = fold_phase_closed,
    [GAME__ENTRY__BODY_STATUS_SET] = fold_status_set,
    [GAME__ENTRY__BODY_STATUS_ENDED] = fold_status_ended,
    [GAME__ENTRY__BODY_ROLE_CHANGED] = fold_role_changed,
    [GAME__ENTRY__BODY_CHANGE_TOLD] = fold_change_told,
    [GAME__ENTRY__BODY_ABILITY_USED] = fold_ability_used,
    [GAME__ENTRY__BODY_CHAINED] = fold_chained,
    [GAME__ENTRY__BODY_NOTED] = fold_noted,
    [GAME__ENTRY__BODY_LAST_MOVE_DRAWN] = fold_last_move_drawn,
    [GAME__ENTRY__BODY_SCORED] = fold_scored,
    [GAME__ENTRY__BODY_POLL_OPENED] = fold_poll_opened,
    [GAME__ENTRY__BODY_POLL_WEIGHTED] = fold_poll_weighted,
    [GAME__ENTRY__BODY_BALLOT_CAST] = fold_ballot_cast,
    [GAME__ENTRY__BODY_POLL_CLOSED] = fold_poll_closed,
    [GAME__ENTRY__BODY_POLL_CHANGED] = fold_poll_changed,
    [GAME__ENTRY__BODY_POLL_EXTENDED] = fold_poll_extended,
    [GAME__ENTRY__BODY_FINISHED] = fold_finished,
    [GAME__ENTRY__BODY_CANCELLED] = fold_cancelled,
    [GAME__ENTRY__BODY_EXPIRED] = fold_expired,
};
