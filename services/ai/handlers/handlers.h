// The methods of ai.Ai: ai_methods has all of them, the other tables have them by subject.
#ifndef AI_HANDLERS_HANDLERS_H
#define AI_HANDLERS_HANDLERS_H

#include "ai.pb-c.h"
#include "lib/rpc/server.h"
#include "services/ai/ai.h"

extern const struct rpc_method *const ai_methods[];

extern const struct rpc_method ai_rating_methods[], ai_calibration_methods[], ai_forecast_methods[],
    ai_event_methods[], ai_summary_methods[], ai_tip_methods[], ai_queue_methods[], ai_suggestion_methods[],
    ai_discord_methods[], ai_feed_methods[], ai_operator_methods[];

#endif
