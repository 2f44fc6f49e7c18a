#include "tools/conse-up/plan.h"
#include "tests/test.h"

static const char *const variables[] = {
    "CONSE_LISTEN",        "CONSE_GATEWAY_ADMIN", "CONSE_AUTH_ADMIN",      "CONSE_EVENTS_ADMIN",
    "CONSE_STORE",         "CONSE_STORE_FILE",    "CONSE_AUTH_STORE",      "CONSE_EVENTS_STORE",
    "CONSE_DATA",          "CONSE_RUN",           "CONSE_AUTH_LISTEN",     "CONSE_AUTH_SLOW_LISTEN",
    "CONSE_AUTH_BUS",      "CONSE_AUTH_PEERS",    "CONSE_AUTH_SLOW_PEERS", "CONSE_AUTH_TOPICS",
    "CONSE_EVENTS_LISTEN", "CONSE_EVENTS_PEERS",  "CONSE_EVENTS_BUS",      "CONSE_EVENTS_TOPICS",
    "CONSE_CHAIN_ADMIN",   "CONSE_CHAIN_STORE",   "CONSE_CHAIN_LISTEN",    "CONSE_CHAIN_PEERS",
    "CONSE_CHAIN_BUS",     "CONSE_CHAIN_TOPICS",  "CONSE_AI_ADMIN",        "CONSE_AI_STORE",
    "CONSE_AI_LISTEN",     "CONSE_AI_PEERS",      "CONSE_AI_BUS",          "CONSE_AI_TOPICS"};

static struct plan plan;
static struct err err;

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    plan_finish(&plan);
    return 0;
}

// What a child is told, or NULL.
static const char *told(const struct child *child, const char *variable)
{
    size_t len = strlen(variable);
    for (int i = 0; i < child->told_count; i++)
        if (strncmp(child->told[i], variable, len) == 0 && child->told[i][len] == '=')
            return child->told[i] + len + 1;
    return NULL;
}

static const struct child *child_of(const char *name)
{
    for (int i = 0; i < plan.count; i++)
        if (strcmp(plan.children[i].name, name) == 0) return &plan.children[i];
    fail_msg("there is no %s", name);
    return NULL;
}

static void one_of_each_is_run_as_the_environment_says(void **state)
{
    (void)state;
    setenv("CONSE_LISTEN", "127.0.0.1:0", 1);
    setenv("CONSE_AUTH_ADMIN", "127.0.0.1:17442", 1);
    assert_true(plan_one(&plan, &err));
    assert_int_equal(plan.count, 5);
    assert_string_equal(plan.children[0].name, "gateway");
    assert_string_equal(child_of("auth")->admin, "127.0.0.1:17442");
    assert_string_equal(child_of("events")->admin, "127.0.0.1:7443");
    assert_string_equal(told(child_of("gateway"), "CONSE_LISTEN"), child_of("gateway")->listen);
    assert_int_equal(strncmp(child_of("gateway")->listen, "127.0.0.1:", 10), 0);
    assert_true(atoi(child_of("gateway")->listen + 10) > 0);
    assert_null(told(child_of("auth"), "CONSE_AUTH_LISTEN"));
    assert_null(getenv("CONSE_AUTH_PEERS"));
}

static void each_replica_has_addresses_that_all_are_told(void **state)
{
    (void)state;
    setenv("CONSE_STORE", "mongodb://127.0.0.1:27017", 1);
    setenv("CONSE_RUN", "/run/conse", 1);
    setenv("CONSE_LISTEN", "127.0.0.1:17438", 1);
    assert_true(plan_replicas(&plan, 3, &err));
    assert_int_equal(plan.count, 2 + 4 * 3);
    assert_string_equal(getenv("CONSE_AUTH_PEERS"),
                        "ipc:///run/conse/auth.ipc,ipc:///run/conse/auth-2.ipc,ipc:///run/conse/auth-3.ipc");
    assert_string_equal(getenv("CONSE_EVENTS_TOPICS"), "ipc:///run/conse/events-bus.ipc,ipc:///run/conse/"
                                                       "events-2-bus.ipc,ipc:///run/conse/events-3-bus.ipc");
    assert_string_equal(told(child_of("auth"), "CONSE_AUTH_LISTEN"), "ipc:///run/conse/auth.ipc");
    assert_string_equal(told(child_of("auth-3"), "CONSE_AUTH_LISTEN"), "ipc:///run/conse/auth-3.ipc");
    assert_string_equal(told(child_of("events-2"), "CONSE_EVENTS_BUS"), "ipc:///run/conse/events-2-bus.ipc");
    assert_string_equal(child_of("events-2")->program, "events");
    assert_string_equal(child_of("gateway")->listen, "127.0.0.1:17438");
    for (int i = 0; i < plan.count; i++)
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(plan.children[i].admin, plan.children[k].admin);
            if (*plan.children[i].listen)
                assert_string_not_equal(plan.children[i].listen, plan.children[k].listen);
        }
}

static void the_most_replicas_fit(void **state)
{
    (void)state;
    setenv("CONSE_STORE", "mongodb://127.0.0.1:27017", 1);
    assert_true(plan_replicas(&plan, PLAN_REPLICAS_MOST, &err));
    assert_int_equal(plan.count, PLAN_CHILDREN - 1); // and the cluster
}

static void assert_refused(const char *part)
{
    assert_false(plan_replicas(&plan, 2, &err));
    if (!strstr(err.message, part)) fail_msg("no %s in \"%s\"", part, err.message);
    assert_null(strchr(err.message, '\n'));
    plan_finish(&plan);
}

static void a_store_of_one_process_is_refused(void **state)
{
    (void)state;
    assert_refused("auth has sqlite:");
    setenv("CONSE_STORE", "sqlite:/somewhere.db", 1);
    assert_refused("auth has sqlite:");
    setenv("CONSE_STORE", "mongodb://127.0.0.1:27017", 1);
    setenv("CONSE_EVENTS_STORE", "sqlite:", 1);
    assert_refused("events has sqlite:");
    plan.count = 0;
}

static void addresses_in_the_environment_are_refused(void **state)
{
    (void)state;
    static const char *const own[] = {"CONSE_AUTH_LISTEN", "CONSE_AUTH_SLOW_LISTEN",
                                      "CONSE_AUTH_BUS",    "CONSE_AUTH_SLOW_PEERS",
                                      "CONSE_AUTH_PEERS",  "CONSE_EVENTS_TOPICS"};
    setenv("CONSE_STORE", "mongodb://127.0.0.1:27017", 1);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        unsetenv("CONSE_AUTH_PEERS"); // which an earlier plan has set
        unsetenv("CONSE_AUTH_TOPICS");
        setenv(own[i], "ipc:///run/conse/other.ipc", 1);
        assert_refused(own[i]);
        unsetenv(own[i]);
    }
    plan.count = 0;
}

#define CLEARED(test) cmocka_unit_test_setup_teardown(test, clear, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLEARED(one_of_each_is_run_as_the_environment_says),
        CLEARED(each_replica_has_addresses_that_all_are_told),
        CLEARED(the_most_replicas_fit),
        CLEARED(a_store_of_one_process_is_refused),
        CLEARED(addresses_in_the_environment_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
