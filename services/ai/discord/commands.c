#include "services/ai/discord/commands.h"

#include <stdio.h>
#include <string.h>

#include "lib/json/json.h"

// Names and limits as interaction.c reads them. `contexts`: 0 guilds, 1 the bot's own messages.
const char commands_json[] =
    "[{\"name\":\"catchup\",\"type\":1,\"description\":\"What was said here in the last hours, in a few "
    "sentences\",\"contexts\":[0],\"integration_types\":[0],\"options\":["
    "{\"name\":\"hours\",\"type\":4,\"description\":\"How many hours, 1 to 24\",\"required\":true,"
    "\"min_value\":1,\"max_value\":24},"
    "{\"name\":\"channel\",\"type\":7,\"description\":\"Another channel\",\"channel_types\":[0,5,10,11,12]},"
    "{\"name\":\"public\",\"type\":5,\"description\":\"For all who read this channel\"}]},"
    "{\"name\":\"stats\",\"type\":1,\"description\":\"How this service is doing\",\"contexts\":[0,1],"
    "\"integration_types\":[0]},"
    "{\"name\":\"help\",\"type\":1,\"description\":\"The commands\",\"contexts\":[0,1],"
    "\"integration_types\":[0]},"
    "{\"name\":\"event\",\"type\":1,\"description\":\"An event and its seats\",\"contexts\":[0,1],"
    "\"integration_types\":[0],\"options\":[{\"name\":\"event\",\"type\":3,\"description\":\"Its code or its "
    "id\",\"required\":true,\"max_length\":64}]},"
    "{\"name\":\"tips\",\"type\":1,\"description\":\"Tips for the role that you were "
    "told\",\"contexts\":[0,1],"
    "\"integration_types\":[0],\"options\":[{\"name\":\"event\",\"type\":3,\"description\":\"Its code or its "
    "id\",\"required\":true,\"max_length\":64}]},"
    "{\"name\":\"link\",\"type\":1,\"description\":\"A code that links your account "
    "here\",\"contexts\":[0,1],"
    "\"integration_types\":[0]}]";

static const char help[] =
    "**Commands**\n"
    "`/catchup hours:6` what was said in this channel in the last 6 hours; `channel:` another one, "
    "`public:True` for all to read\n"
    "`/event event:K7M2QX` an event by its code or id\n"
    "`/tips event:K7M2QX` tips for the role that you were told there, once your account is linked\n"
    "`/link` a code that links your account; `/stats` how this service is doing; `/help` "
    "this\n"
    "For `/catchup` you and this app need *View Channel* and *Read Message History* there.\n"
    "Messages are read when you ask, and are not kept or logged. An answer is kept until it is sent, 15 "
    "minutes at most.";

// ---- What is asked

static bool is_command(const struct interaction *interaction, const char *name)
{
    return strcmp(interaction->command, name) == 0;
}

Discord__JobRow__Kind command_kind(const struct interaction *interaction)
{
    if (is_command(interaction, "catchup")) return DISCORD__JOB_ROW__KIND__CATCHUP;
    if (is_command(interaction, "stats")) return DISCORD__JOB_ROW__KIND__STATS;
    if (is_command(interaction, "event")) return DISCORD__JOB_ROW__KIND__EVENT;
    if (is_command(interaction, "tips")) return DISCORD__JOB_ROW__KIND__TIPS;
    if (is_command(interaction, "link")) return DISCORD__JOB_ROW__KIND__LINK;
    return DISCORD__JOB_ROW__KIND__KIND_UNSPECIFIED;
}

static const char *missing_of(uint64_t may)
{
    if (!(may & PERMISSION_VIEW_CHANNEL)) return "View Channel";
    return may & PERMISSION_READ_HISTORY ? NULL : "Read Message History";
}

static bool refuses_channel(const struct interaction *interaction, char text[COMMAND_FIRST])
{
    const char *asker = missing_of(interaction->asker_may), *app = missing_of(interaction->app_may);
    if (!*interaction->guild_id)
        snprintf(text, COMMAND_FIRST, "That works in the channels of a server.");
    else if (!interaction->hours)
        snprintf(text, COMMAND_FIRST, "Say how many hours, from 1 to %d.", COMMAND_HOURS);
    else if (asker)
        snprintf(text, COMMAND_FIRST, "You may not read that channel: you lack *%s* there.", asker);
    else if (app)
        snprintf(text, COMMAND_FIRST, "I may not read that channel: I lack *%s* there.", app);
    else
        return false;
    return true;
}

bool command_says(const struct interaction *interaction, char text[COMMAND_FIRST])
{
    switch (command_kind(interaction)) {
    case DISCORD__JOB_ROW__KIND__CATCHUP:
        return refuses_channel(interaction, text);
    case DISCORD__JOB_ROW__KIND__EVENT:
    case DISCORD__JOB_ROW__KIND__TIPS:
        if (*interaction->event) return false;
        snprintf(text, COMMAND_FIRST, "Say which event, by its code or id.");
        return true;
    case DISCORD__JOB_ROW__KIND__STATS:
    case DISCORD__JOB_ROW__KIND__LINK:
        return false;
    default:
        snprintf(text, COMMAND_FIRST, "%s",
                 is_command(interaction, "help") ? help : "I do not know that command; `/help` has all.");
        return true;
    }
}

// ---- First answers

enum { PONG = 1, TEXT = 4, LATER = 5, EPHEMERAL = 1 << 6 };

void first_pong(struct buf *answer) { buf_printf(answer, "{\"type\":%d}", PONG); }

void first_text(struct buf *answer, const char *text)
{
    buf_printf(answer,
               "{\"type\":%d,\"data\":{\"flags\":%d,\"allowed_mentions\":{\"parse\":[]},\"content\":", TEXT,
               EPHEMERAL);
    json_write_text(answer, text);
    buf_str(answer, "}}");
}

void first_later(struct buf *answer, bool public)
{
    buf_printf(answer, "{\"type\":%d,\"data\":{\"flags\":%d}}", LATER, public ? 0 : EPHEMERAL);
}
