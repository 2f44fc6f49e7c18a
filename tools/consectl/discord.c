// consectl discord: tells Discord which commands there are.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/net/http.h"
#include "lib/service/config.h"
#include "services/ai/ai.h"
#include "services/ai/discord/commands.h"
#include "tools/consectl/consectl.h"

enum { TIMEOUT_MS = 15000, MAX_REPLY = 1 << 20, URL_BYTES = 512, TOKEN_BYTES = 256 };

struct registering {
    struct ai_settings settings;
    char bearer[TOKEN_BYTES];
    char url[URL_BYTES]; // of the commands
};

// ---- Asking

static bool ask_discord(const struct registering *r, const char *method, const char *url, const char *body,
                        json_t **answer, struct err *err)
{
    const char *const headers[] = {r->bearer, NULL};
    const struct http_request request = {.method = method,
                                         .url = url,
                                         .body = body,
                                         .content_type = body ? "application/json" : NULL,
                                         .headers = headers,
                                         .timeout_ms = TIMEOUT_MS,
                                         .max_reply_bytes = MAX_REPLY};
    struct http_reply reply;
    if (!http_do(&request, &reply, err)) return false;
    *answer = json_loadb(reply.body.bytes, reply.body.len, 0, NULL);
    http_reply_finish(&reply);
    if (reply.status == 200 && *answer) return true;
    json_decref(*answer);
    return err_fail(err, SERVICE_AWAY, "%s: HTTP status %ld", url, reply.status);
}

// Whose commands they are, the token says.
static bool find_commands(struct registering *r, const char *guild, struct err *err)
{
    char url[URL_BYTES], id[SNOWFLAKE];
    json_t *application;
    snprintf(url, sizeof url, "%s/applications/@me", r->settings.discord.api);
    if (!ask_discord(r, "GET", url, NULL, &application, err)) return false;
    bool ok = snowflake_read(id, json_string_value(json_object_get(application, "id")));
    json_decref(application);
    snprintf(r->url, sizeof r->url,
             guild ? "%s/applications/%s/guilds/%s/commands" : "%s/applications/%s%s/commands",
             r->settings.discord.api, id, guild ? guild : "");
    return ok || err_fail(err, SERVICE_AWAY, "Discord says of no application whose token that is");
}

static bool read_settings(struct registering *r, struct err *err)
{
    if (!config_load(ai_vars, &r->settings, err)) return false;
    if (!*r->settings.discord.token) return err_fail(err, INVALID_FIELD, "CONSE_DISCORD_TOKEN is not set");
    snprintf(r->bearer, sizeof r->bearer, "Authorization: Bot %s", r->settings.discord.token);
    return true;
}

// ---- Comparing

// Whether all that we say is there. What Discord adds of its own does not count.
static bool says_all(const json_t *ours, const json_t *theirs)
{
    const char *name;
    json_t *value;
    if (json_is_array(ours)) {
        if (json_array_size(ours) != json_array_size(theirs)) return false;
        for (size_t i = 0; i < json_array_size(ours); i++)
            if (!says_all(json_array_get(ours, i), json_array_get(theirs, i))) return false;
        return true;
    }
    if (!json_is_object(ours)) return json_equal(ours, theirs);
    json_object_foreach((json_t *)ours, name,
                        value) if (!says_all(value, json_object_get(theirs, name))) return false;
    return true;
}

static const char *name_of(const json_t *command)
{
    const char *name = json_string_value(json_object_get(command, "name"));
    return name ? name : "?";
}

static const json_t *find_named(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(name_of(json_array_get(list, i)), name) == 0) return json_array_get(list, i);
    return NULL;
}

// Prints each difference; how many there are.
static size_t compare_commands(const json_t *ours, const json_t *theirs)
{
    size_t differences = 0;
    for (size_t i = 0; i < json_array_size(ours); i++) {
        const json_t *command = json_array_get(ours, i), *there = find_named(theirs, name_of(command));
        if (there && says_all(command, there) &&
            json_array_size(json_object_get(command, "options")) ==
                json_array_size(json_object_get(there, "options")))
            continue;
        printf("%s /%s\n", there ? "~" : "+", name_of(command));
        differences++;
    }
    for (size_t i = 0; i < json_array_size(theirs); i++)
        if (!find_named(ours, name_of(json_array_get(theirs, i))))
            printf("- /%s\n", name_of(json_array_get(theirs, i))), differences++;
    return differences;
}

// ---- The command

static bool put_commands(const struct registering *r, struct err *err)
{
    json_t *answer;
    if (!ask_discord(r, "PUT", r->url, commands_json, &answer, err)) return false;
    printf("%zu commands are registered\n", json_array_size(answer));
    json_decref(answer);
    return true;
}

static int discord_register(struct ctl *ctl, int argc, char **argv)
{
    struct registering r = {.url = ""};
    json_t *ours = json_loads(commands_json, 0, NULL), *theirs = NULL;
    struct err err = {0};
    bool ok = read_settings(&r, &err) && find_commands(&r, argc ? argv[0] : NULL, &err) &&
              ask_discord(&r, "GET", r.url, NULL, &theirs, &err);
    size_t differences = ok ? compare_commands(ours, theirs) : 0;
    bool drifted = ok && differences && ctl->option;
    if (ok && !differences) printf("all commands are registered as they are here\n");
    if (ok && differences && !ctl->option) ok = put_commands(&r, &err);
    json_decref(ours);
    json_decref(theirs);
    return !ok ? ctl_fail(ctl, &err) : drifted ? STATUS_FAILED : STATUS_OK;
}

const struct ctl_command discord_commands[] = {
    {.name = "discord register",
     .usage = "[--check] [GUILD]",
     .help = "tells Discord which commands there are",
     .more = "Shows what differs (+ is missing there, ~ is another one, - is there alone), and replaces all "
             "commands of "
             "the application\n"
             "by ours, of one server when its id is given. With --check it changes nothing, and fails when "
             "something "
             "differs.",
     .option = "--check",
     .least = 0,
     .most = 1,
     .run = discord_register},
    {0},
};
