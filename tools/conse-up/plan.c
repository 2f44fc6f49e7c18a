#include "tools/conse-up/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/service/reach.h"
#include "tools/conse-up/cluster.h"
#include "tools/conse-up/ports.h"

static const struct program {
    const char *name, *upper, *admin; // default of its operators' port
    int color;
} programs[] = {{"gateway", "GATEWAY", "127.0.0.1:7441", 36},
                {"auth", "AUTH", "127.0.0.1:7442", 33},
                {"events", "EVENTS", "127.0.0.1:7443", 32},
                {"chain", "CHAIN", "127.0.0.1:7444", 35},
                {"ai", "AI", "127.0.0.1:7445", 34}};

enum { GATEWAY, AUTH, EVENTS, CHAIN, AI, PROGRAMS };

#define LISTEN "127.0.0.1:7438"

static const char *env_or(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value && *value ? value : fallback;
}

// ---- One child

__attribute__((format(printf, 2, 3))) static void tell(struct child *child, const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0 || child->told_count == CHILD_TOLD) abort();
    va_end(args);
    child->told[child->told_count++] = text;
}

static struct child *plan_add(struct plan *plan, int program, int number)
{
    struct child *child = &plan->children[plan->count++];
    *child = (struct child){
        .program = programs[program].name, .probe = "/readyz", .lines = {.color = programs[program].color}};
    snprintf(child->name, sizeof child->name, number > 1 ? "%s-%d" : "%s", programs[program].name, number);
    child->lines.name = child->name;
    return child;
}

// The first has the address of the variable, or the default; the others have free ports of its host.
static bool plan_settle(const char *variable, const char *fallback, int number, char out[PORTS_ADDRESS],
                        struct err *err)
{
    char wanted[PORTS_ADDRESS];
    snprintf(wanted, sizeof wanted, "%s", env_or(variable, fallback));
    char *colon = strrchr(wanted, ':');
    if (number > 1 && colon && strlen(colon) > 1) strcpy(colon, ":0");
    return port_take(wanted, out, err) || err_wrap(err, variable);
}

static bool settle_admin(struct child *child, int program, int number, struct err *err)
{
    char variable[REACH_VARIABLE];
    snprintf(variable, sizeof variable, "CONSE_%s_ADMIN", programs[program].upper);
    if (!plan_settle(variable, programs[program].admin, number, child->admin, err)) return false;
    tell(child, "%s=%s", variable, child->admin);
    return true;
}

static bool settle_listen(struct child *child, int number, struct err *err)
{
    if (!plan_settle("CONSE_LISTEN", LISTEN, number, child->listen, err)) return false;
    tell(child, "CONSE_LISTEN=%s", child->listen);
    return true;
}

bool plan_one(struct plan *plan, struct err *err)
{
    *plan = (struct plan){.count = 0};
    for (int program = GATEWAY; program < PROGRAMS; program++)
        if (!settle_admin(plan_add(plan, program, 1), program, 1, err)) return false;
    return settle_listen(&plan->children[GATEWAY], 1, err);
}

// ---- Several

static void run_dir(char *out, size_t size)
{
    const char *run = getenv("CONSE_RUN");
    snprintf(out, size, run && *run ? "%s" : "%s/run", run && *run ? run : env_or("CONSE_DATA", "./data"));
}

static bool check_store(const char *service, struct err *err)
{
    const struct reach reach = {.data_dir = env_or("CONSE_DATA", "./data")};
    char url[REACH_BYTES];
    if (!reach_store_find(&reach, service, url, sizeof url, err)) return false;
    return strncmp(url, "sqlite:", strlen("sqlite:")) != 0 ||
           err_fail(err, INVALID_FIELD,
                    "--replicas needs a store that several processes share, as CONSE_STORE=mongodb://...; "
                    "%s has sqlite:, which is for one",
                    service);
}

static bool check_addresses(int program, struct err *err)
{
    static const char *const own[] = {"LISTEN", "SLOW_LISTEN", "BUS", "PEERS", "SLOW_PEERS", "TOPICS"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (reach_setting(programs[program].name, own[i]))
            return err_fail(err, INVALID_FIELD,
                            "--replicas gives each process its addresses: CONSE_%s_%s must not be set",
                            programs[program].upper, own[i]);
    return true;
}

// Adds to a list of addresses joined by commas.
static void list_add(char list[REACH_BYTES], const char *run, const char *name, const char *suffix)
{
    size_t len = strlen(list);
    snprintf(list + len, REACH_BYTES - len, "%sipc://%s/%s%s.ipc", len ? "," : "", run, name, suffix);
}

static bool set_list(int program, const char *what, const char *list, struct err *err)
{
    char variable[REACH_VARIABLE];
    snprintf(variable, sizeof variable, "CONSE_%s_%s", programs[program].upper, what);
    if (strlen(list) >= REACH_BYTES - 1) return err_fail(err, INVALID_FIELD, "CONSE_RUN is too long a path");
    return setenv(variable, list, 1) == 0 || err_fail(err, INTERNAL_ERROR, "out of memory");
}

static bool add_replicas(struct plan *plan, int program, int replicas, struct err *err)
{
    char run[1024], peers[REACH_BYTES] = "", topics[REACH_BYTES] = "";
    run_dir(run, sizeof run);
    if (!check_store(programs[program].name, err) || !check_addresses(program, err)) return false;
    for (int number = 1; number <= replicas; number++) {
        struct child *child = plan_add(plan, program, number);
        if (!settle_admin(child, program, number, err)) return false;
        tell(child, "CONSE_%s_LISTEN=ipc://%s/%s.ipc", programs[program].upper, run, child->name);
        tell(child, "CONSE_%s_BUS=ipc://%s/%s-bus.ipc", programs[program].upper, run, child->name);
        list_add(peers, run, child->name, "");
        list_add(topics, run, child->name, "-bus");
    }
    return set_list(program, "PEERS", peers, err) && set_list(program, "TOPICS", topics, err);
}

bool plan_replicas(struct plan *plan, int replicas, struct err *err)
{
    *plan = (struct plan){.count = 0};
    for (int number = 1; number <= PLAN_GATEWAYS; number++) {
        struct child *child = plan_add(plan, GATEWAY, number);
        if (!settle_admin(child, GATEWAY, number, err) || !settle_listen(child, number, err)) return false;
    }
    for (int program = AUTH; program < PROGRAMS; program++)
        if (!add_replicas(plan, program, replicas, err)) return false;
    return true;
}

bool plan_cluster(struct plan *plan, const char *folder, struct err *err)
{
    struct child *child = &plan->children[plan->count++];
    *child = (struct child){.program = "cluster", .name = "cluster", .lines = {.name = child->name}};
    return cluster_settle(child, folder, err);
}

void plan_finish(struct plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        struct child *child = &plan->children[i];
        for (int t = 0; t < child->told_count; t++) free(child->told[t]);
        for (int w = 0; w < child->words_count; w++) free(child->words[w]);
    }
}
