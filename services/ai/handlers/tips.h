// Tips for the role that somebody was told, from finished games alone.
#ifndef AI_HANDLERS_TIPS_H
#define AI_HANDLERS_TIPS_H

#include "ai.pb-c.h"
#include "events.pb-c.h"
#include "lib/base/ids.h"
#include "lib/rpc/server.h"

// The caller's own seat in an event, as events shows it to them: before the reveal there is no role.
struct tip_seat {
    const char *event_id;
    const Events__MeReply *me;
};

MUST_CHECK bool tips_fill(struct rpc_call *call, const struct tip_seat *seat, Ai__TipsReply *reply,
                          struct err *err);
// Whether a tip of this kind helped. NOT_FOUND when tips_fill gives none of it.
MUST_CHECK bool tips_judge(struct rpc_call *call, const struct tip_seat *seat, uint32_t kind, bool useful,
                           Ai__TipFeedback *reply, struct err *err);
// A tip's id says of which event it is, and of which kind. False for what is none.
bool tips_parse(const char *tip_id, char event_id[UUID_LEN + 1], uint32_t *kind);

#endif
