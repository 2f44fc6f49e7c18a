// What processes measure, against the bounds of the alerts (deploy/monitoring/alerts.yml).
#include <math.h>
#include <string.h>

#include "tools/consectl/judge.h"

#define RUNBOOK "docs/runbooks.md#"

enum { ID_SHOWN = 8, DAY_S = 86400, CERTIFICATE_DAYS = 14, COMMIT_US = 250000 };
static const double LAMPORTS = 1e9, LAMPORTS_LEAST = 100e6; // of one SOL; of the wallet

// What is a finding of a process when its value is `above` or `below` the bound.
struct reading_rule {
    const char *check, *metric;
    enum verdict verdict;
    enum { ABOVE, BELOW, APART } when; // APART: further from 0
    double bound;
    const char *todo, *what;
    double unit; // the value is told in; 0: it is not told
};

static const struct reading_rule rules[] = {
    {"clocks", "conse_clock_offset_seconds", VERDICT_FAILED, APART, 0.5, RUNBOOK "conseclockoff",
     "its clock is off; seconds ahead of most:", 1},
    {"peers", "conse_peers_left_out", VERDICT_FAILED, ABOVE, 0, RUNBOOK "consepeersleftout",
     "processes that it leaves out, being more than 64:", 1},
    {"room", "conse_store_full", VERDICT_FAILED, ABOVE, 0, RUNBOOK "consestorefull",
     "its store has no room, and writes get 507", 0},
    {"entries", "conse_rpc_errors_total{reason=\"STORE_CORRUPT\"}", VERDICT_FAILED, ABOVE, 0,
     RUNBOOK "consestorecorrupt",
     "calls since its start that met what does not follow from what is before it:", 1},
    {"revocations", "conse_revocations_age_seconds", VERDICT_FAILED, ABOVE, 10,
     RUNBOOK "conserevocationsstale", "seconds since it heard which tokens are revoked:", 1},
    {"followers", "conse_consumer_lag_seconds", VERDICT_FAILED, ABOVE, 60, RUNBOOK "conseconsumerbehind",
     "seconds that it is behind a stream of another service:", 1},
    {"streams", "conse_stream_viewers", VERDICT_WARNING, ABOVE, 8000, RUNBOOK "consestreamsmany",
     "streams that it has:", 1},
    {"memory", "process_resident_memory_bytes", VERDICT_WARNING, ABOVE, 800e6, RUNBOOK "consememoryhigh",
     "MB that it uses:", 1e6},
    {"cluster", "conse_chain_cluster_takes_money", VERDICT_FAILED, BELOW, 1, RUNBOOK "conseclusteraway",
     "the node is away or behind, or what the authority has there was not read yet: no hold in LAMPORTS ends",
     0},
    {"refunds", "conse_chain_cluster_set_apart", VERDICT_FAILED, ABOVE, 0, RUNBOOK "conserefundswait",
     "refunds, payments and ends that don't land:", 1},
    {"refunds", "conse_chain_cluster_stuck", VERDICT_FAILED, ABOVE, 0, RUNBOOK "conserefundsstuck",
     "transactions that have not landed for a week:", 1},
    {"discord", "conse_discord_token_refused", VERDICT_FAILED, ABOVE, 0, "docs/discord.md",
     "Discord refuses the token of its bot", 0},
};
enum { RULES = sizeof rules / sizeof *rules };

static bool find_reading(const Auth__Service *service, const char *metric, double *value)
{
    const Replica__Health *health = service->health;
    for (size_t i = 0; health && i < health->n_readings; i++)
        if (strcmp(health->readings[i]->name, metric) == 0) return *value = health->readings[i]->value, true;
    return false;
}

static bool rule_meets(const struct reading_rule *rule, double value)
{
    return rule->when == ABOVE   ? value > rule->bound
           : rule->when == BELOW ? value < rule->bound
                                 : fabs(value) > rule->bound;
}

static void rule_tell(struct findings *findings, const struct reading_rule *rule,
                      const Auth__Service *service, double value)
{
    if (rule->unit > 0)
        findings_add(findings, rule->verdict, rule->todo, "%s %.*s: %s %.4g", service->name, ID_SHOWN,
                     service->id, rule->what, value / rule->unit);
    else
        findings_add(findings, rule->verdict, rule->todo, "%s %.*s: %s", service->name, ID_SHOWN, service->id,
                     rule->what);
}

// Of how many processes there is a reading.
static size_t rule_judge(struct findings *findings, const struct reading_rule *rule,
                         const Auth__ListServicesReply *told)
{
    size_t count = 0;
    double value;
    for (size_t i = 0; i < told->n_services; i++) {
        if (!find_reading(told->services[i], rule->metric, &value)) continue;
        count++;
        if (rule_meets(rule, value)) rule_tell(findings, rule, told->services[i], value);
    }
    return count;
}

static void judge_rules(struct findings *findings, const Auth__ListServicesReply *told)
{
    for (size_t i = 0; i < RULES;) {
        const char *check = rules[i].check;
        size_t most = 0;
        findings_begin(findings, check);
        for (; i < RULES && strcmp(rules[i].check, check) == 0; i++) {
            size_t count = rule_judge(findings, &rules[i], told);
            if (count > most) most = count;
        }
        if (most)
            findings_end(findings, "of %zu processes none is beyond its bound", most);
        else
            findings_end(findings, "no process has to do with it");
    }
}

// ---- What needs more than one number

static void judge_files(struct findings *findings, const Auth__ListServicesReply *told)
{
    double open, most;
    findings_begin(findings, "open files");
    for (size_t i = 0; i < told->n_services; i++) {
        const Auth__Service *service = told->services[i];
        if (!find_reading(service, "process_open_fds", &open) ||
            !find_reading(service, "process_max_fds", &most) || open <= 0.8 * most)
            continue;
        findings_add(findings, VERDICT_FAILED, RUNBOOK "consefilesfew", "%s %.*s has %.0f of %.0f open files",
                     service->name, ID_SHOWN, service->id, open, most);
    }
    findings_end(findings, "no process has 80 %% of those that it may");
}

static void judge_certificates_of(struct findings *findings, const Auth__ListServicesReply *told,
                                  const char *metric, const char *whose, int64_t now_ms, double *soonest)
{
    double end_s;
    for (size_t i = 0; i < told->n_services; i++) {
        const Auth__Service *service = told->services[i];
        if (!find_reading(service, metric, &end_s)) continue;
        double days = (end_s - (double)now_ms / 1000) / DAY_S;
        if (days < *soonest) *soonest = days;
        if (days < CERTIFICATE_DAYS)
            findings_add(findings, VERDICT_FAILED, RUNBOOK "consecertificateends",
                         days < 0 ? "the certificate%s of %s %.*s ended %.1f days ago"
                                  : "the certificate%s of %s %.*s ends in %.1f days",
                         whose, service->name, ID_SHOWN, service->id, fabs(days));
    }
}

static void judge_certificates(struct findings *findings, const Auth__ListServicesReply *told, int64_t now_ms)
{
    double soonest = INFINITY;
    findings_begin(findings, "certificate");
    judge_certificates_of(findings, told, "conse_tls_certificate_end_timestamp_seconds", "", now_ms,
                          &soonest);
    judge_certificates_of(findings, told, "conse_bus_certificate_end_timestamp_seconds",
                          " for other services", now_ms, &soonest);
    if (isinf(soonest))
        findings_end(findings, "no gateway ends TLS: look at the one of what stands before them");
    else
        findings_end(findings, "%.0f days are left", soonest);
}

static void judge_wallet_of(struct findings *findings, const Auth__Service *service)
{
    double has, owes, takes_money;
    if (!find_reading(service, "conse_chain_authority_lamports", &has) ||
        !find_reading(service, "conse_chain_cluster_takes_money", &takes_money))
        return;
    if (has <= 0 && takes_money < 1) return; // it was not read yet
    if (has < LAMPORTS_LEAST)
        findings_add(findings, VERDICT_FAILED, RUNBOOK "conseauthoritylow", "the wallet has %.4g SOL left",
                     has / LAMPORTS);
    if (find_reading(service, "conse_chain_credit_lamports", &owes) && has < owes)
        findings_add(findings, VERDICT_FAILED, RUNBOOK "consecredituncovered",
                     "the wallet has %.4g SOL, and people %.4g SOL of credit", has / LAMPORTS,
                     owes / LAMPORTS);
}

static void judge_wallet(struct findings *findings, const Auth__ListServicesReply *told)
{
    findings_begin(findings, "wallet");
    for (size_t i = 0; i < told->n_services; i++) judge_wallet_of(findings, told->services[i]);
    findings_end(findings, "it has what is needed, if there is one");
}

static void judge_commits(struct findings *findings, const Auth__ListServicesReply *told)
{
    findings_begin(findings, "commits");
    for (size_t i = 0; i < told->n_services; i++) {
        const Auth__Service *service = told->services[i];
        if (service->health && service->health->commit_p99_us > COMMIT_US)
            findings_add(findings, VERDICT_WARNING, RUNBOOK "consecommitsslow",
                         "%s %.*s: one of a hundred writes takes more than %.2g s until it is durable",
                         service->name, ID_SHOWN, service->id,
                         (double)service->health->commit_p99_us / 1000000);
    }
    findings_end(findings, "writes are durable within %.2g s", COMMIT_US / 1e6);
}

void judge_readings(struct findings *findings, const Auth__ListServicesReply *told, int64_t now_ms)
{
    judge_rules(findings, told);
    judge_files(findings, told);
    judge_certificates(findings, told, now_ms);
    judge_wallet(findings, told);
    judge_commits(findings, told);
}
