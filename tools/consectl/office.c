// The services whose files can be worked on while they are stopped.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/ai.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/tables.h"
#include "services/auth/handlers/handlers.h"
#include "services/auth/tokens/revocations.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/tables.h"
#include "services/events/events.h"
#include "services/events/handlers/handlers.h"
#include "tools/consectl/consectl.h"
#include "services/events/tables.h"

static bool open_auth(const struct ctl *ctl, void **context, struct store **store, struct err *err)
{
    struct auth_settings settings;
    char url[PLACE];
    if (!place_store(ctl, url, "auth", err)) return false;
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct auth_options options = {
        .settings = &settings, .data_dir = ctl->data_dir, .store_url = url, .master_keys = place_masters()};
    if (!config_load(auth_vars, &settings, err) || !auth_open(auth, &options, err)) return free(auth), false;
    *context = auth;
    *store = auth->store;
    return true;
}

static void close_auth(void *context)
{
    auth_close(context);
    free(context);
}

static bool open_events(const struct ctl *ctl, void **context, struct store **store, struct err *err)
{
    struct events_settings settings;
    char url[PLACE];
    if (!place_store(ctl, url, "events", err)) return false;
    struct events *events = calloc(1, sizeof *events);
    if (!events) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct events_options options = {
        .settings = &settings, .data_dir = ctl->data_dir, .store_url = url, .master_keys = place_masters()};
    if (!config_load(events_vars, &settings, err) || !events_open(events, &options, err))
        return free(events), false;
    *context = events;
    *store = events->store;
    return true;
}

static void close_events(void *context)
{
    events_close(context);
    free(context);
}

static bool open_chain(const struct ctl *ctl, void **context, struct store **store, struct err *err)
{
    struct chain_settings settings;
    char url[PLACE];
    if (!place_store(ctl, url, "chain", err)) return false;
    struct chain *chain = calloc(1, sizeof *chain);
    if (!chain) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct chain_options options = {
        .settings = &settings, .data_dir = ctl->data_dir, .store_url = url, .master_keys = place_masters()};
    if (!config_load(chain_vars, &settings, err) || !chain_open(chain, &options, err))
        return free(chain), false;
    *context = chain;
    *store = chain->store;
    return true;
}

static void close_chain(void *context)
{
    chain_close(context);
    free(context);
}

static bool open_ai(const struct ctl *ctl, void **context, struct store **store, struct err *err)
{
    char url[PLACE];
    if (!place_store(ctl, url, "ai", err)) return false;
    struct ai *ai = calloc(1, sizeof *ai);
    if (!ai) return err_fail(err, INTERNAL_ERROR, "out of memory");
    const struct ai_options options = {.store_url = url};
    if (!ai_open(ai, &options, err)) return free(ai), false;
    *context = ai;
    *store = ai->store;
    return true;
}

static void close_ai(void *context)
{
    ai_close(context);
    free(context);
}

const struct office offices[] = {
    {"auth", auth_tables, auth_methods, open_auth, close_auth, REVOCATIONS_STREAM,
     &auth_tables[AUTH_SESSIONS]},
    {"events", events_tables, events_methods, open_events, close_events, NULL, NULL},
    {"chain", chain_tables, chain_methods, open_chain, close_chain, NULL, &chain_tables[CHAIN_CHUNKS]},
    {"ai", ai_tables, ai_methods, open_ai, close_ai, NULL, NULL},
    {0},
};

const struct office *office_find(const char *name)
{
    for (const struct office *o = offices; o->name; o++)
        if (strcmp(o->name, name) == 0) return o;
    return NULL;
}
