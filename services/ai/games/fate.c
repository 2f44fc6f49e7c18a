#include "services/ai/games/fate.h"

#include "lib/base/ids.h"
#include "services/ai/behaviour/behaviour.h"
#include "services/ai/games/digest.h"
#include "services/ai/standings/standings.h"

// ---- How it ended

// The status by which somebody is out; 0: they are in.
static uint8_t out_status(uint32_t statuses)
{
    for (unsigned status = BEHAVIOUR_KICKED; status < BEHAVIOUR_STATUSES; status++)
        if (behaviour_is_out((uint8_t)status) && statuses >> (status + 1) & 1) return (uint8_t)status;
    return BEHAVIOUR_DEFAULT;
}

// The part of the day of a phase, from 1; 0: there is none.
static uint8_t part_of(const Game__FinishedGame *game, int32_t phase)
{
    if (phase < 1 || (size_t)phase > game->n_phases) return 0;
    const Events__Phase__Kind kind = game->phases[phase - 1]->kind;
    return kind >= EVENTS__PHASE__KIND__DAY && kind <= EVENTS__PHASE__KIND__NIGHT ? (uint8_t)kind : 0;
}

// From which step on they were out for good; what no closed phase has, the last one had.
static void note_end(const Game__FinishedGame *game, const Game__FinishedGame__Player *player,
                     Standings__Game__Fate *fate)
{
    int32_t phase = (int32_t)game->n_phases;
    fate->out = out_status(player->statuses);
    if (!fate->out) return;
    for (size_t i = player->n_steps; i-- > 0 && out_status(player->steps[i]->statuses);) {
        phase = player->steps[i]->phase;
        fate->out = out_status(player->steps[i]->statuses);
    }
    fate->out_part = part_of(game, phase);
    if (!fate->out_part) fate->out = 0;
}

// ---- Abilities

static void note_first_use(const Game__FinishedGame *game, const Game__FinishedGame__Player *player,
                           Standings__Game__Fate *fate)
{
    for (size_t i = 0; i < player->n_acts && !fate->use_part; i++) {
        const Game__FinishedGame__Act *act = player->acts[i];
        if (act->chain) continue;
        fate->use_part = part_of(game, act->phase);
        if (fate->use_part) fate->use_day = (uint32_t)game->phases[act->phase - 1]->day;
    }
    if (!fate->use_day) fate->use_part = 0;
}

static Standings__Game__Fate *fate_of(const Game__FinishedGame *game,
                                      const Game__FinishedGame__Player *player, const Game__RoleFacts *role,
                                      struct arena *arena)
{
    Standings__Game__Fate *fate = arena_new(arena, Standings__Game__Fate);
    if (!fate) return NULL;
    standings__game__fate__init(fate);
    fate->role_id = digest_id(role->role_id, arena);
    fate->side_id = digest_id(role->side_id, arena);
    fate->uses_left = digest_uses_left(player);
    note_end(game, player, fate);
    note_first_use(game, player, fate);
    return arena->failed ? NULL : fate;
}

bool fate_note(const Game__FinishedGame *game, Standings__Game *digest, struct arena *arena)
{
    for (size_t i = 0; i < game->n_players; i++) {
        const Game__FinishedGame__Player *player = game->players[i];
        if (player->attendance == EVENTS__ATTENDANCE__VALUE__ABSENT || player->dealt_role < 1 ||
            (size_t)player->dealt_role > game->n_roles)
            continue;
        const Game__RoleFacts *role = game->roles[player->dealt_role - 1];
        if (!uuid_check(role->role_id) || !uuid_check(role->side_id)) continue;
        digest->players[i]->fate = fate_of(game, player, role, arena);
        if (!digest->players[i]->fate) return false;
    }
    return true;
}
