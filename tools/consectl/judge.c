#include "tools/consectl/judge.h"

#include <string.h>

#include "lib/base/version.h"

#define RUNBOOK "docs/runbooks.md#"

static const char *const services[] = {"auth", "events", "chain", "ai", "gateway"};
enum { SERVICES = sizeof services / sizeof *services, ID_SHOWN = 8 };

// ---- Who lives

static size_t count_of(const Auth__ListServicesReply *told, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < told->n_services; i++) count += strcmp(told->services[i]->name, name) == 0;
    return count;
}

static void judge_living(struct findings *findings, const Auth__ListServicesReply *told)
{
    findings_begin(findings, "living");
    for (size_t i = 0; i < SERVICES; i++)
        if (!count_of(told, services[i]))
            findings_add(findings, VERDICT_FAILED, RUNBOOK "consedown", "auth hears of no process of %s",
                         services[i]);
    findings_end(findings, "%zu processes: %zu of auth, %zu of events, %zu of chain, %zu of ai, %zu gateways",
                 told->n_services, count_of(told, "auth"), count_of(told, "events"), count_of(told, "chain"),
                 count_of(told, "ai"), count_of(told, "gateway"));
}

static void judge_ready(struct findings *findings, const Auth__ListServicesReply *told)
{
    findings_begin(findings, "ready");
    for (size_t i = 0; i < told->n_services; i++) {
        const Auth__Service *service = told->services[i];
        if (!service->health)
            findings_add(findings, VERDICT_WARNING, RUNBOOK "conseversionsdiffer",
                         "%s %.*s does not say how it does: it is of an older version", service->name,
                         ID_SHOWN, service->id);
        else if (!service->ready)
            findings_add(findings, VERDICT_FAILED, RUNBOOK "consedown",
                         "%s %.*s is not ready: its /readyz and its log say why", service->name, ID_SHOWN,
                         service->id);
    }
    findings_end(findings, "all are");
}

static bool is_same_program(const Auth__Service *one, const Auth__Service *other)
{
    return strcmp(one->version, other->version) == 0 && strcmp(one->commit, other->commit) == 0;
}

static void judge_versions(struct findings *findings, const Auth__ListServicesReply *told)
{
    findings_begin(findings, "versions");
    const Auth__Service *first = told->n_services ? told->services[0] : NULL;
    for (size_t i = 1; i < told->n_services; i++) {
        const Auth__Service *service = told->services[i];
        if (!is_same_program(first, service))
            findings_add(findings, VERDICT_FAILED, RUNBOOK "conseversionsdiffer",
                         "%s %.*s is %s (%s), and %s %.*s is %s (%s)", service->name, ID_SHOWN, service->id,
                         service->version, service->commit, first->name, ID_SHOWN, first->id, first->version,
                         first->commit);
    }
    if (first && strcmp(first->commit, CONSE_COMMIT) != 0)
        findings_add(findings, VERDICT_WARNING, RUNBOOK "conseversionsdiffer",
                     "this consectl is of %s, and %s of %s", CONSE_COMMIT, first->name, first->commit);
    if (first) findings_end(findings, "all are %s (%s)", first->version, first->commit);
}

void judge_processes(struct findings *findings, const Auth__ListServicesReply *told)
{
    judge_living(findings, told);
    judge_ready(findings, told);
    judge_versions(findings, told);
}

// ---- Several that share a store

static bool is_heard_of(const Auth__ListServicesReply *told, const char *id)
{
    for (size_t i = 0; i < told->n_services; i++)
        if (strcmp(told->services[i]->id, id) == 0) return true;
    return false;
}

void judge_replicas(struct findings *findings, const Replica__ListReply *listed,
                    const Auth__ListServicesReply *told)
{
    size_t leases = 0;
    if (!listed->shared) return;
    for (size_t i = 0; i < listed->n_processes; i++) {
        const Replica__Process *process = listed->processes[i];
        leases += process->n_leases;
        if (told && !is_heard_of(told, process->id))
            findings_add(findings, VERDICT_FAILED, RUNBOOK "consedown",
                         "%s at %s lives, and auth does not hear of it: does it reach auth?", listed->service,
                         process->address);
    }
    if (listed->n_processes && !leases)
        findings_add(findings, VERDICT_FAILED, RUNBOOK "consedown",
                     "no process of %s has taken on what one of them does for all", listed->service);
}

// ---- Settings

static const char *value_of(const Auth__ServiceConfig *config, const char *name)
{
    for (size_t i = 0; i < config->n_settings; i++)
        if (strcmp(config->settings[i]->name, name) == 0) return config->settings[i]->value;
    return NULL;
}

// Where a process is, which is its own affair.
static bool is_of_place(const char *name)
{
    static const char *const ends[] = {"_LISTEN", "_BUS", "_ADMIN", "_DATA", "_RUN", "_LOG_LEVEL"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i]);
        if (len >= end && strcmp(name + len - end, ends[i]) == 0) return true;
    }
    return false;
}

static void judge_alike(struct findings *findings, const Auth__ServiceConfig *first,
                        const Auth__ServiceConfig *other)
{
    for (size_t i = 0; i < first->n_settings; i++) {
        const Auth__ServiceConfig__Setting *setting = first->settings[i];
        const char *value = value_of(other, setting->name);
        if (is_of_place(setting->name) || !value || strcmp(value, setting->value) == 0) continue;
        findings_add(findings, VERDICT_FAILED, "docs/operations.md#before-a-start",
                     "%s is %s at %s %.*s, and %s at %.*s", setting->name, setting->value, first->name,
                     ID_SHOWN, first->id, value, ID_SHOWN, other->id);
    }
}

static const Auth__ServiceConfig *first_of(const Auth__ListConfigReply *told, const char *name)
{
    for (size_t i = 0; i < told->n_services; i++)
        if (strcmp(told->services[i]->name, name) == 0) return told->services[i];
    return NULL;
}

static void judge_for_trying(struct findings *findings, const Auth__ServiceConfig *config)
{
    static const struct {
        const char *name, *value, *what;
    } trying[] = {
        {"CONSE_OTP_DRIVER", "log", "one-time codes go to its log"},
        {"CONSE_SANDBOX", "log", "nothing is refused to it"},
        {"CONSE_SANDBOX", "off", "nothing is refused to it"},
    };
    for (size_t i = 0; i < sizeof trying / sizeof *trying; i++) {
        const char *value = value_of(config, trying[i].name);
        if (value && strcmp(value, trying[i].value) == 0)
            findings_add(findings, VERDICT_WARNING, "docs/operations.md#before-a-start",
                         "%s is %s at %s %.*s: %s", trying[i].name, value, config->name, ID_SHOWN, config->id,
                         trying[i].what);
    }
}

void judge_settings(struct findings *findings, const Auth__ListConfigReply *told)
{
    findings_begin(findings, "in force");
    for (size_t i = 0; i < told->n_services; i++) {
        const Auth__ServiceConfig *config = told->services[i], *first = first_of(told, config->name);
        if (config != first) judge_alike(findings, first, config);
        judge_for_trying(findings, config);
    }
    findings_end(findings, "processes of a service have the same settings");
}
