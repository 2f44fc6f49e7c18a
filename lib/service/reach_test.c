#include "lib/service/reach.h"
#include "tests/test.h"

static const struct reach here = {"/data", "/run", false}, anywhere = {"/data", "/run", true};

static const char *const variables[] = {"CONSE_AUTH_LISTEN", "CONSE_AUTH_SLOW_LISTEN", "CONSE_AUTH_BUS",
                                        "CONSE_AUTH_PEERS",  "CONSE_AUTH_SLOW_PEERS",  "CONSE_AUTH_TOPICS",
                                        "CONSE_AUTH_STORE",  "CONSE_AUTH_STORE_FILE",  "CONSE_STORE",
                                        "CONSE_STORE_FILE"};

static int clear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
    return 0;
}

static void assert_peers(const char *wanted)
{
    char out[REACH_BYTES];
    struct err err = {0};
    if (!reach_peers(&anywhere, "auth", out, sizeof out, &err)) fail_msg("%s", err.message);
    assert_string_equal(out, wanted);
}

static void assert_topics(const char *wanted)
{
    char out[REACH_BYTES];
    struct err err = {0};
    if (!reach_topics(&anywhere, "auth", out, sizeof out, &err)) fail_msg("%s", err.message);
    assert_string_equal(out, wanted);
}

static void assert_own(const char *what, const char *wanted)
{
    char out[REACH_BYTES];
    struct err err = {0};
    if (!reach_own(&anywhere, "auth", what, out, sizeof out, &err)) fail_msg("%s", err.message);
    assert_string_equal(out, wanted);
}

static void without_settings_all_are_sockets_of_the_folder(void **state)
{
    (void)state;
    assert_own("LISTEN", "ipc:///run/auth.ipc");
    assert_own("BUS", "ipc:///run/auth-bus.ipc");
    assert_peers("ipc:///run/auth.ipc");
    assert_topics("ipc:///run/auth-bus.ipc");
}

static void where_it_listens_is_dialled_when_nothing_else_is_said(void **state)
{
    (void)state;
    setenv("CONSE_AUTH_LISTEN", "tcp://auth:7451", 1);
    setenv("CONSE_AUTH_BUS", "tcp://auth:7453", 1);
    assert_peers("tcp://auth:7451");
    assert_topics("tcp://auth:7453");
    setenv("CONSE_AUTH_SLOW_LISTEN", "tcp://auth:7460", 1);
    assert_peers("tcp://auth:7451 tcp://auth:7460");
}

static void listening_and_dialling_are_apart(void **state)
{
    (void)state;
    setenv("CONSE_AUTH_LISTEN", "tcp://0.0.0.0:7451", 1);
    setenv("CONSE_AUTH_SLOW_LISTEN", "tcp://0.0.0.0:7460", 1);
    setenv("CONSE_AUTH_BUS", "tcp://0.0.0.0:7453", 1);
    setenv("CONSE_AUTH_PEERS", "tcp://auth:7451", 1);
    setenv("CONSE_AUTH_TOPICS", "tcp://auth:7453", 1);
    assert_own("LISTEN", "tcp://0.0.0.0:7451");
    assert_own("SLOW_LISTEN", "tcp://0.0.0.0:7460");
    assert_own("BUS", "tcp://0.0.0.0:7453");
    assert_peers("tcp://auth:7451"); // their slow ones are beside them
    assert_topics("tcp://auth:7453");
    setenv("CONSE_AUTH_SLOW_PEERS", "tcp://auth:7460", 1);
    assert_peers("tcp://auth:7451 tcp://auth:7460");
    setenv("CONSE_AUTH_PEERS", "tcp://a:1,tcp://b:1", 1);
    setenv("CONSE_AUTH_SLOW_PEERS", "tcp://a:9,tcp://b:8", 1);
    assert_peers("tcp://a:1 tcp://a:9,tcp://b:1 tcp://b:8");
}

static void assert_refused(const struct reach *reach, const char *variable, const char *value)
{
    char out[REACH_BYTES];
    struct err err = {0};
    bool topics = strstr(variable, "TOPICS");
    setenv(variable, value, 1);
    assert_false(topics ? reach_topics(reach, "auth", out, sizeof out, &err)
                        : reach_peers(reach, "auth", out, sizeof out, &err));
    if (!strstr(err.message, variable)) fail_msg("no %s in \"%s\"", variable, err.message);
    unsetenv(variable);
}

static void a_refusal_names_the_variable(void **state)
{
    (void)state;
    assert_refused(&here, "CONSE_AUTH_LISTEN", "tcp://auth:7451");
    assert_refused(&here, "CONSE_AUTH_PEERS", "ipc:///run/auth.ipc,tcp://auth:7451");
    assert_refused(&here, "CONSE_AUTH_SLOW_PEERS", "ipc:///elsewhere/auth.ipc");
    assert_refused(&here, "CONSE_AUTH_TOPICS", "tcp://auth:7453");
    setenv("CONSE_AUTH_PEERS", "tcp://a:1,tcp://b:1", 1);
    assert_refused(&anywhere, "CONSE_AUTH_SLOW_PEERS", "tcp://a:9");
    assert_refused(&anywhere, "CONSE_AUTH_SLOW_PEERS", "tcp://a:9,tcp://c:9");
    static char many[REACH_BYTES + 8];
    memset(many, 'a', sizeof many - 1);
    assert_refused(&anywhere, "CONSE_AUTH_PEERS", many);
}

static void a_process_that_listens_everywhere_is_found_at_its_machine(void **state)
{
    (void)state;
    char self[64];
    static const char *const same[] = {"ipc:///run/auth.ipc", "tcp://10.0.0.5:7451", "tcp://auth:7451",
                                       "inproc://auth"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        reach_self(same[i], self, sizeof self);
        assert_string_equal(self, same[i]);
    }
    static const char *const anywhere_at_all[] = {"tcp://0.0.0.0:7451", "tcp://*:7451", "tcp://:7451"};
    for (size_t i = 0; i < sizeof anywhere_at_all / sizeof *anywhere_at_all; i++) {
        int a, b, c, d, port, end = 0;
        reach_self(anywhere_at_all[i], self, sizeof self);
        assert_int_equal(sscanf(self, "tcp://%d.%d.%d.%d:%d%n", &a, &b, &c, &d, &port, &end), 5);
        assert_int_equal(port, 7451);
        assert_true(a > 0 && !self[end]);
    }
}

// ---- The store

static void assert_store(const char *general, const char *own, const char *wanted)
{
    char out[REACH_BYTES];
    struct err err = {0};
    const struct reach_store store = {general, own};
    if (!reach_store_url(&here, &store, "auth", out, sizeof out, &err)) fail_msg("%s", err.message);
    assert_string_equal(out, wanted);
}

static void each_service_has_a_store_of_its_own(void **state)
{
    (void)state;
    assert_store("sqlite:", "", "sqlite:/data/auth.db");
    assert_store("sqlite:/x.db", "", "sqlite:/x.db");
    assert_store("sqlite:/x.db", "sqlite:", "sqlite:/data/auth.db");
    assert_store("mongodb://h", "", "mongodb://h/auth");
    assert_store("mongodb://h/", "", "mongodb://h/auth");
    assert_store("mongodb://h,i:2/?replicaSet=r", "", "mongodb://h,i:2/auth?replicaSet=r");
    assert_store("mongodb://h?tls=true", "", "mongodb://h/auth?tls=true");
    assert_store("mongodb+srv://h/conse", "", "mongodb+srv://h/conse_auth");
    assert_store("sqlite:", "mongodb://h", "mongodb://h/auth");
    assert_store("mongodb://h/conse", "mongodb://i/mine?x=y", "mongodb://i/mine?x=y");
}

// MongoDB looks a user up in the database of the URL, or in admin: our name there changes nothing about it.
static void a_user_is_looked_up_where_the_url_said(void **state)
{
    (void)state;
    assert_store("mongodb://u:p@h", "", "mongodb://u:p@h/auth?authSource=admin");
    assert_store("mongodb://u:p@h/?w=majority", "", "mongodb://u:p@h/auth?w=majority&authSource=admin");
    assert_store("mongodb://u:p@h/conse", "", "mongodb://u:p@h/conse_auth?authSource=conse");
    assert_store("mongodb://u:p@h/?authSource=x", "", "mongodb://u:p@h/auth?authSource=x");
    assert_store("mongodb://u:p@h/?authMechanism=SCRAM-SHA-256", "",
                 "mongodb://u:p@h/auth?authMechanism=SCRAM-SHA-256&authSource=admin");
    assert_store("mongodb://u@h/?authMechanism=MONGODB-X509", "",
                 "mongodb://u@h/auth?authMechanism=MONGODB-X509");
}

static void assert_found(const char *wanted)
{
    char out[REACH_BYTES];
    struct err err = {0};
    if (!reach_store_find(&here, "auth", out, sizeof out, &err)) fail_msg("%s", err.message);
    assert_string_equal(out, wanted);
}

static void the_url_may_be_in_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/conse-reach-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "mongodb://u:p@h/mine\n", 21), 21);
    close(fd);
    assert_found("sqlite:/data/auth.db");
    setenv("CONSE_STORE", "mongodb://g", 1);
    assert_found("mongodb://g/auth");
    setenv("CONSE_AUTH_STORE", "mongodb://own", 1);
    assert_found("mongodb://own/auth");
    setenv("CONSE_AUTH_STORE_FILE", path, 1);
    assert_found("mongodb://u:p@h/mine");
    unlink(path);
    char out[REACH_BYTES];
    struct err err = {0};
    assert_false(reach_store_find(&here, "auth", out, sizeof out, &err));
    assert_non_null(strstr(err.message, "CONSE_AUTH_STORE_FILE"));
}

#define CLEARED(test) cmocka_unit_test_setup(test, clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLEARED(without_settings_all_are_sockets_of_the_folder),
        CLEARED(where_it_listens_is_dialled_when_nothing_else_is_said),
        CLEARED(listening_and_dialling_are_apart),
        CLEARED(a_refusal_names_the_variable),
        CLEARED(a_process_that_listens_everywhere_is_found_at_its_machine),
        CLEARED(each_service_has_a_store_of_its_own),
        CLEARED(a_user_is_looked_up_where_the_url_said),
        CLEARED(the_url_may_be_in_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
