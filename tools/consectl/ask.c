// Reaching a service: by its socket while it runs, else by its own handler on its files.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/rpc/client.h"
#include "tools/consectl/consectl.h"

enum { TIMEOUT_MS = 30000, TRIES = 50, PAUSE_US = 20000 };

static const struct office *office_of(const char *method)
{
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(method, "."), method);
    return office_find(name);
}

static bool ask_socket(struct ctl *ctl, const char *address, const char *method,
                       const ProtobufCMessage *request, ProtobufCMessage **reply, struct err *err)
{
    const struct office *office = office_of(method);
    if (!place_keys(ctl, err)) return false;
    const struct rpc_client_options options = {.service = office->name,
                                               .self = CONSE__ASKER__VALUE__OPERATOR,
                                               .address = address,
                                               .bus_keys = ctl->bus_keys};
    struct rpc_client *client;
    if (!rpc_client_create(&client, &options, err)) return false;
    int64_t patience_ms = ctl->patience_ms ? ctl->patience_ms : TIMEOUT_MS;
    bool ok = rpc_client_ask(client, method, NULL, request, patience_ms, &ctl->arena, reply, err);
    rpc_client_destroy(client);
    return ok;
}

static bool ask_files(struct ctl *ctl, const char *method, const ProtobufCMessage *request,
                      ProtobufCMessage **reply, struct err *err)
{
    const struct office *office = office_of(method);
    void *context;
    struct store *store;
    if (!place_has_store(ctl, office->name, err)) return false;
    if (!office->open(ctl, &context, &store, err)) return ctl->held = err_is(err, SERVICE_BUSY), false;
    struct rpc_call call = {.arena = &ctl->arena,
                            .service = context,
                            .asker = CONSE__ASKER__VALUE__OPERATOR,
                            .now_ms = clock_unix_ms()};
    *reply = rpc_run_here(&call, office->methods, method, request, err);
    bool ok = *reply && (!call.ticket || store_wait(store, call.ticket, err));
    office->close(context);
    return ok;
}

// Without the file of its only socket nobody needs to be waited for.
static bool ask_address(struct ctl *ctl, const char *address, const char *method,
                        const ProtobufCMessage *request, ProtobufCMessage **reply, struct err *err)
{
    bool file = strncmp(address, "ipc://", 6) == 0 && !strpbrk(address, ", ");
    if (file && access(address + 6, F_OK) != 0)
        return err_fail(err, SERVICE_AWAY, "%s is not there", address);
    return ask_socket(ctl, address, method, request, reply, err);
}

bool ctl_ask_running(struct ctl *ctl, const char *method, const ProtobufCMessage *request,
                     ProtobufCMessage **reply, struct err *err)
{
    char address[PLACE];
    return place_peers(ctl, address, office_of(method)->name, err) &&
           ask_address(ctl, address, method, request, reply, err);
}

// The files of a service that answers over the network are not here. One that is away and has its files
// begins to listen just now, or anew.
bool ctl_ask(struct ctl *ctl, const char *method, const ProtobufCMessage *request, ProtobufCMessage **reply,
             struct err *err)
{
    char address[PLACE];
    if (!place_peers(ctl, address, office_of(method)->name, err)) return false;
    bool local = strncmp(address, "ipc://", 6) == 0;
    for (int tries = 1;; tries++, usleep(PAUSE_US)) {
        ctl->held = false;
        if (ask_address(ctl, address, method, request, reply, err)) return true;
        if (!local || !err_is(err, SERVICE_AWAY)) return false;
        if (ask_files(ctl, method, request, reply, err)) return true;
        if (!ctl->held || tries == TRIES) return false;
    }
}

bool ctl_open_store(struct ctl *ctl, const struct office *office, struct store **store, struct err *err)
{
    char url[PLACE];
    if (!place_store(ctl, url, office->name, err)) return false;
    const struct store_options options = {.url = url, .tables = office->tables};
    if (store_open(store, &options, err)) return true;
    ctl->held = err_is(err, SERVICE_BUSY);
    return false;
}
