#include "lib/service/config.h"
#include "tests/test.h"

struct settings {
    const char *name, *password;
    int64_t count, wait_ms, bytes;
    double rate;
    bool on;
    int color;
};

#define AT(field) offsetof(struct settings, field)

static const struct config_var vars[] = {
    {"T_NAME", CONFIG_TEXT, AT(name), "conse", "a name", 0, 0, 0},
    {"T_PASSWORD", CONFIG_SECRET, AT(password), "", "a secret", 0, 0, 0},
    {"T_COUNT", CONFIG_INT, AT(count), "3", "a count", 1, 10, 0},
    {"T_WAIT", CONFIG_DURATION, AT(wait_ms), "15s", "a wait", 0, 0, 0},
    {"T_BYTES", CONFIG_SIZE, AT(bytes), "64K", "a size", 0, 0, 0},
    {"T_RATE", CONFIG_FLOAT, AT(rate), "0.5", "a rate", 0, 0, 0},
    {"T_ON", CONFIG_BOOL, AT(on), "no", "a switch", 0, 0, 0},
    {"T_COLOR", CONFIG_CHOICE, AT(color), "green", "a color", 0, 0, "red|green|blue"},
    {0},
};

static int clear(void **state)
{
    (void)state;
    for (const struct config_var *v = vars; v->name; v++) unsetenv(v->name);
    return unsetenv("T_PASSWORD_FILE");
}

static void fallbacks_fill_what_is_not_set(void **state)
{
    (void)state;
    struct settings s;
    struct err err;
    assert_true(config_load(vars, &s, &err));
    assert_string_equal(s.name, "conse");
    assert_int_equal(s.count, 3);
    assert_int_equal(s.wait_ms, 15000);
    assert_int_equal(s.bytes, 65536);
    assert_true(s.rate > 0.49 && s.rate < 0.51);
    assert_false(s.on);
    assert_int_equal(s.color, 1);
}

static void refused(const char *name, const char *value)
{
    struct settings s;
    struct err err;
    setenv(name, value, 1);
    assert_false(config_load(vars, &s, &err));
    assert_string_equal(err.field, name);
    assert_non_null(strstr(err.message, name));
    unsetenv(name);
}

static void bad_values_name_the_variable(void **state)
{
    (void)state;
    refused("T_COUNT", "11");
    refused("T_COUNT", "0");
    refused("T_COUNT", "three");
    refused("T_COUNT", "3x");
    refused("T_WAIT", "15");
    refused("T_WAIT", "99999999999999999999s");
    refused("T_WAIT", "9999999999999999d");
    refused("T_BYTES", "1T");
    refused("T_RATE", "nan");
    refused("T_ON", "maybe");
    refused("T_COLOR", "gree");
}

static void a_secret_may_come_from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/conse-config-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "s3cret\n", 7), 7);
    close(fd);
    setenv("T_PASSWORD_FILE", path, 1);
    static struct settings s; // what it points to lives as long as the process
    struct err err;
    assert_true(config_load(vars, &s, &err));
    assert_string_equal(s.password, "s3cret");
    unlink(path);
    assert_false(config_load(vars, &s, &err));
    assert_non_null(strstr(err.message, "T_PASSWORD_FILE"));
}

static void a_required_variable_must_be_set(void **state)
{
    (void)state;
    static const struct config_var required[] = {{"T_NAME", CONFIG_TEXT, AT(name), NULL, "a name", 0, 0, 0},
                                                 {0}};
    struct settings s;
    struct err err;
    assert_false(config_load(required, &s, &err));
    setenv("T_NAME", "x", 1);
    assert_true(config_load(required, &s, &err));
}

static const char *shown(void)
{
    static char text[4096];
    memset(text, 0, sizeof text);
    FILE *out = fmemopen(text, sizeof text, "w");
    config_show(vars, out);
    fclose(out);
    return text;
}

static void values_are_shown_with_where_they_are_from(void **state)
{
    (void)state;
    setenv("T_COUNT", "7", 1);
    setenv("T_COLOR", "", 1); // as if it were not set
    const char *text = shown();
    assert_non_null(strstr(text, "T_NAME=conse (default)\n"));
    assert_non_null(strstr(text, "T_COUNT=7 (environment)\n"));
    assert_non_null(strstr(text, "T_COLOR=green (default)\n"));
    assert_non_null(strstr(text, "T_PASSWORD= (default)\n"));
    setenv("T_PASSWORD_FILE", "/run/secrets/password", 1);
    assert_non_null(strstr(shown(), "T_PASSWORD=*** (file /run/secrets/password)\n"));
}

static void name_is_shown_as(const char *value, const char *as)
{
    char line[256];
    setenv("T_NAME", value, 1);
    snprintf(line, sizeof line, "T_NAME=%s (environment)\n", as);
    assert_non_null(strstr(shown(), line));
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    setenv("T_PASSWORD", "s3cret", 1);
    assert_null(strstr(shown(), "s3cret"));
    assert_non_null(strstr(shown(), "T_PASSWORD=*** (environment)\n"));
    name_is_shown_as("https://ada:s3cret@host:80/a@b", "https://***@host:80/a@b");
    name_is_shown_as("https://host/rpc?api-key=s3cret", "https://host/rpc?***");
    name_is_shown_as("https://a@b@host?x=s3cret", "https://***@host?***");
    name_is_shown_as("https://host/#s3cret", "https://host/#***");
    name_is_shown_as("tcp://host:1,tcp://other:2", "tcp://host:1,tcp://other:2");
}

static void all_errors_are_told(void **state)
{
    (void)state;
    struct settings s;
    char text[1024] = "";
    setenv("T_COUNT", "11", 1);
    setenv("T_NAME", "here", 1);
    setenv("T_ON", "maybe", 1);
    FILE *out = fmemopen(text, sizeof text, "w");
    assert_int_equal(config_load_all(vars, &s, "conse-x", out), 2);
    fclose(out);
    assert_string_equal(text, "conse-x: T_COUNT must be a whole number from 1 to 10\n"
                              "conse-x: T_ON must be true or false\n");
    assert_string_equal(s.name, "here");
}

static void help_lists_every_variable(void **state)
{
    (void)state;
    char text[4096] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    config_help(vars, out);
    fclose(out);
    for (const struct config_var *v = vars; v->name; v++) assert_non_null(strstr(text, v->name));
    assert_non_null(strstr(text, "red|green|blue"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fallbacks_fill_what_is_not_set, clear),
        cmocka_unit_test_setup(bad_values_name_the_variable, clear),
        cmocka_unit_test_setup(a_secret_may_come_from_a_file, clear),
        cmocka_unit_test_setup(a_required_variable_must_be_set, clear),
        cmocka_unit_test_setup(values_are_shown_with_where_they_are_from, clear),
        cmocka_unit_test_setup(secrets_are_not_shown, clear),
        cmocka_unit_test_setup(all_errors_are_told, clear),
        cmocka_unit_test_setup(help_lists_every_variable, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
