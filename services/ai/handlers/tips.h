// Tips for the role that somebody was told, from finished games alone.
#ifndef AI_HANDLERS_TIPS_H
#define AI_HANDLERS_TIPS_H

#include "ai.pb-c.h"
#include "events.pb-c.h"
#include "lib/rpc/server.h"

// What the caller's own seat says, as events shows it to them: before the reveal there are none.
MUST_CHECK bool tips_fill(struct rpc_call *call, const Events__MeReply *seat, Ai__TipsReply *reply,
                          struct err *err);

#endif
