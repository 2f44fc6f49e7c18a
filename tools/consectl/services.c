// consectl services: the processes of each service that live.
#include <stdio.h>

#include "lib/replica/replica.h"
#include "tools/consectl/consectl.h"

static void print_process(const Replica__Process *process)
{
    printf("%-8s %-40s %s  %s  format %u  %.1f s ago ", process->service, process->address, process->host,
           process->version, process->format, (double)process->age_ms / 1000);
    for (size_t i = 0; i < process->n_leases; i++) printf(" %s", process->leases[i]);
    putchar('\n');
}

static void print_list(const struct ctl *ctl, const Replica__ListReply *reply)
{
    if (ctl->json) return ctl_print_json(&reply->base);
    for (size_t i = 0; i < reply->n_processes; i++) print_process(reply->processes[i]);
    if (!reply->n_processes) printf("%-8s does not run\n", reply->service);
}

// Nobody was found at the addresses. A shared store knows of others; one of a single process opens when that
// does not run.
static bool list_by_store(struct ctl *ctl, const struct office *office, Replica__ListReply *reply,
                          struct err *err)
{
    struct store *store;
    if (!place_has_store(ctl, office->name, err)) return err_is(err, NOT_FOUND);
    if (!ctl_open_store(ctl, office, &store, err)) return false;
    bool ok = replica_list(NULL, store, office->tables, &ctl->arena, reply, err);
    store_close(store);
    return ok;
}

static bool services_of(struct ctl *ctl, const struct office *office, struct err *err)
{
    char method[48];
    ProtobufCMessage *told;
    const Replica__ListRequest request = REPLICA__LIST_REQUEST__INIT;
    Replica__ListReply reply = REPLICA__LIST_REPLY__INIT;
    snprintf(method, sizeof method, "%s.ListReplicas", office->name);
    reply.service = office->name;
    bool asked = ctl_ask_running(ctl, method, &request.base, &told, err);
    if (!asked && !(err_is(err, SERVICE_AWAY) && list_by_store(ctl, office, &reply, err))) return false;
    print_list(ctl, asked ? (const Replica__ListReply *)told : &reply);
    return true;
}

static int services_list(struct ctl *ctl, int argc, char **argv)
{
    (void)argc, (void)argv;
    struct err err;
    for (const struct office *office = offices; office->name; office++)
        if (!services_of(ctl, office, &err)) return ctl_fail(ctl, &err);
    return STATUS_OK;
}

const struct ctl_command service_commands[] = {
    {.name = "services",
     .usage = "",
     .help = "lists the running processes of auth, events, chain and ai",
     .more = "One line per process: address, machine, version, format of what it stores, when it was last "
             "heard of, and the\n"
             "leases that it holds; with --json one document per service. On a store that several share, all "
             "are listed that\n"
             "were heard of within 10 s.",
     .least = 0,
     .most = 0,
     .run = services_list},
    {0},
};
