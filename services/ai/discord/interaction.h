// What Discord sends when somebody gives a command, as far as it is understood. Pure.
#ifndef AI_DISCORD_INTERACTION_H
#define AI_DISCORD_INTERACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "services/ai/discord/snowflake.h"

enum {
    INTERACTION_TOKEN = 512,
    INTERACTION_NAME = 33,
    INTERACTION_EVENT = 65,
    INTERACTION_BUTTON = 101,
    PERMISSION_VIEW_CHANNEL = 1 << 10,
    PERMISSION_READ_HISTORY = 1 << 16,
};
#define PERMISSION_MANAGE_THREADS (UINT64_C(1) << 34) // who has it sees private ones

struct interaction {
    enum { INTERACTION_PING = 1, INTERACTION_COMMAND, INTERACTION_PRESSED } type;
    char id[SNOWFLAKE], application_id[SNOWFLAKE];
    char guild_id[SNOWFLAKE]; // "": it was given in no guild
    char user_id[SNOWFLAKE];
    char channel_id[SNOWFLAKE];    // that is asked about: where it was given, unless another one is named
    uint64_t asker_may, app_may;   // there: bits of Discord's permissions
    char token[INTERACTION_TOKEN]; // by which it is answered
    char command[INTERACTION_NAME];
    char button[INTERACTION_BUTTON]; // its custom_id
    int hours;                       // 0: not said
    char event[INTERACTION_EVENT];
    bool public;
};

// MALFORMED when it is no interaction, or of a type that the application asks for nowhere.
MUST_CHECK bool interaction_read(struct interaction *interaction, const char *text, size_t len,
                                 struct err *err);

#endif
