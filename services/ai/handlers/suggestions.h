// Open events that suit somebody.
#ifndef AI_HANDLERS_SUGGESTIONS_H
#define AI_HANDLERS_SUGGESTIONS_H

#include "ai.pb-c.h"
#include "lib/rpc/server.h"
#include "services/ai/pool/outside.h"

MUST_CHECK bool suggestions_fill(struct rpc_call *call, const struct outside *outside,
                                 Ai__ListSuggestionsReply *reply, struct err *err);

#endif
