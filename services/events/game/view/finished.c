// A finished game for services that learn from games, and reward it.
#include "services/events/game/view/view.h"

static Game__RoleFacts *role_of(const struct role_facts *role, struct arena *arena)
{
    Game__RoleFacts *told = arena_new(arena, Game__RoleFacts);
    if (!told) return NULL;
    game__role_facts__init(told);
    told->role_id = arena_str(arena, role->id.text);
    told->side_id = arena_str(arena, role->side_id.text);
    told->abilities = role->abilities;
    told->copies = role->copies;
    return told;
}

static bool fill_table(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    told->roles = arena_array(arena, game->roles_count + 1, sizeof *told->roles);
    told->sides = arena_array(arena, game->sides_count + 1, sizeof *told->sides);
    told->winning_side_ids = arena_array(arena, game->winners_count + 1, sizeof *told->winning_side_ids);
    told->phases = arena_array(arena, game->phases_count + 1, sizeof *told->phases);
    if (arena->failed) return false;
    while (told->n_roles < game->roles_count) {
        told->roles[told->n_roles] = role_of(&game->roles[told->n_roles], arena);
        told->n_roles++;
    }
    for (; told->n_sides < game->sides_count; told->n_sides++)
        told->sides[told->n_sides] = arena_str(arena, game->sides[told->n_sides].text);
    for (; told->n_winning_side_ids < game->winners_count; told->n_winning_side_ids++)
        told->winning_side_ids[told->n_winning_side_ids] =
            arena_str(arena, game->winners[told->n_winning_side_ids].text);
    return !arena->failed;
}

static bool fill_phases(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    for (; told->n_phases < game->phases_count; told->n_phases++) {
        Game__FinishedGame__Phase *phase = arena_new(arena, Game__FinishedGame__Phase);
        if (!phase) return false;
        game__finished_game__phase__init(phase);
        phase->day = game->phases[told->n_phases].day;
        phase->kind = game->phases[told->n_phases].kind;
        phase->opened_ms = game->phases[told->n_phases].opened_ms;
        phase->closed_ms = game->phases[told->n_phases].closed_ms;
        told->phases[told->n_phases] = phase;
    }
    return true;
}

static bool fill_steps(Game__FinishedGame__Player *player, const struct game *game, int person,
                       struct arena *arena)
{
    player->steps = arena_array(arena, game->phases_count + 1, sizeof *player->steps);
    for (size_t i = 0; player->steps && i < game->phases_count; i++) {
        const struct phase *phase = &game->phases[i];
        for (size_t p = 0; p < phase->players_count; p++) {
            const struct player_then *then = &phase->players[p];
            if (then->person != person) continue;
            Game__FinishedGame__Step *step = arena_new(arena, Game__FinishedGame__Step);
            if (!step) return false;
            game__finished_game__step__init(step);
            step->phase = (int32_t)i + 1;
            step->role = then->told_role;
            step->side = then->told_side;
            step->statuses = then->statuses.on;
            player->steps[player->n_steps++] = step;
        }
    }
    return player->steps;
}

static void count_polls(Game__FinishedGame__Player *player, const struct game *game, int person)
{
    for (size_t i = 0; i < game->polls_count; i++)
        for (size_t seat = 0; seat < GAME_MAX_SEATS; seat++) {
            const struct poll *poll = &game->polls[i];
            if (poll->choices[seat] == BALLOT_ABSENT || poll->voters[seat] != person) continue;
            player->polls_voted++;
            break;
        }
}

static Game__FinishedGame__Player *player_of(const struct game *game, int person, struct arena *arena)
{
    const struct person *of = &game->people[person];
    Game__FinishedGame__Player *player = arena_new(arena, Game__FinishedGame__Player);
    if (!player) return NULL;
    game__finished_game__player__init(player);
    player->user_id = arena_str(arena, person_owner(of));
    if (of->account.text[0]) player->seat_id = arena_str(arena, of->user_id.text);
    player->seat = of->seat;
    player->dealt_role = of->card;
    player->role = of->role;
    player->side = of->side;
    player->statuses = of->statuses.on;
    player->abilities_left = of->abilities_left;
    player->score = of->score;
    player->scored = of->scored;
    player->guest = of->guest;
    player->attendance = of->attendance;
    count_polls(player, game, person);
    return fill_steps(player, game, person, arena) ? player : NULL;
}

static bool fill_players(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    told->players = arena_array(arena, count + 1, sizeof *told->players);
    for (size_t i = 0; told->players && i < count; i++) {
        told->players[i] = player_of(game, roster[i], arena);
        if (!told->players[i]) return false;
        told->n_players++;
    }
    return told->players;
}

// ---- That they were dealt what they were

static Game__FinishedGame__Proof *proof_of(const struct game *game, int person, struct arena *arena)
{
    const Events__Proof *shown = view_proof(game, person, game->secret.bytes, arena);
    Game__FinishedGame__Proof *proof = arena_new(arena, Game__FinishedGame__Proof);
    if (!shown || !proof) return NULL;
    game__finished_game__proof__init(proof);
    proof->index = (uint32_t)shown->index;
    proof->salt = shown->salt;
    proof->siblings = shown->siblings;
    proof->n_siblings = shown->n_siblings;
    return proof;
}

// The deal opens when the game ends.
static bool fill_proofs(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    if (!game->dealt || !game->opened) return true;
    told->deal_root = (ProtobufCBinaryData){DEAL_HASH, arena_copy(arena, game->root, DEAL_HASH)};
    for (size_t i = 0; i < count && i < told->n_players; i++)
        told->players[i]->proof = proof_of(game, roster[i], arena);
    return !arena->failed;
}

Game__FinishedGame *view_finished(const struct game *game, struct arena *arena)
{
    Game__FinishedGame *told = arena_new(arena, Game__FinishedGame);
    if (!told) return NULL;
    game__finished_game__init(told);
    told->event_id = arena_str(arena, game->id.text);
    told->group_id = arena_str(arena, game->group_id.text);
    told->god_id = arena_str(arena, game->god_id.text);
    told->deck_id = arena_str(arena, game->deck_id.text);
    told->deck_version = game->deck_version;
    told->rules_version = game->rules_version;
    told->polls = (int32_t)game->polls_count;
    told->started_ms = game->phases_count ? game->phases[0].opened_ms : 0;
    told->min_players = game->terms.min_players;
    bool ok = fill_table(told, game, arena) && fill_phases(told, game, arena) &&
              fill_players(told, game, arena) && fill_proofs(told, game, arena);
    return ok && !arena->failed ? told : NULL;
}
