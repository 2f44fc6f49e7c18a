// Commands that people give in Discord: they come signed over HTTP, are stored, and are answered by an edit.
#ifndef AI_DISCORD_DISCORD_H
#define AI_DISCORD_DISCORD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct ai;
struct discord;
struct rpc_method;

struct discord_settings {
    const char *public_key; // of the application, 64 hex digits; "": there is none
    const char *token;      // of its bot
    const char *api;        // "https://discord.com/api/v10"
    int64_t guild_tokens;   // of the language model, that the commands of one guild may spend in a day (UTC)
};

bool discord_is_set_up(const struct discord_settings *settings);
MUST_CHECK bool discord_check_settings(const struct discord_settings *settings, struct err *err);

// The threads that answer, of the process that has the lease; none without an application. methods: of the
// service.
MUST_CHECK bool discord_start(struct discord **discord, struct ai *ai,
                              const struct rpc_method *const *methods, struct err *err);
// What an operator has to mend; NULL: nothing. Any thread; NULL is fine.
const char *discord_note(struct discord *discord);
void discord_stop(struct discord *discord); // ends what is under way; NULL is fine
void discord_destroy(
    struct discord *discord); // after the store's close, whose writes still wake it; NULL is fine
// Somebody gave a command, which is stored by now.
void discord_wake(struct discord *discord); // any thread; NULL is fine

#endif
