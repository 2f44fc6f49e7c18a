// consectl user: lists users and changes their levels.
#include <stdio.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/base/stamp.h"
#include "lib/base/text.h"
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
        printf("%s  %-6s  %-32s  %s\n", user->id, level_names[user->level], user->username, user->phone);
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

static int user_level(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    const Auth__User *user = NULL;
    struct err err;
    ProtobufCMessage *reply;
    Auth__SetLevelRequest request = AUTH__SET_LEVEL_REQUEST__INIT;
    request.level = (Auth__Level__Value)parse_level(argv[1]);
    if (!request.level) return ctl_usage("user level", "the level is dev, god or player");
    if (!find_user(ctl, argv[0], &user, &err)) return ctl_fail(ctl, &err);
    request.user_id = user->id;
    if (!ctl_ask(ctl, "auth.SetLevel", &request.base, &reply, &err)) return ctl_fail(ctl, &err);
    print_user(ctl, ((Auth__UserReply *)reply)->user);
    return STATUS_OK;
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
    {.name = "user list",
     .usage = "[PREFIX]",
     .help = "lists users by name",
     .more =
         "One line per user: id, level, name and phone. With PREFIX only those whose name begins with it.",
     .most = 1,
     .run = user_list},
    {0},
};
