#include "services/ai/handlers/handlers.h"

const struct rpc_method *const ai_methods[] = {ai_rating_methods, ai_calibration_methods, ai_forecast_methods,
                                               ai_event_methods,  ai_summary_methods,     ai_tip_methods,
                                               ai_queue_methods,  ai_suggestion_methods,  ai_discord_methods,
                                               ai_feed_methods,   ai_operator_methods,    NULL};
