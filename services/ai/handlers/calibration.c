// How often what was foretold came true.
#include "services/ai/handlers/handlers.h"
#include "services/ai/standings/board.h"

static void show_bin(Ai__Calibration__Bin *shown, const struct standings_bin *bin, size_t at)
{
    ai__calibration__bin__init(shown);
    shown->from = (double)at / STANDINGS_BINS;
    shown->to = (double)(at + 1) / STANDINGS_BINS;
    shown->forecasts = bin->count;
    if (!bin->count) return;
    shown->foretold = bin->chances / (double)bin->count;
    shown->won = (double)bin->won / (double)bin->count;
}

static void show_all(const struct standings *standings, Ai__Calibration__Bin *bins, Ai__Calibration *reply)
{
    for (size_t i = 0; i < STANDINGS_BINS; i++) {
        show_bin(&bins[i], &standings->bins[i], i);
        reply->bins[reply->n_bins++] = &bins[i];
        reply->forecasts += standings->bins[i].count;
    }
    if (!reply->forecasts) return;
    reply->brier_of_case = AI__CALIBRATION__BRIER_OF_BRIER;
    reply->brier = standings->brier / (double)reply->forecasts;
}

HANDLER(get_calibration, Ai__CalibrationRequest, Ai__Calibration)
{
    const struct ai *ai = call->service;
    Ai__Calibration__Bin *bins = arena_array(call->arena, STANDINGS_BINS, sizeof *bins);
    reply->bins = arena_array(call->arena, STANDINGS_BINS, sizeof *reply->bins);
    (void)request;
    if (!bins || !reply->bins) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    show_all(board_hold(ai->board), bins, reply);
    board_release(ai->board);
    return true;
}

const struct rpc_method ai_calibration_methods[] = {
    RPC_METHOD("ai.GetCalibration", get_calibration),
    {0},
};
