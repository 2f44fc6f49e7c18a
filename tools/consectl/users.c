// consectl user: lists users, changes their levels, shuts them out.
#include <stdio.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "lib/base/text.h"
#include "lib/service/config.h"
#include "tools/consectl/consectl.h"

static const char *const level_names[] = {"", "dev", "god", "player"};

static int parse_level(const char *text)
{
    for (int i = AUTH__LEVEL__VALUE__DEV; i <= AUTH__LEVEL__VALUE__PLAYER; i++)
        if (strcmp(level_names[i], text) == 0) return i;
    return 0;
}

static void print_user(const struct ctl *ctl, const Auth__User *user)
{
    if (ctl->json)
        ctl_print_json(&user->base);
    else
        printf("%s  %-6s  %-32s  %s%s\n", user->id, level_names[user->level], user->username, user->phone,
               user->suspension ? "  suspended" : "");
}

static bool find_user(struct ctl *ctl, const char *username, const Auth__User **user, struct err *err)
{
    Auth__ListUsersRequest request = AUTH__LIST_USERS_REQUEST__INIT;
    ProtobufCMessage *message;
    request.username = username;
    request.page_size = 100;
    if (!ctl_ask(ctl, "auth.ListUsers", &request.base, &message, err)) return false;
    const Auth__ListUsersReply *reply = (const Auth__ListUsersReply *)message;
    for (size_t i = 0; i < reply->n_users; i++)
        if (strcasecmp(reply->users[i]->username, username) == 0) return *user = reply->users[i], true;
    return err_fail(err, NOT_FOUND, "there is no user %s", username);
}

static int print_reply(struct ctl *ctl, const char *method, const ProtobufCMessage *request)
{
    struct err err;
    ProtobufCMessage *reply;
    if (!ctl_ask(ctl, method, request, &reply, &err)) return ctl_fail(ctl, &err);
    print_user(ctl, ((Auth__UserReply *)reply)->user);
    return STATUS_OK;
}

static int user_level(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    const Auth__User *user = NULL;
    struct err err;
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.level = (Auth__Level__Value)parse_level(argv[1]);
    if (!request.level) return ctl_usage("user level", "the level is dev, god or player");
    if (!find_user(ctl, argv[0], &user, &err)) return ctl_fail(ctl, &err);
    request.user_id = user->id;
    return print_reply(ctl, "auth.SetLevel", &request.base);
}

static int user_suspend(struct ctl *ctl, int argc, char **argv)
{
    const Auth__User *user = NULL;
    struct err err;
    int64_t length_ms = 0;
    Auth__SuspendRequest request = AUTH__SUSPEND_REQUEST__INIT;
    if (argc > 2 && (!config_duration(argv[2], &length_ms) || length_ms <= 0))
        return ctl_usage("user suspend", "the time is a number with a unit: 12h, 7d");
    Google__Protobuf__Timestamp until = stamp_of(clock_unix_ms() + length_ms);
    if (!find_user(ctl, argv[0], &user, &err)) return ctl_fail(ctl, &err);
    request.user_id = user->id;
    request.reason = argv[1];
    request.until = length_ms ? &until : NULL;
    return print_reply(ctl, "auth.SuspendUser", &request.base);
}

static int user_unsuspend(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    const Auth__User *user = NULL;
    struct err err;
    Auth__UserRequest request = AUTH__USER_REQUEST__INIT;
    if (!find_user(ctl, argv[0], &user, &err)) return ctl_fail(ctl, &err);
    request.user_id = user->id;
    return print_reply(ctl, "auth.UnsuspendUser", &request.base);
}

static int user_list(struct ctl *ctl, int argc, char **argv)
{
    struct err err;
    char token[1024] = ""; // a name, an id and their seal take less
    Auth__ListUsersRequest request = AUTH__LIST_USERS_REQUEST__INIT;
    request.username = argc ? argv[0] : "";
    request.page_size = 100;
    request.page_token = token;
    do {
        ProtobufCMessage *message;
        arena_reset(&ctl->arena); // of the page before
        if (!ctl_ask(ctl, "auth.ListUsers", &request.base, &message, &err)) return ctl_fail(ctl, &err);
        const Auth__ListUsersReply *reply = (const Auth__ListUsersReply *)message;
        for (size_t i = 0; i < reply->n_users; i++) print_user(ctl, reply->users[i]);
        snprintf(token, sizeof token, "%s", reply->next_page_token);
    } while (*token);
    return STATUS_OK;
}

const struct ctl_command user_commands[] = {
    {.name = "user level",
     .usage = "NAME dev|god|player",
     .help = "changes a user's level",
     .more = "A player takes part, a god leads games, a dev operates the system. The user's access tokens "
             "end at once; they\n"
             "log in again, or refresh. The first dev is made like this: sign up, then consectl user "
             "level mira dev",
     .least = 2,
     .most = 2,
     .run = user_level},
    {.name = "user suspend",
     .usage = "NAME REASON [TIME]",
     .help = "shuts a user out",
     .more =
         "For a TIME like 12h or 7d, else until user unsuspend. The user's access tokens end at once, and "
         "they do not get in;\n"
         "their sessions go on afterwards. REASON is for operators.",
     .least = 2,
     .most = 3,
     .run = user_suspend},
    {.name = "user unsuspend",
     .usage = "NAME",
     .help = "lets a suspended user in again",
     .more =
         "A dev who misuses the level is stopped by user level and user suspend; whom they suspended is let "
         "in by this.",
     .least = 1,
     .most = 1,
     .run = user_unsuspend},
    {.name = "user list",
     .usage = "[PREFIX]",
     .help = "lists users by name",
     .more =
         "One line per user: id, level, name and phone. With PREFIX only those whose name begins with it.",
     .most = 1,
     .run = user_list},
    {0},
};
