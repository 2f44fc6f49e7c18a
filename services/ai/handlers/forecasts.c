// How likely each side of a deck is to win, with these people on it.
#include <string.h>

#include "lib/base/ids.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/shown.h"
#include "services/ai/standings/board.h"
#include "services/ai/standings/foretell.h"

static bool is_filled(const void *made, struct err *err)
{
    return made || err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

static bool is_first(const Ai__ForecastDeckRequest *request, size_t side, size_t place)
{
    for (size_t i = 0; i <= side; i++)
        for (size_t k = 0; k < (i < side ? request->sides[i]->n_user_ids : place); k++)
            if (strcmp(request->sides[i]->user_ids[k], request->sides[side]->user_ids[place]) == 0)
                return false;
    return true;
}

static bool check_people(const Ai__ForecastDeckRequest *request, struct err *err)
{
    for (size_t i = 0; i < request->n_sides; i++) {
        for (size_t k = 0; k < request->sides[i]->n_user_ids; k++)
            if (!is_first(request, i, k))
                return err_field(err, INVALID_FIELD, "sides", "somebody is on a side twice, or on two");
        for (size_t k = 0; k < i; k++)
            if (strcmp(request->sides[i]->side_id, request->sides[k]->side_id) == 0)
                return err_field(err, INVALID_FIELD, "sides", "a side is there twice");
    }
    return true;
}

// Whose rating is not shown is taken for a newcomer: chances would tell what it is.
static bool read_side(const struct rpc_call *call, const Ai__ForecastSide *from, struct foretell_side *side)
{
    const char **user_ids = arena_array(call->arena, from->n_user_ids + 1, sizeof *user_ids);
    uuid_bytes(from->side_id, side->side);
    side->others = from->others;
    for (size_t i = 0; user_ids && i < from->n_user_ids; i++)
        if (shows_rating(call->service, call->caller->user_id, from->user_ids[i]))
            user_ids[side->user_count++] = from->user_ids[i];
        else
            side->others++;
    side->user_ids = user_ids;
    return user_ids;
}

static struct foretell_side *read_sides(const struct rpc_call *call, const Ai__ForecastDeckRequest *request)
{
    struct foretell_side *sides = arena_array(call->arena, request->n_sides + 1, sizeof *sides);
    for (size_t i = 0; sides && i < request->n_sides; i++)
        if (!read_side(call, request->sides[i], &sides[i])) return NULL;
    return sides;
}

static bool show_sides(const Ai__ForecastDeckRequest *request, const struct foretold *foretold,
                       Ai__Forecast *reply, struct arena *arena)
{
    Ai__ForecastChance *sides = arena_array(arena, request->n_sides, sizeof *sides);
    reply->sides = arena_array(arena, request->n_sides, sizeof *reply->sides);
    for (size_t i = 0; sides && reply->sides && i < request->n_sides; i++) {
        const struct foretold_side *told = &foretold->sides[i];
        Ai__ForecastChance *side = reply->sides[reply->n_sides++] = &sides[i];
        ai__forecast_chance__init(side);
        side->side_id = request->sides[i]->side_id;
        side->chance = told->chance;
        side->low = told->low;
        side->high = told->high;
        side->games = told->games;
        side->deck_games = told->deck_games;
        side->newcomers = told->newcomers;
    }
    return sides && reply->sides;
}

static bool show_swaps(const struct foretell_game *game, const struct foretold *foretold, Ai__Forecast *reply,
                       struct arena *arena)
{
    Ai__ForecastSwap *swaps = arena_array(arena, FORETELL_SWAPS, sizeof *swaps);
    reply->swaps = arena_array(arena, FORETELL_SWAPS, sizeof *reply->swaps);
    for (size_t i = 0; swaps && reply->swaps && i < foretold->swap_count; i++) {
        const struct foretold_swap *told = &foretold->swaps[i];
        Ai__ForecastSwap *swap = reply->swaps[reply->n_swaps++] = &swaps[i];
        ai__forecast_swap__init(swap);
        swap->out_id = game->sides[told->side].user_ids[told->player];
        swap->in_id = game->sides[told->with_side].user_ids[told->with_player];
        swap->chances_after = arena_copy(arena, told->chances, game->count * sizeof *told->chances);
        swap->n_chances_after = swap->chances_after ? game->count : 0;
    }
    return swaps && reply->swaps && !arena->failed;
}

HANDLER(forecast_deck, Ai__ForecastDeckRequest, Ai__Forecast)
{
    const struct ai *ai = call->service;
    struct foretold foretold;
    uint8_t deck[STANDINGS_ID];
    if (!check_people(request, err)) return false;
    const struct foretell_side *sides = read_sides(call, request);
    if (!sides) return is_filled(NULL, err);
    uuid_bytes(request->deck_id, deck);
    const struct foretell_game game = {deck, sides, request->n_sides, call->now_ms / STANDINGS_DAY_MS};
    bool told = foretell(board_hold(ai->board), &game, &foretold);
    board_release(ai->board);
    if (!told) return err_field(err, INVALID_FIELD, "sides", "say two sides or more, with somebody on each");
    return (show_sides(request, &foretold, reply, call->arena) &&
            show_swaps(&game, &foretold, reply, call->arena)) ||
           is_filled(NULL, err);
}

const struct rpc_method ai_forecast_methods[] = {
    RPC_METHOD("ai.ForecastDeck", forecast_deck),
    {0},
};
