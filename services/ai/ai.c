// Opening and closing what the ai service owns, in the service and in tools that work on its files.
#include "services/ai/ai.h"

#include "lib/base/clock.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "services/ai/discord/links.h"
#include "services/ai/games/learn.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/llm/budget.h"
#include "services/ai/pool/kept.h"
#include "services/ai/pool/pool.h"
#include "services/ai/pool/rows.h"
#include "services/ai/pool/waits.h"
#include "services/ai/rows/rows.h"
#include "services/ai/standings/board.h"
#include "services/ai/tables.h"

static bool open_store(struct ai *ai, const struct ai_options *options, struct err *err)
{
    const struct store_options store = {.url = options->store_url,
                                        .tables = ai_tables,
                                        .ballast = true,
                                        .self = options->self,
                                        .metrics = options->metrics};
    return store_open(&ai->store, &store, err);
}

static bool open_names(struct ai *ai, struct err *err)
{
    const struct names_options names = {ai->store, &ai_tables[AI_NAMES], &ai_tables[AI_CONSUMED], false};
    return names_open(&ai->names, &names, err);
}

// With the account goes whose a rating is; what was played stays, as somebody's.
static bool forget_user(void *arg, const char *user_id, struct err *err)
{
    const struct ai *ai = arg;
    uint64_t ticket;
    if (!links_forget(ai->store, user_id, &ticket, err) || (ticket && !store_wait(ai->store, ticket, err)))
        return false;
    return budget_forget(ai->store, user_id, err) && tables_forget(ai->store, AI_JUDGEMENTS, user_id, err) &&
           tickets_forget(ai, user_id, err) && tables_forget(ai->store, AI_HIDDEN, user_id, err) &&
           games_forget(ai->games, user_id, clock_unix_ms(), err);
}

bool ai_open(struct ai *ai, const struct ai_options *options, struct err *err)
{
    *ai = (struct ai){.metrics = options->metrics,
                      .events = options->events,
                      .auth = options->auth,
                      .chain = options->chain,
                      .bus_keys = options->bus_keys};
    ai->settings = options->settings ? *options->settings : (struct ai_settings){.llm = {.url = ""}};
    if (open_store(ai, options, err) && open_names(ai, err) && board_open(&ai->board, ai, err) &&
        games_open(&ai->games, ai, err) && waits_create(&ai->waits, err) && kept_create(&ai->kept, err)) {
        names_on_deletion(ai->names, forget_user, ai);
        return true;
    }
    ai_close(ai);
    return false;
}

bool ai_start(struct ai *ai, struct err *err)
{
    return replica_start(ai->replica, err) && board_start(ai->board, err) && rows_start(&ai->rows, ai, err) &&
           pool_start(&ai->pool, ai, err) && discord_start(&ai->discord, ai, ai_methods, err);
}

void ai_close(struct ai *ai)
{
    games_unfollow(ai->games);
    names_unfollow(ai->names);
    rows_stop(ai->rows);
    pool_stop(ai->pool);
    discord_stop(ai->discord);
    games_close(ai->games);
    board_close(ai->board);
    replica_close(ai->replica);
    store_close(ai->store);
    discord_destroy(ai->discord);
    bus_publisher_close(ai->publisher);
    names_close(ai->names);
    waits_destroy(ai->waits);
    kept_destroy(ai->kept);
}
