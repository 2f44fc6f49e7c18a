// Discord's HTTP API, as far as answers need it. It blocks, until an answer came that another try would not
// change, or the time is over, or it is stopped. Thread-safe.
#ifndef AI_DISCORD_API_H
#define AI_DISCORD_API_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "services/ai/discord/discord.h"

struct api;

enum api_route { API_MESSAGES, API_ORIGINAL, API_EDIT, API_FOLLOW_UP };

struct api_request {
    enum api_route route;
    const char *channel_id, *before;    // of API_MESSAGES: a page of 100 before that id, by the bot
    const char *application_id, *token; // of the others: of the interaction
    const char *body;                   // JSON, or NULL
    int64_t until_ms;                   // monotonic
};

struct api_reply {
    long status; // 2xx, or a refusal
    struct buf body;
};

// refused: a gauge that becomes 1 with the refusal of the bot's token; or NULL.
MUST_CHECK bool api_create(struct api **api, const struct discord_settings *settings, struct metric *refused,
                           struct err *err);
bool api_is_refused(struct api *api); // the bot's token was
void api_destroy(struct api *api);    // NULL is fine
void api_stop(struct api *api);       // ends waits, for good

// False without an answer: DEADLINE_PASSED, SERVICE_AWAY, REPLY_TOO_LARGE. After the bot's token was refused
// once, what is asked by it is 401 at once. Reads are tried again whatever happened; what
// changes something only when it surely did not arrive, since nobody may get an answer twice: then *unknown
// is set, and it may have been carried out. Finish the reply after success.
MUST_CHECK bool api_do(struct api *api, const struct api_request *request, struct api_reply *reply,
                       bool *unknown, struct err *err);
// False when that is not before until_ms (monotonic), or it is stopped.
MUST_CHECK bool api_pause(struct api *api, int64_t ms, int64_t until_ms, struct err *err);
void api_reply_finish(struct api_reply *reply);

#endif
