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

static size_t refused_lines(char **text)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    size_t count = known_check_values(programs, "here", out);
    fclose(out);
    return count;
}

static void values_that_a_program_would_refuse_are_told_once(void **state)
{
    (void)state;
    char *text;
    assert_int_equal(refused_lines(&text), 0);
    assert_string_equal(text, "");
    free(text);
    setenv("CONSE_HAT_SIZE", "large", 1);
    setenv("CONSE_DRAIN", "11", 1); // of hat and door
    setenv("CONSE_HAT_TOKEN_FILE", "/nowhere/token", 1);
    setenv("CONSE_HAT_WORKERS", "", 1); // as if it were not set
    assert_int_equal(refused_lines(&text), 3);
    assert_non_null(strstr(text, "CONSE_DRAIN must be a duration"));
    assert_non_null(strstr(text, "here: CONSE_HAT_SIZE must be a whole number\n"));
    assert_non_null(strstr(text, "CONSE_HAT_TOKEN_FILE: cannot read /nowhere/token"));
    free(text);
    for (int i = 0; i < 4; i++)
        unsetenv(((const char *[]){"CONSE_HAT_SIZE", "CONSE_DRAIN", "CONSE_HAT_TOKEN_FILE",
                                   "CONSE_HAT_WORKERS"})[i]);
}

static void note_file(void *arg, const char *name, const char *path)
{
    char *seen = arg;
    size_t len = strlen(seen);
    snprintf(seen + len, 256 - len, "%s=%s ", name, path);
}

static void files_of_secrets_are_found(void **state)
{
    (void)state;
    char seen[256] = "";
    setenv("CONSE_HAT_TOKEN_FILE", "/run/token", 1);
    setenv("CONSE_HAT_SIZE_FILE", "/run/size", 1);
    known_each_secret_file(programs, note_file, seen);
    assert_string_equal(seen, "CONSE_HAT_TOKEN_FILE=/run/token ");
    unsetenv("CONSE_HAT_TOKEN_FILE");
    unsetenv("CONSE_HAT_SIZE_FILE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_tables_have_is_known),
        cmocka_unit_test(secrets_alone_may_be_in_files),
        cmocka_unit_test(the_nearest_name_is_found),
        cmocka_unit_test(strangers_are_found_in_turn),
        cmocka_unit_test(a_name_that_is_too_long_is_a_stranger),
        cmocka_unit_test(values_that_a_program_would_refuse_are_told_once),
        cmocka_unit_test(files_of_secrets_are_found),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
