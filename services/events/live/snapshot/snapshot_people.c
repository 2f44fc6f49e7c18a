#include "services/events/live/snapshot/snapshot_people.h"

#include <stdlib.h>
#include <string.h>

#include "services/events/game/fold/fold.h"
#include "services/events/live/snapshot/snapshot_parts.h"

static void save_statuses(Game__Snapshot__Statuses **saved, const struct statuses *statuses,
                          struct arena *arena)
{
    if (!statuses->on && !statuses->told) return;
    Game__Snapshot__Statuses message = GAME__SNAPSHOT__STATUSES__INIT;
    message.on = statuses->on;
    message.told = statuses->told;
    message.until = arena_array(arena, GAME_STATUSES, sizeof *message.until);
    for (size_t i = 0; message.until && i < GAME_STATUSES; i++) message.until[i] = statuses->until[i];
    message.n_until = message.until ? GAME_STATUSES : 0;
    *saved = arena_copy(arena, &message, sizeof message);
}

static bool restore_statuses(struct statuses *statuses, const Game__Snapshot__Statuses *saved)
{
    if (!saved) return true;
    if (saved->n_until != GAME_STATUSES || saved->on >> GAME_STATUSES || saved->told >> GAME_STATUSES)
        return false;
    statuses->on = (uint16_t)saved->on;
    statuses->told = (uint16_t)saved->told;
    for (int i = 0; i < GAME_STATUSES; i++) {
        if (saved->until[i] < 0 || saved->until[i] > INT16_MAX) return false;
        statuses->until[i] = (int16_t)saved->until[i];
    }
    return true;
}

void snapshot_save_person(Game__Snapshot__Person *saved, const struct game *game, const struct person *person,
                          struct arena *arena)
{
    saved->bound = person->account.text[0] &&
                   game_person(game, person->account.text) == (int)(person - game->people) && person->seat;
    saved->user_id = person->user_id.text;
    saved->username = person->username;
    saved->nonce = snapshot_bytes(person->nonce, person->nonce_len);
    saved->seat = person->seat;
    saved->card_role = person->card;
    saved->role = person->role;
    saved->told_role = person->told_role;
    saved->side = person->side;
    saved->told_side = person->told_side;
    saved->abilities_left = person->abilities_left;
    saved->told_left = person->told_left;
    saved->chained_since = person->chained_since;
    saved->waiting_since_ms = person->waiting_since_ms;
    saved->score = person->score;
    saved->scored = person->scored;
    saved->guest = person->guest;
    saved->fouls = person->fouls;
    saved->opened_role = person->opened_role;
    saved->opened_side = person->opened_side;
    saved->ready = person->ready;
    saved->attendance = person->attendance;
    saved->card_shown = person->card_shown;
    saved->left = person->left;
    saved->account = person->account.text;
    saved->arrivals = person->arrivals;
    saved->ballots = (int32_t)person->ballots;
    saved->hold = person->hold;
    saved->promotions = person->promotions;
    saved->attempts = person->attempts;
    save_statuses(&saved->statuses, &person->statuses, arena);
}

static bool in_roles(const struct game *game, int32_t place)
{
    return snapshot_within(place, game->roles_count + 1);
}

static bool in_sides(const struct game *game, int32_t place)
{
    return snapshot_within(place, game->sides_count + 1);
}

static bool person_fits(const struct game *game, const Game__Snapshot__Person *saved)
{
    bool seat_free =
        saved->seat >= 0 && saved->seat <= GAME_MAX_SEATS && (!saved->seat || !game->seats[saved->seat - 1]);
    return seat_free && game->people_count < GAME_MAX_PEOPLE && uuid_check(saved->user_id) &&
           !idmap_find(&game->people_by_id, saved->user_id) &&
           (!saved->nonce.len || saved->nonce.len == DEAL_NONCE) && in_roles(game, saved->card_role) &&
           in_roles(game, saved->role) && in_roles(game, saved->told_role) && in_sides(game, saved->side) &&
           in_sides(game, saved->told_side) && snapshot_within(saved->abilities_left, GAME_UNLIMITED + 1) &&
           snapshot_within(saved->told_left, GAME_UNLIMITED + 1) &&
           snapshot_within(saved->chained_since, GAME_MAX_CHAINED + 1) && saved->score >= 0 &&
           saved->score <= UINT8_MAX && snapshot_within(saved->fouls, GAME_MAX_FOULS + 1) &&
           in_roles(game, saved->opened_role) && in_sides(game, saved->opened_side) &&
           snapshot_within(saved->attendance, EVENTS__ATTENDANCE__VALUE__ABSENT + 1) &&
           snapshot_within(saved->hold, saved->seat ? GAME_MAX_HOLDS + 1 : 1) &&
           snapshot_within(saved->promotions, UINT8_MAX + 1) &&
           snapshot_within(saved->attempts, UINT16_MAX + 1);
}

static bool restore_account(struct game *game, struct person *person, const Game__Snapshot__Person *saved)
{
    if (!saved->account[0]) return !saved->bound;
    if (saved->guest || !fold_id(&person->account, saved->account)) return false;
    uint32_t *bound = idmap_add(&game->claims, saved->account);
    if (!bound || (saved->bound && (*bound || !saved->seat))) return false;
    if (saved->bound) *bound = (uint32_t)(person - game->people) + 1;
    return true;
}

bool snapshot_restore_person(struct game *game, const Game__Snapshot__Person *saved)
{
    if (!person_fits(game, saved)) return false;
    struct person *person = array_add(&game->people, &game->people_count, sizeof *person);
    uint32_t *place = person ? idmap_add(&game->people_by_id, saved->user_id) : NULL;
    if (!place) return false;
    *place = (uint32_t)game->people_count - 1;
    if (saved->nonce.len) memcpy(person->nonce, saved->nonce.data, saved->nonce.len);
    person->nonce_len = (uint8_t)saved->nonce.len;
    person->seat = (int16_t)saved->seat;
    person->card = (uint16_t)saved->card_role;
    person->role = (uint16_t)saved->role;
    person->told_role = (uint16_t)saved->told_role;
    person->side = (uint8_t)saved->side;
    person->told_side = (uint8_t)saved->told_side;
    person->abilities_left = (int16_t)saved->abilities_left;
    person->told_left = (int16_t)saved->told_left;
    person->chained_since = (uint16_t)saved->chained_since;
    person->waiting_since_ms = saved->waiting_since_ms;
    person->score = (int16_t)saved->score;
    person->scored = saved->scored;
    person->guest = saved->guest;
    person->fouls = (uint8_t)saved->fouls;
    person->opened_role = (uint16_t)saved->opened_role;
    person->opened_side = (uint8_t)saved->opened_side;
    person->ready = saved->ready;
    person->attendance = (uint8_t)saved->attendance;
    person->card_shown = saved->card_shown;
    person->left = saved->left;
    if (!restore_account(game, person, saved)) return false;
    person->arrivals = (uint16_t)saved->arrivals;
    person->ballots = (uint32_t)saved->ballots;
    person->hold = (uint16_t)saved->hold;
    person->promotions = (uint8_t)saved->promotions;
    person->attempts = (uint16_t)saved->attempts;
    if (person->seat) game->seats[person->seat - 1] = (uint16_t)game->people_count, game->seats_taken++;
    return fold_id(&person->user_id, saved->user_id) &&
           fold_short(person->username, sizeof person->username, saved->username) &&
           restore_statuses(&person->statuses, saved->statuses);
}

void snapshot_save_phase(Game__Snapshot__Phase *saved, const struct phase *phase, struct arena *arena)
{
    saved->day = phase->day;
    saved->kind = phase->kind;
    saved->state = phase->state;
    saved->opened_ms = phase->opened_ms;
    saved->closed_ms = phase->closed_ms;
    saved->closes_ms = phase->timer.closes_ms;
    saved->remaining_ms = phase->timer.remaining_ms;
    saved->given_ms = phase->timer.given_ms;
    saved->hash = snapshot_bytes(phase->hash, HASH_CHAIN_HASH);
    saved->players = snapshot_messages(arena, &game__snapshot__player_then__descriptor, phase->players_count,
                                       &saved->n_players);
    for (size_t i = 0; i < saved->n_players; i++) {
        const struct player_then *then = &phase->players[i];
        saved->players[i]->person = then->person;
        saved->players[i]->role = then->role;
        saved->players[i]->told_role = then->told_role;
        saved->players[i]->side = then->side;
        saved->players[i]->told_side = then->told_side;
        saved->players[i]->fouls = then->fouls;
        saved->players[i]->opened_role = then->opened_role;
        saved->players[i]->opened_side = then->opened_side;
        save_statuses(&saved->players[i]->statuses, &then->statuses, arena);
    }
}

static bool restore_then(const struct game *game, struct player_then *then,
                         const Game__Snapshot__PlayerThen *saved)
{
    if (!snapshot_within(saved->person, game->people_count) || !in_roles(game, saved->role) ||
        !in_roles(game, saved->told_role) || !in_sides(game, saved->side) ||
        !in_sides(game, saved->told_side) || !snapshot_within(saved->fouls, GAME_MAX_FOULS + 1) ||
        !in_roles(game, saved->opened_role) || !in_sides(game, saved->opened_side))
        return false;
    then->person = (uint16_t)saved->person;
    then->role = (uint16_t)saved->role;
    then->told_role = (uint16_t)saved->told_role;
    then->side = (uint8_t)saved->side;
    then->told_side = (uint8_t)saved->told_side;
    then->fouls = (uint8_t)saved->fouls;
    then->opened_role = (uint16_t)saved->opened_role;
    then->opened_side = (uint8_t)saved->opened_side;
    return restore_statuses(&then->statuses, saved->statuses);
}

// Only the last one may be open.
bool snapshot_restore_phase(struct game *game, const Game__Snapshot__Phase *saved)
{
    bool known = protobuf_c_enum_descriptor_get_value(&events__phase__state__descriptor, saved->state);
    bool is_closed = saved->state == EVENTS__PHASE__STATE__CLOSED;
    if (!known || !saved->state || game_open_phase(game) || game->phases_count == GAME_MAX_PHASES)
        return false;
    if (!is_closed && saved->n_players) return false; // they are kept when it closes
    struct phase *phase = array_add(&game->phases, &game->phases_count, sizeof *phase);
    if (!phase || saved->hash.len != HASH_CHAIN_HASH || saved->n_players > GAME_MAX_SEATS) return false;
    phase->day = saved->day;
    phase->kind = saved->kind;
    phase->state = saved->state;
    phase->opened_ms = saved->opened_ms;
    phase->closed_ms = saved->closed_ms;
    phase->timer = (struct timer){saved->closes_ms, saved->remaining_ms, saved->given_ms};
    memcpy(phase->hash, saved->hash.data, HASH_CHAIN_HASH);
    phase->players = saved->n_players ? calloc(saved->n_players, sizeof *phase->players) : NULL;
    phase->players_count = phase->players ? saved->n_players : 0;
    for (size_t i = 0; i < phase->players_count; i++)
        if (!restore_then(game, &phase->players[i], saved->players[i])) return false;
    return phase->players_count == saved->n_players;
}
