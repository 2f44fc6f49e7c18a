// The ai service's state, shared by its handlers and threads.
#ifndef AI_AI_H
#define AI_AI_H

#include "lib/base/metrics.h"
#include "lib/bus/bus.h"
#include "lib/service/config.h"
#include "lib/store/store.h"
#include "services/ai/discord/discord.h"
#include "services/ai/llm/llm.h"

struct board;
struct bus_keys;
struct games;
struct kept;
struct names;
struct pool;
struct replica;
struct rows;
struct waits;

// The leases of what one process does: answering in Discord, taking games in, and what is made of them;
// seeking who sits down together.
#define AI_ANSWERS "answers"
#define AI_LEARNS "learns"
#define AI_MATCHES "matches"
#define AI_PROJECTS "projects"

struct ai_settings {
    struct llm_settings llm;
    struct discord_settings discord;
};
extern const struct config_var ai_vars[];

struct ai {
    struct store *store;
    struct replica *replica;         // NULL in tools and tests
    struct bus_publisher *publisher; // NULL in tools and tests
    struct names *names;
    struct board *board;      // what readers see
    struct games *games;      // what is taken in
    struct rows *rows;        // NULL in tools
    struct discord *discord;  // NULL in tools, and without an application of Discord's
    struct waits *waits;      // how many wait in the queue
    struct kept *kept;        // who waits there
    struct pool *pool;        // NULL in tools and tests
    struct metrics *metrics;  // or NULL
    const char *events;       // where events is called; NULL in tools and tests
    const char *auth, *chain; // the same of these
    struct bus_keys *bus_keys;
    struct ai_settings settings;
};

struct ai_options {
    const char *store_url;
    const char *self;                   // where others call this process; NULL in tools
    const char *events, *auth, *chain;  // where these are called; NULL in tools and tests
    struct bus_keys *bus_keys;          // or NULL
    const struct ai_settings *settings; // NULL in tools and tests: no language model
    struct metrics *metrics;            // or NULL
};

// Opens the store and names. It starts no threads, and reads no standings.
MUST_CHECK bool ai_open(struct ai *ai, const struct ai_options *options, struct err *err);
// Reads the standings; starts the threads.
MUST_CHECK bool ai_start(struct ai *ai, struct err *err);
void ai_close(struct ai *ai); // stops the threads too

#endif
