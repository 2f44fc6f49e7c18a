// What a command's answer says, and how it gets there.
#ifndef AI_DISCORD_WORK_H
#define AI_DISCORD_WORK_H

#include <stdatomic.h>

#include "discord.pb-c.h"
#include "lib/rpc/server.h"
#include "services/ai/ai.h"
#include "services/ai/discord/api.h"
#include "services/ai/discord/jobs.h"

struct work {
    struct ai *ai;
    const struct rpc_method *const *methods; // of the service, which some answers ask
    struct api *api;
    struct arena *arena;
    Discord__JobRow *row;
    uint64_t version;
    char token[INTERACTION_TOKEN];
    int64_t until_ms;    // monotonic: the interaction's end
    int64_t up_since_ms; // unix: the process's
    bool begun;          // it was MADE when it was met: some of it may be sent already
};

// Makes the answer and keeps it in the row, so that whoever goes on sends the same.
MUST_CHECK bool work_make(struct work *work, struct err *err);
// Sends what is left of it. What Discord refuses for good is over.
MUST_CHECK bool work_send(struct work *work, struct err *err);

#endif
