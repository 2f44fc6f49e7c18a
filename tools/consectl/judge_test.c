#include "tools/consectl/judge.h"

#include "lib/base/version.h"
#include "tests/test.h"

enum { PROCESSES = 5 };

// An installation that is well; each test changes something.
struct world {
    struct arena arena;
    struct findings findings;
    Auth__ListServicesReply told;
    Auth__Service processes[PROCESSES], *all[PROCESSES];
    Replica__Health health[PROCESSES];
    Replica__Health__Reading readings[PROCESSES][20], *read[PROCESSES][20];
    char ids[PROCESSES][33];
};

static const int64_t NOW_MS = 1800000000000;
static const char *const names[PROCESSES] = {"ai", "auth", "chain", "events", "gateway"};
enum { AI, AUTH, CHAIN, EVENTS, GATEWAY };

static void measure(struct world *world, size_t process, const char *metric, double value)
{
    Replica__Health *health = &world->health[process];
    for (size_t i = 0; i < health->n_readings; i++)
        if (strcmp(health->readings[i]->name, metric) == 0) {
            world->readings[process][i].value = value;
            return;
        }
    size_t at = health->n_readings++;
    replica__health__reading__init(&world->readings[process][at]);
    world->readings[process][at].name = metric;
    world->readings[process][at].value = value;
    world->read[process][at] = &world->readings[process][at];
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    arena_init(&world->arena, 4 << 20);
    world->findings.arena = &world->arena;
    auth__list_services_reply__init(&world->told);
    world->told.services = world->all;
    world->told.n_services = PROCESSES;
    for (size_t i = 0; i < PROCESSES; i++) {
        Auth__Service *process = world->all[i] = &world->processes[i];
        auth__service__init(process);
        replica__health__init(&world->health[i]);
        snprintf(world->ids[i], sizeof world->ids[i], "%zu0123456789abcdef0123456789abcde", i);
        process->id = world->ids[i];
        process->name = names[i];
        process->version = "1.2.3";
        process->commit = CONSE_COMMIT;
        process->ready = true;
        process->health = &world->health[i];
        world->health[i].readings = world->read[i];
        measure(world, i, "conse_clock_offset_seconds", 0.4);
        measure(world, i, "conse_peers_left_out", 0);
        measure(world, i, "process_open_fds", 79);
        measure(world, i, "process_max_fds", 100);
        measure(world, i, "process_resident_memory_bytes", 800e6);
    }
    measure(world, EVENTS, "conse_store_full", 0);
    measure(world, GATEWAY, "conse_revocations_age_seconds", 10);
    measure(world, GATEWAY, "conse_stream_viewers", 8000);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    arena_finish(&world->arena);
    free(world);
    return 0;
}

static void judge_all(struct world *world)
{
    world->findings.count = world->findings.failed = world->findings.warnings = 0;
    judge_processes(&world->findings, &world->told);
    judge_readings(&world->findings, &world->told, NOW_MS);
}

// That this one thing is found, as it is to be told.
static void assert_only(struct world *world, const char *check, enum verdict verdict, const char *saw,
                        const char *todo)
{
    const struct finding *found = NULL;
    size_t others = 0;
    for (size_t i = 0; i < world->findings.count; i++) {
        const struct finding *finding = &world->findings.all[i];
        if (finding->verdict == VERDICT_OK) continue;
        if (!found && strcmp(finding->check, check) == 0)
            found = finding;
        else
            others++;
    }
    assert_non_null(found);
    if (!found) return;
    assert_int_equal(found->verdict, verdict);
    if (!strstr(found->saw, saw)) fail_msg("%s is not in: %s", saw, found->saw);
    assert_string_equal(found->todo, todo);
    assert_int_equal(others, 0);
}

static void judge_and_find(struct world *world, const char *check, enum verdict verdict, const char *saw,
                           const char *todo)
{
    judge_all(world);
    assert_only(world, check, verdict, saw, todo);
}

static void assert_well(struct world *world)
{
    judge_all(world);
    for (size_t i = 0; i < world->findings.count; i++)
        if (world->findings.all[i].verdict != VERDICT_OK) fail_msg("%s", world->findings.all[i].saw);
    assert_true(world->findings.count >= 15); // each check says something
}

static void an_installation_that_is_well_has_no_findings(void **state) { assert_well(*state); }

static void a_service_without_a_process_is_found(void **state)
{
    struct world *world = *state;
    world->told.n_services = GATEWAY;
    judge_and_find(world, "living", VERDICT_FAILED, "no process of gateway", "docs/runbooks.md#consedown");
}

static void who_is_not_ready_is_found(void **state)
{
    struct world *world = *state;
    world->processes[CHAIN].ready = false;
    judge_and_find(world, "ready", VERDICT_FAILED, "chain 20123456 is not ready",
                   "docs/runbooks.md#consedown");
    world->processes[CHAIN].health = NULL;
    judge_and_find(world, "ready", VERDICT_WARNING, "chain 20123456 does not say how it does",
                   "docs/runbooks.md#conseversionsdiffer");
}

static void versions_that_differ_are_found(void **state)
{
    struct world *world = *state;
    world->processes[EVENTS].commit = "0ther";
    judge_and_find(world, "versions", VERDICT_FAILED, "events 30123456 is 1.2.3 (0ther), and ai 00123456 is",
                   "docs/runbooks.md#conseversionsdiffer");
    for (size_t i = 0; i < PROCESSES; i++) world->processes[i].commit = "0ther";
    judge_and_find(world, "versions", VERDICT_WARNING, "this consectl is of",
                   "docs/runbooks.md#conseversionsdiffer");
}

static void what_is_beyond_its_bound_is_found(void **state)
{
    static const struct {
        const char *metric;
        double well, ill;
        const char *check;
        enum verdict verdict;
        const char *saw, *todo;
    } cases[] = {
        {"conse_clock_offset_seconds", 0.5, 0.6, "clocks", VERDICT_FAILED, "ahead of most: 0.6",
         "docs/runbooks.md#conseclockoff"},
        {"conse_clock_offset_seconds", -0.5, -2, "clocks", VERDICT_FAILED, "ahead of most: -2",
         "docs/runbooks.md#conseclockoff"},
        {"conse_peers_left_out", 0, 3, "peers", VERDICT_FAILED, "64: 3",
         "docs/runbooks.md#consepeersleftout"},
        {"conse_consumer_lag_seconds", 59, 61, "followers", VERDICT_FAILED, "61",
         "docs/runbooks.md#conseconsumerbehind"},
        {"conse_store_full", 0, 1, "room", VERDICT_FAILED, "507", "docs/runbooks.md#consestorefull"},
        {"conse_rpc_errors_total{reason=\"STORE_CORRUPT\"}", 0, 1, "entries", VERDICT_FAILED, ": 1",
         "docs/runbooks.md#consestorecorrupt"},
        {"conse_revocations_age_seconds", 10, 11, "revocations", VERDICT_FAILED, ": 11",
         "docs/runbooks.md#conserevocationsstale"},
        {"conse_stream_viewers", 8000, 8001, "streams", VERDICT_WARNING, ": 8001",
         "docs/runbooks.md#consestreamsmany"},
        {"process_resident_memory_bytes", 800e6, 900e6, "memory", VERDICT_WARNING, ": 900",
         "docs/runbooks.md#consememoryhigh"},
        {"conse_chain_cluster_takes_money", 1, 0, "cluster", VERDICT_FAILED, "no hold in LAMPORTS ends",
         "docs/runbooks.md#conseclusteraway"},
        {"conse_chain_cluster_set_apart", 0, 2, "refunds", VERDICT_FAILED, ": 2",
         "docs/runbooks.md#conserefundswait"},
        {"conse_chain_cluster_stuck", 0, 2, "refunds", VERDICT_FAILED, ": 2",
         "docs/runbooks.md#conserefundsstuck"},
        {"conse_discord_token_refused", 0, 1, "discord", VERDICT_FAILED, "refuses", "docs/discord.md"},
        {"process_open_fds", 80, 81, "open files", VERDICT_FAILED, "81 of 100",
         "docs/runbooks.md#consefilesfew"},
        {"conse_tls_certificate_end_timestamp_seconds", 1800000000 + 14 * 86400, 1800000000 + 3 * 86400,
         "certificate", VERDICT_FAILED, "ends in 3.0 days", "docs/runbooks.md#consecertificateends"},
        {"conse_tls_certificate_end_timestamp_seconds", 1900000000, 1800000000 - 86400, "certificate",
         VERDICT_FAILED, "ended 1.0 days ago", "docs/runbooks.md#consecertificateends"},
        {"conse_bus_certificate_end_timestamp_seconds", 1900000000, 1800000000 + 3 * 86400, "certificate",
         VERDICT_FAILED, "for other services of", "docs/runbooks.md#consecertificateends"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        measure(world, CHAIN, cases[i].metric, cases[i].well);
        assert_well(world);
        measure(world, CHAIN, cases[i].metric, cases[i].ill);
        judge_and_find(world, cases[i].check, cases[i].verdict, cases[i].saw, cases[i].todo);
        measure(world, CHAIN, cases[i].metric, cases[i].well);
    }
}

static void a_wallet_that_has_too_little_is_found(void **state)
{
    struct world *world = *state;
    measure(world, CHAIN, "conse_chain_cluster_takes_money", 1);
    measure(world, CHAIN, "conse_chain_credit_lamports", 5e9);
    measure(world, CHAIN, "conse_chain_authority_lamports", 5e9);
    assert_well(world);
    measure(world, CHAIN, "conse_chain_authority_lamports", 4e9);
    judge_and_find(world, "wallet", VERDICT_FAILED, "has 4 SOL, and people 5 SOL",
                   "docs/runbooks.md#consecredituncovered");
    measure(world, CHAIN, "conse_chain_credit_lamports", 0);
    measure(world, CHAIN, "conse_chain_authority_lamports", 50e6);
    judge_and_find(world, "wallet", VERDICT_FAILED, "has 0.05 SOL left",
                   "docs/runbooks.md#conseauthoritylow");
}

// Before the node was asked it stands at 0, which says nothing.
static void a_wallet_that_was_not_read_is_not_judged(void **state)
{
    struct world *world = *state;
    measure(world, CHAIN, "conse_chain_cluster_takes_money", 0);
    measure(world, CHAIN, "conse_chain_authority_lamports", 0);
    judge_and_find(world, "cluster", VERDICT_FAILED, "away", "docs/runbooks.md#conseclusteraway");
}

static void slow_commits_are_warned_of(void **state)
{
    struct world *world = *state;
    world->health[EVENTS].commit_p99_us = 250000;
    assert_well(world);
    world->health[EVENTS].commit_p99_us = 500000;
    judge_and_find(world, "commits", VERDICT_WARNING, "more than 0.5 s", "docs/runbooks.md#consecommitsslow");
}

// ---- Several that share a store

static void judge_two(struct world *world, bool shared, size_t leases)
{
    Replica__ListReply listed = REPLICA__LIST_REPLY__INIT;
    Replica__Process one = REPLICA__PROCESS__INIT, two = REPLICA__PROCESS__INIT, *both[] = {&one, &two};
    const char *held[] = {"timers"};
    listed.service = "events";
    listed.shared = shared;
    listed.processes = both;
    listed.n_processes = 2;
    one.id = world->ids[EVENTS];
    one.address = "tcp://one:7451";
    one.leases = held;
    one.n_leases = leases;
    two.id = "unheard";
    two.address = "tcp://two:7451";
    world->findings.count = 0;
    findings_begin(&world->findings, "replicas");
    judge_replicas(&world->findings, &listed, &world->told);
    findings_end(&world->findings, "well");
}

static void who_reaches_the_store_and_not_auth_is_found(void **state)
{
    struct world *world = *state;
    judge_two(world, true, 1);
    assert_only(world, "replicas", VERDICT_FAILED,
                "events at tcp://two:7451 lives, and auth does not hear of it", "docs/runbooks.md#consedown");
    judge_two(world, false, 0); // a store of one
    assert_int_equal(world->findings.all[0].verdict, VERDICT_OK);
}

static void that_nobody_does_what_one_does_for_all_is_found(void **state)
{
    struct world *world = *state;
    world->processes[GATEWAY].id = "unheard";
    judge_two(world, true, 0);
    assert_only(world, "replicas", VERDICT_FAILED, "no process of events has taken on",
                "docs/runbooks.md#consedown");
}

// ---- Settings

static void judge_queues(struct world *world, const char *name, const char *one, const char *two)
{
    Auth__ListConfigReply told = AUTH__LIST_CONFIG_REPLY__INIT;
    Auth__ServiceConfig configs[3], *all[3];
    Auth__ServiceConfig__Setting settings[3], *set[3];
    for (size_t i = 0; i < 3; i++) {
        auth__service_config__init(all[i] = &configs[i]);
        auth__service_config__setting__init(set[i] = &settings[i]);
        configs[i].id = world->ids[i];
        configs[i].name = i == 2 ? "gateway" : "ai";
        configs[i].settings = &set[i];
        configs[i].n_settings = 1;
        settings[i].name = name;
        settings[i].value = i == 0 ? one : two;
    }
    told.services = all;
    told.n_services = 3;
    world->findings.count = world->findings.failed = world->findings.warnings = 0;
    judge_settings(&world->findings, &told);
}

static void settings_that_differ_within_a_service_are_found(void **state)
{
    struct world *world = *state;
    judge_queues(world, "CONSE_AI_QUEUE", "256", "300");
    assert_only(world, "in force", VERDICT_FAILED,
                "CONSE_AI_QUEUE is 256 at ai 00123456, and 300 at 10123456",
                "docs/operations.md#before-a-start");
    static const char *const own[] = {"CONSE_AI_LISTEN", "CONSE_DATA", "CONSE_AI_ADMIN", "CONSE_LOG_LEVEL"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        judge_queues(world, own[i], "a", "b");
        assert_int_equal(world->findings.failed + world->findings.warnings, 0);
    }
}

static void what_is_for_trying_is_warned_of(void **state)
{
    struct world *world = *state;
    judge_queues(world, "CONSE_SANDBOX", "off", "off");
    assert_int_equal(world->findings.failed, 0);
    assert_int_equal(world->findings.warnings, 3);
    assert_non_null(strstr(world->findings.all[0].saw, "CONSE_SANDBOX is off at ai 00123456"));
}

// ---- As it is told

static char *printed(void (*print)(const struct findings *findings, FILE *out), const struct world *world)
{
    char *text;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    print(&world->findings, out);
    fclose(out);
    return text;
}

static void findings_are_told_as_lines_or_as_json(void **state)
{
    struct world *world = *state;
    findings_begin(&world->findings, "clocks");
    findings_end(&world->findings, "all %d agree", 5);
    findings_begin(&world->findings, "room");
    findings_add(&world->findings, VERDICT_WARNING, "docs/x.md#y", "little is \"left\"");
    findings_add(&world->findings, VERDICT_FAILED, "docs/x.md#y", "none");
    findings_end(&world->findings, "much");
    char *text = printed(findings_print, world);
    assert_string_equal(text, "ok       clocks       all 5 agree\n"
                              "warning  room         little is \"left\"\n"
                              "                      -> docs/x.md#y\n"
                              "failed   room         none\n"
                              "                      -> docs/x.md#y\n"
                              "2 checks: 1 failed, 1 warnings\n");
    free(text);
    text = printed(findings_print_json, world);
    assert_string_equal(
        text, "{\"status\":\"failed\",\"findings\":[{\"check\":\"clocks\",\"status\":\"ok\",\"saw\":\"all 5 "
              "agree\",\"todo\":\"\"},"
              "{\"check\":\"room\",\"status\":\"warning\",\"saw\":\"little is "
              "\\\"left\\\"\",\"todo\":\"docs/x.md#y\"},"
              "{\"check\":\"room\",\"status\":\"failed\",\"saw\":\"none\",\"todo\":\"docs/x.md#y\"}]}\n");
    free(text);
}

static void more_than_there_is_room_for_still_counts(void **state)
{
    struct world *world = *state;
    findings_begin(&world->findings, "many");
    for (int i = 0; i < FINDINGS_MOST + 10; i++) findings_add(&world->findings, VERDICT_FAILED, "", "%d", i);
    assert_int_equal(world->findings.count, FINDINGS_MOST);
    assert_int_equal(world->findings.failed, FINDINGS_MOST + 10);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_installation_that_is_well_has_no_findings),
        T(a_service_without_a_process_is_found),
        T(who_is_not_ready_is_found),
        T(versions_that_differ_are_found),
        T(what_is_beyond_its_bound_is_found),
        T(a_wallet_that_has_too_little_is_found),
        T(a_wallet_that_was_not_read_is_not_judged),
        T(slow_commits_are_warned_of),
        T(who_reaches_the_store_and_not_auth_is_found),
        T(that_nobody_does_what_one_does_for_all_is_found),
        T(settings_that_differ_within_a_service_are_found),
        T(what_is_for_trying_is_warned_of),
        T(findings_are_told_as_lines_or_as_json),
        T(more_than_there_is_room_for_still_counts),
    };
    return cmocka_run_group_tests_name("consectl doctor: what it judges", tests, NULL, NULL);
}
