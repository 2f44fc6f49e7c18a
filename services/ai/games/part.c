#include "services/ai/games/part.h"

#include "services/ai/games/digest.h"

#define STATUS(name) (1U << EVENTS__STATUS__VALUE__##name)

static const uint32_t left = STATUS(KICKED) | STATUS(EXITED);
static const uint32_t silent = STATUS(SILENT_2_PHASES) | STATUS(SILENT_6_PHASES);
static const uint32_t disabled = STATUS(DISABLED_3_PHASES) | STATUS(DISABLED);

static uint32_t phases_of(const Game__FinishedGame *game)
{
    uint32_t closed = 0;
    for (size_t i = 0; i < game->n_phases; i++) closed += game->phases[i]->closed_ms > 0;
    return closed;
}

static uint32_t phases_present(const Game__FinishedGame__Player *player)
{
    uint32_t present = 0;
    for (size_t i = 0; i < player->n_steps; i++) present += !(player->steps[i]->statuses & left);
    return present;
}

// How often one of these came over them.
static uint32_t times_begun(const Game__FinishedGame__Player *player, uint32_t statuses)
{
    uint32_t times = 0, before = 0;
    for (size_t i = 0; i < player->n_steps; i++) {
        const uint32_t then = player->steps[i]->statuses & statuses;
        times += then && !before;
        before = then;
    }
    return times + (player->statuses & statuses && !before);
}

static uint32_t not_negative(int32_t number) { return number > 0 ? (uint32_t)number : 0; }

static void count_acts(const Game__FinishedGame *game, const Game__FinishedGame__Player *player,
                       Standings__Game__Part *part)
{
    uint32_t uses = not_negative(player->acts_beyond), chains = 0;
    for (size_t i = 0; i < player->n_acts; i++) *(player->acts[i]->chain ? &chains : &uses) += 1;
    part->acts_offered = uses + digest_uses_left(player) + not_negative(game->polls);
    part->acts_done = uses + chains + not_negative(player->polls_voted);
}

static Standings__Game__Part *part_of(const Game__FinishedGame *game,
                                      const Game__FinishedGame__Player *player, struct arena *arena)
{
    Standings__Game__Part *part = arena_new(arena, Standings__Game__Part);
    if (!part) return NULL;
    standings__game__part__init(part);
    part->phases = phases_of(game);
    part->phases_present = phases_present(player);
    count_acts(game, player, part);
    part->silenced = times_begun(player, silent);
    part->disabled = times_begun(player, disabled);
    part->kicked = player->statuses & STATUS(KICKED);
    part->score = player->scored ? not_negative(player->score) : 0;
    return part;
}

bool part_count(const Game__FinishedGame *game, Standings__Game *digest, struct arena *arena)
{
    for (size_t i = 0; i < game->n_players; i++)
        if (game->players[i]->attendance != EVENTS__ATTENDANCE__VALUE__ABSENT &&
            !(digest->players[i]->part = part_of(game, game->players[i], arena)))
            return false;
    return true;
}
