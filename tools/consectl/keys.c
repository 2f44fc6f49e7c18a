// consectl keys: looks at the secret keys of the services, rotates them, and changes the master key that
// seals them.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "keys.pb-c.h"
#include "lib/base/stamp.h"
#include "tools/consectl/consectl.h"

static void print_key(const char *service, const Keys__Status__Key *key)
{
    char made[32] = "-";
    time_t seconds = (time_t)(stamp_ms(key->made_at) / 1000);
    struct tm utc;
    if (key->made_at && gmtime_r(&seconds, &utc)) strftime(made, sizeof made, "%Y-%m-%d %H:%M:%S", &utc);
    printf("%-7s %-18s %-16s  %-19s  %s\n", service, key->id, *key->master ? key->master : "(file)", made,
           key->closed   ? "its master key is not given"
           : key->in_use ? "in use"
                         : "");
}

static void print_status(const char *service, const Keys__Status *status)
{
    for (size_t i = 0; i < status->n_masters; i++)
        printf("%-7s master key %s: has sealed %u%s\n", service, status->masters[i]->id,
               status->masters[i]->keys, i ? "" : ", seals");
    for (size_t i = 0; i < status->n_keys; i++) print_key(service, status->keys[i]);
}

static const char *name_method(char out[64], const char *service, const char *method)
{
    snprintf(out, 64, "%s.keys.%s", service, method);
    return out;
}

static bool ask_keys(struct ctl *ctl, const char *service, const char *method,
                     const ProtobufCMessage *request, ProtobufCMessage **reply, struct err *err)
{
    char name[64];
    return ctl_ask(ctl, name_method(name, service, method), request, reply, err) || err_wrap(err, service);
}

// The first of these and the offices after it whose service keeps secrets; one without a name after the
// last.
static const struct office *keeper_from(const struct office *office)
{
    char name[64];
    while (office->name && !rpc_method_find(office->methods, name_method(name, office->name, "GetStatus")))
        office++;
    return office;
}

static int keys_status(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (const struct office *office = keeper_from(offices); office->name; office = keeper_from(office + 1)) {
        const Keys__StatusRequest request = KEYS__STATUS_REQUEST__INIT;
        ProtobufCMessage *reply;
        struct err err;
        if (!ask_keys(ctl, office->name, "GetStatus", &request.base, &reply, &err))
            return ctl_fail(ctl, &err);
        if (ctl->json)
            ctl_print_json(reply);
        else
            print_status(office->name, (const Keys__Status *)reply);
    }
    return STATUS_OK;
}

static const char *service_of(const char *name)
{
    static const char *const of_events[] = {"deal", "checkpoint", "webhook"};
    for (size_t i = 0; i < sizeof of_events / sizeof *of_events; i++)
        if (strcmp(name, of_events[i]) == 0) return "events";
    return strcmp(name, "ledger") == 0 ? "chain" : "auth";
}

static int keys_rotate(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    Keys__RotateRequest request = KEYS__ROTATE_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err;
    request.name = argv[0];
    request.at_once = ctl->option != NULL;
    if (!ask_keys(ctl, service_of(argv[0]), "Rotate", &request.base, &reply, &err))
        return ctl_fail(ctl, &err);
    const Keys__Rotated *rotated = (const Keys__Rotated *)reply;
    if (ctl->json) return ctl_print_json(reply), STATUS_OK;
    for (size_t i = 0; i < rotated->n_ids; i++) printf("%s\n", rotated->ids[i]);
    return STATUS_OK;
}

static int keys_rewrap(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (const struct office *office = keeper_from(offices); office->name; office = keeper_from(office + 1)) {
        const Keys__RewrapRequest request = KEYS__REWRAP_REQUEST__INIT;
        ProtobufCMessage *reply;
        struct err err;
        if (!ask_keys(ctl, office->name, "Rewrap", &request.base, &reply, &err)) return ctl_fail(ctl, &err);
        if (ctl->json)
            ctl_print_json(reply);
        else
            printf("%s: %u sealed anew\n", office->name, ((const Keys__Rewrapped *)reply)->count);
    }
    return STATUS_OK;
}

const struct ctl_command key_commands[] = {
    {.name = "keys status",
     .usage = "",
     .help = "lists the services' secret keys",
     .more = "Each with the master key that seals it, or (file), when it was made, and whether it makes new "
             "things; the keys\n"
             "themselves are never shown.",
     .run = keys_status},
    {.name = "keys rotate",
     .usage = "token|refresh|device|otp|deal|checkpoint|webhook [--at-once]",
     .help = "makes another key of that name",
     .more = "It is used some seconds later, when every process has read it. What the keys before made stays "
             "good: "
             "tokens, devices\n"
             "and codes for their time, webhooks for two days, API keys and deals without end. With "
             "--at-once, when a key was stolen, "
             "all that earlier\n"
             "keys made is void. It needs CONSE_MASTER_KEY_FILE.",
     .option = "--at-once",
     .least = 1,
     .most = 1,
     .run = keys_rotate},
    {.name = "keys rewrap",
     .usage = "",
     .help = "seals all keys with the first master key",
     .more = "To change the master key: start every process with CONSE_MASTER_KEY_FILE=OLD,NEW, then with "
             "NEW,OLD, "
             "run this, and\n"
             "start them with NEW alone. A service whose keys need OLD does not start without it.",
     .run = keys_rewrap},
    {0},
};
