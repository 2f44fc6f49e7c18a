// Messages of a channel of Discord, as a window to sum up. What is read is in memory alone, until the window
// is closed. Pure: who is asked is an argument.
#ifndef AI_DISCORD_CHANNEL_H
#define AI_DISCORD_CHANNEL_H

#include "lib/base/buf.h"
#include "services/ai/discord/snowflake.h"
#include "services/ai/summaries/window.h"

enum { CHANNEL_PAGES = 20, CHANNEL_PAGE = 100 };

struct channel_source {
    // Appends 100 messages before that one, newest first, as Discord gives them.
    bool (*page)(void *arg, const char *channel_id, const char *before, struct buf *json, struct err *err);
    void *arg;
};

struct channel_told {
    uint32_t people; // messages that somebody wrote in the time
    bool cut;        // an older page could not be had any more; what is there is from the newest ones
};

// The newest 2000 since then, before that id. Bots, webhooks and what Discord says itself are left out.
// Sets window->older when there are more; people counts what has no text either, so that a bot which may not
// read texts is told from silence. A later page that does not come cuts; as `page` refuses the first.
MUST_CHECK bool channel_read(struct window *window, const struct channel_source *source,
                             const char *channel_id, const char *before, int64_t since_ms,
                             struct channel_told *told, struct err *err);

#endif
