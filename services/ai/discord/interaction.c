#include "services/ai/discord/interaction.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

// Texts that are too long are none.
static bool take_text(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size) return false;
    memcpy(out, text, len + 1);
    return true;
}
#define TAKE(field, text) take_text(field, sizeof(field), text)

static uint64_t permissions_of(const json_t *object, const char *name)
{
    const char *text = text_of(object, name);
    return strspn(text, "0123456789") == strlen(text) ? strtoull(text, NULL, 10) : 0;
}

// ---- A command

enum { PRIVATE_THREAD = 12 };

// The channel that an option names, and what may be done there, stand apart from the option. Those rights are
// of the channel around a thread: whether somebody is in a private one they do not tell.
static bool take_channel(struct interaction *interaction, const json_t *data, const json_t *value)
{
    const json_t *channels = json_object_get(json_object_get(data, "resolved"), "channels");
    char here[SNOWFLAKE];
    memcpy(here, interaction->channel_id, sizeof here);
    if (!snowflake_read(interaction->channel_id, json_string_value(value))) return false;
    const json_t *channel = json_object_get(channels, interaction->channel_id);
    interaction->asker_may = permissions_of(channel, "permissions");
    interaction->app_may = permissions_of(channel, "app_permissions");
    if (json_integer_value(json_object_get(channel, "type")) == PRIVATE_THREAD &&
        strcmp(here, interaction->channel_id) != 0 && !(interaction->asker_may & PERMISSION_MANAGE_THREADS))
        interaction->asker_may = 0;
    return channel;
}

static bool take_option(struct interaction *interaction, const json_t *data, const json_t *option)
{
    const char *name = text_of(option, "name");
    const json_t *value = json_object_get(option, "value");
    if (strcmp(name, "channel") == 0) return take_channel(interaction, data, value);
    if (strcmp(name, "public") == 0) return interaction->public = json_is_true(value), true;
    if (strcmp(name, "event") == 0)
        return json_is_string(value) && TAKE(interaction->event, json_string_value(value));
    if (strcmp(name, "hours") != 0) return true; // of a later description
    json_int_t hours = json_integer_value(value);
    interaction->hours = (int)hours;
    return hours >= 1 && hours <= 24;
}

static bool take_command(struct interaction *interaction, const json_t *data)
{
    const json_t *options = json_object_get(data, "options");
    if (!TAKE(interaction->command, text_of(data, "name"))) return false;
    for (size_t i = 0; i < json_array_size(options); i++)
        if (!take_option(interaction, data, json_array_get(options, i))) return false;
    interaction->public &= strcmp(interaction->command, "catchup") == 0; // the others' may be personal
    return *interaction->command;
}

// ---- Anything

static bool take_rest(struct interaction *interaction, const json_t *root)
{
    const json_t *member = json_object_get(root, "member"), *user = json_object_get(member, "user");
    const json_t *data = json_object_get(root, "data"), *guild = json_object_get(root, "guild_id");
    if (!user) user = json_object_get(root, "user");
    interaction->asker_may = permissions_of(member, "permissions");
    interaction->app_may = permissions_of(root, "app_permissions");
    if (json_is_string(guild) && !snowflake_read(interaction->guild_id, json_string_value(guild)))
        return false;
    if (!snowflake_read(interaction->id, text_of(root, "id")) ||
        !snowflake_read(interaction->application_id, text_of(root, "application_id")) ||
        !snowflake_read(interaction->channel_id, text_of(root, "channel_id")) ||
        !snowflake_read(interaction->user_id, text_of(user, "id")))
        return false;
    const char *token = text_of(root, "token");
    // It becomes part of a path.
    if (!*token || !TAKE(interaction->token, token) || strpbrk(token, "/?#%\\ \t\r\n")) return false;
    if (interaction->type == INTERACTION_COMMAND) return take_command(interaction, data);
    return TAKE(interaction->button, text_of(data, "custom_id"));
}

bool interaction_read(struct interaction *interaction, const char *text, size_t len, struct err *err)
{
    *interaction = (struct interaction){.hours = 0};
    json_t *root =
        json_check_size(text, len, err) ? json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    json_int_t type = json_integer_value(json_object_get(root, "type"));
    bool ok = type >= INTERACTION_PING && type <= INTERACTION_PRESSED;
    if (ok) interaction->type = (int)type;
    ok = ok && (type == INTERACTION_PING || take_rest(interaction, root));
    json_decref(root);
    return ok || err_fail(err, MALFORMED, "the body is no interaction that is answered here");
}
