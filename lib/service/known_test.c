#include "lib/service/known.h"
#include "tests/test.h"

static const struct config_var hat_vars[] = {
    {"CONSE_HAT_SIZE", CONFIG_INT, 0, "5", "how large", 0, 0, NULL},
    {"CONSE_HAT_TOKEN", CONFIG_SECRET, 0, "", "a secret", 0, 0, NULL},
    {0}};
static const struct config_var tool_vars[] = {{"CONSE_WHERE", CONFIG_TEXT, 0, "", "where", 0, 0, NULL}, {0}};
static const struct known_program programs[] = {
    {"hat", true, hat_vars}, {"door", false, NULL}, {NULL, false, tool_vars}, {0}};

static struct known *known;

static int make(void **state)
{
    (void)state;
    return (known = known_create(programs)) ? 0 : -1;
}

static int unmake(void **state)
{
    (void)state;
    known_destroy(known);
    return 0;
}

static void what_tables_have_is_known(void **state)
{
    (void)state;
    assert_true(known_has(known, "CONSE_HAT_SIZE"));
    assert_true(known_has(known, "CONSE_WHERE"));
    assert_true(known_has(known, "CONSE_LOG_LEVEL"));
    assert_true(known_has(known, "CONSE_HAT_STORE"));
    assert_true(known_has(known, "CONSE_HAT_WORKERS"));
    assert_true(known_has(known, "CONSE_DOOR_ADMIN"));
    assert_false(known_has(known, "CONSE_DOOR_WORKERS")); // it answers no calls
    assert_false(known_has(known, "CONSE_HAT"));
    assert_false(known_has(known, "CONSE_HAT_SIZES"));
}

static void secrets_alone_may_be_in_files(void **state)
{
    (void)state;
    assert_true(known_has(known, "CONSE_HAT_TOKEN_FILE"));
    assert_true(known_has(known, "CONSE_BUS_KEY_FILE"));
    assert_true(known_has(known, "CONSE_HAT_STORE_FILE"));
    assert_true(known_has(known, "CONSE_MASTER_KEY_FILE"));
    assert_false(known_has(known, "CONSE_MASTER_KEY"));
    assert_false(known_has(known, "CONSE_HAT_SIZE_FILE"));
}

static void the_nearest_name_is_found(void **state)
{
    (void)state;
    assert_string_equal(known_nearest(known, "CONSE_LOGLEVEL"), "CONSE_LOG_LEVEL");
    assert_string_equal(known_nearest(known, "CONSE_HAT_SIZ"), "CONSE_HAT_SIZE");
    assert_string_equal(known_nearest(known, "CONSE_HAT_TOKENFILE"), "CONSE_HAT_TOKEN_FILE");
    assert_string_equal(known_nearest(known, "CONSE_WHETE"), "CONSE_WHERE");
    char longest[KNOWN_NAME];
    memset(longest, 'X', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_true(known_has(known, known_nearest(known, longest)));
}

static void strangers_are_found_in_turn(void **state)
{
    (void)state;
    char *environment[] = {
        "PATH=/bin", "CONSE_HAT_SIZE=4", "CONSE_HAT_SISE=4", "CONSE=1", "CONSE_", "CONSE_LOGLEVEL=", NULL};
    char *const *at = environment;
    char name[KNOWN_NAME];
    assert_true(known_find_stranger(known, &at, name));
    assert_string_equal(name, "CONSE_HAT_SISE");
    assert_true(known_find_stranger(known, &at, name));
    assert_string_equal(name, "CONSE_");
    assert_true(known_find_stranger(known, &at, name));
    assert_string_equal(name, "CONSE_LOGLEVEL");
    assert_false(known_find_stranger(known, &at, name));
}

static void a_name_that_is_too_long_is_a_stranger(void **state)
{
    (void)state;
    char entry[400] = "CONSE_HAT_SIZE";
    memset(entry + strlen(entry), 'E', sizeof entry - strlen(entry) - 1);
    char *environment[] = {entry, NULL};
    char *const *at = environment;
    char name[KNOWN_NAME];
    assert_true(known_find_stranger(known, &at, name));
    assert_int_equal(strlen(name), KNOWN_NAME - 1);
    assert_true(known_has(known, known_nearest(known, name)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tables_have_is_known),
        cmocka_unit_test(secrets_alone_may_be_in_files),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(strangers_are_found_in_turn),
        cmocka_unit_test(a_name_that_is_too_long_is_a_stranger),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
