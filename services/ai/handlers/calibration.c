// How often what was foretold came true.
#include "services/ai/handlers/handlers.h"
#include "services/ai/standings/board.h"

static bool is_filled(const void *made, struct err *err)
{
    return made || err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

static void show_bin(Ai__Calibration__Bin *shown, const struct outcomes_bin *bin, size_t at)
{
    ai__calibration__bin__init(shown);
    shown->from = (double)at / OUTCOMES_BINS;
    shown->to = (double)(at + 1) / OUTCOMES_BINS;
    shown->forecasts = bin->count;
    if (!bin->count) return;
    shown->foretold = bin->chances / (double)bin->count;
    shown->won = (double)bin->won / (double)bin->count;
}

static Ai__Calibration__Bin **show_bins(const struct outcomes_tally *tally, uint64_t *forecasts,
                                        struct arena *arena)
{
    Ai__Calibration__Bin *bins = arena_array(arena, OUTCOMES_BINS, sizeof *bins);
    Ai__Calibration__Bin **list = arena_array(arena, OUTCOMES_BINS, sizeof *list);
    for (size_t i = 0; bins && list && i < OUTCOMES_BINS; i++) {
        show_bin(list[i] = &bins[i], &tally->bins[i], i);
        *forecasts += tally->bins[i].count;
    }
    return bins ? list : NULL;
}

static bool show_kept(const struct outcomes_tally *tally, Ai__Calibration *reply, struct arena *arena)
{
    reply->bins = show_bins(tally, &reply->forecasts, arena);
    reply->n_bins = OUTCOMES_BINS;
    if (!reply->forecasts) return reply->bins;
    reply->brier_of_case = AI__CALIBRATION__BRIER_OF_BRIER;
    reply->brier = tally->brier / (double)reply->forecasts;
    return reply->bins;
}

static bool show_dealt(const struct outcomes_tally *tally, Ai__Calibration *reply, struct arena *arena)
{
    Ai__Calibration__Dealt *dealt = reply->dealt = arena_new(arena, Ai__Calibration__Dealt);
    if (!dealt) return false;
    ai__calibration__dealt__init(dealt);
    dealt->bins = show_bins(tally, &dealt->forecasts, arena);
    dealt->n_bins = OUTCOMES_BINS;
    if (!dealt->forecasts) return dealt->bins;
    dealt->brier_of_case = AI__CALIBRATION__DEALT__BRIER_OF_BRIER;
    dealt->brier = tally->brier / (double)dealt->forecasts;
    return dealt->bins;
}

HANDLER(get_calibration, Ai__CalibrationRequest, Ai__Calibration)
{
    const struct ai *ai = call->service;
    (void)request;
    const struct outcomes *outcomes = &board_hold(ai->board)->outcomes;
    bool ok =
        show_kept(&outcomes->kept, reply, call->arena) && show_dealt(&outcomes->dealt, reply, call->arena);
    board_release(ai->board);
    return is_filled(ok ? reply : NULL, err);
}

const struct rpc_method ai_calibration_methods[] = {
    RPC_METHOD("ai.GetCalibration", get_calibration),
    {0},
};
