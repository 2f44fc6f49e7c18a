// What a database's URL may say.
#include "lib/store/mongo/mongo.h"
#include "tests/test.h"

static bool parses(const char *place, struct err *err)
{
    mongoc_uri_t *uri;
    char filler[40];
    if (!mongo_uri_parse(place, &uri, filler, err)) return false;
    mongoc_uri_destroy(uri);
    return true;
}

static void a_url_names_a_database(void **state)
{
    struct err err;
    (void)state;
    assert_true(parses("://127.0.0.1/conse", &err));
    assert_true(
        parses("://u:p@a.example,b.example:27018/conse?replicaSet=r&tls=true&authSource=admin", &err));
    assert_false(parses("://127.0.0.1", &err));
    assert_non_null(strstr(err.message, "names no database"));
    assert_false(parses("://127.0.0.1/", &err));
    assert_false(parses("://:@@/x", &err));
}

static void what_weakens_reads_or_writes_is_refused_by_name(void **state)
{
    static const char *const weak[] = {
        "w=1",
        "w=0",
        "W=1",
        "w=2",
        "journal=false",
        "readPreference=secondaryPreferred",
        "readpreference=nearest",
        "readConcernLevel=local",
        "readConcernLevel=available",
        "retryWrites=true",
        "slaveOk=true",
        "safe=false",
        "tlsInsecure=true",
        "tlsAllowInvalidCertificates=true",
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        char place[128];
        snprintf(place, sizeof place, "://127.0.0.1/conse?replicaSet=r&%s&appName=x", weak[i]);
        if (parses(place, &err)) fail_msg("%s is accepted", weak[i]);
        if (!strstr(err.message, weak[i])) fail_msg("%s is not named: %s", weak[i], err.message);
    }
}

static void what_is_as_strong_is_accepted(void **state)
{
    struct err err;
    (void)state;
    assert_true(parses("://127.0.0.1/conse?w=majority&journal=true&readPreference=primary&"
                       "readConcernLevel=majority&retryWrites=false",
                       &err));
}

static void times_are_set_unless_the_url_has_its_own(void **state)
{
    struct err err;
    mongoc_uri_t *uri;
    char filler[40];
    (void)state;
    assert_true(mongo_uri_parse("://127.0.0.1/conse?socketTimeoutMS=4000", &uri, filler, &err));
    assert_int_equal(mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 0), 3000);
    assert_int_equal(mongoc_uri_get_option_as_int32(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, 0), 1000);
    assert_int_equal(mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, 0), 4000);
    assert_false(mongoc_uri_get_option_as_bool(uri, MONGOC_URI_RETRYWRITES, true));
    assert_string_equal(filler, "");
    mongoc_uri_destroy(uri);
}

static void who_fills_a_store_says_so_behind_its_url(void **state)
{
    struct err err;
    mongoc_uri_t *uri;
    char filler[40];
    (void)state;
    assert_true(mongo_uri_parse("://127.0.0.1/conse#filling=abc", &uri, filler, &err));
    assert_string_equal(filler, "abc");
    assert_string_equal(mongoc_uri_get_database(uri), "conse");
    mongoc_uri_destroy(uri);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_names_a_database),
        cmocka_unit_test(what_weakens_reads_or_writes_is_refused_by_name),
        cmocka_unit_test(what_is_as_strong_is_accepted),
        cmocka_unit_test(times_are_set_unless_the_url_has_its_own),
        cmocka_unit_test(who_fills_a_store_says_so_behind_its_url),
    };
    struct err err;
    if (!mongo_library_start(&err)) return fprintf(stderr, "%s\n", err.message), 1;
    return cmocka_run_group_tests_name("store: a database's URL", tests, NULL, NULL);
}
