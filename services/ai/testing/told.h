// What is told of a finished game with one player, for tests to fill in.
#ifndef AI_TESTING_TOLD_H
#define AI_TESTING_TOLD_H

#include "tests/test.h"

#include "game.pb-c.h"
#include "lib/base/arena.h"

#define ANN "01890000-0000-7000-8000-0000000000a1"

enum { TOLD_PHASES = 4 };

struct told {
    struct arena arena;
    Game__FinishedGame game;
    Game__RoleFacts role, *roles[1];
    Game__FinishedGame__Player player, *players[1];
    Game__FinishedGame__Phase phases[TOLD_PHASES], *phase_list[TOLD_PHASES];
    Game__FinishedGame__Step steps[TOLD_PHASES], *step_list[TOLD_PHASES];
    Game__FinishedGame__Act acts[2], *act_list[2];
};

// The player was there, without a role, and has a step for each phase.
static inline struct told *told_make(void)
{
    struct told *told = calloc(1, sizeof *told);
    if (!told) _exit(1);
    arena_init(&told->arena, 1 << 20);
    game__finished_game__init(&told->game);
    game__finished_game__player__init(told->players[0] = &told->player);
    game__role_facts__init(told->roles[0] = &told->role);
    for (int i = 0; i < TOLD_PHASES; i++) {
        game__finished_game__phase__init(told->phase_list[i] = &told->phases[i]);
        game__finished_game__step__init(told->step_list[i] = &told->steps[i]);
    }
    for (int i = 0; i < 2; i++) game__finished_game__act__init(told->act_list[i] = &told->acts[i]);
    told->player.user_id = ANN;
    told->player.attendance = EVENTS__ATTENDANCE__VALUE__PRESENT;
    told->player.steps = told->step_list;
    told->player.n_steps = TOLD_PHASES;
    told->game.players = told->players;
    told->game.n_players = 1;
    told->game.phases = told->phase_list;
    told->game.n_phases = TOLD_PHASES;
    return told;
}

static inline int told_free(void **state)
{
    struct told *told = *state;
    arena_finish(&told->arena);
    free(told);
    return 0;
}

#endif
