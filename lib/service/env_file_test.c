#include "lib/service/env_file.h"
#include "tests/test.h"

// Loads a file of this content; the error's message, or "" when it was taken.
static const char *load(const char *content)
{
    static struct err err;
    char path[] = "/tmp/env-file-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
    close(fd);
    bool ok = env_file_load(path, &err);
    unlink(path);
    return ok ? "" : strstr(err.message, ", line ");
}

static void assert_taken(const char *line, const char *value)
{
    unsetenv("T_NAME");
    assert_string_equal(load(line), "");
    assert_non_null(getenv("T_NAME"));
    assert_string_equal(getenv("T_NAME"), value);
}

static void a_value_is_what_a_shell_makes_of_it(void **state)
{
    (void)state;
    assert_taken("T_NAME=127.0.0.1:0\n", "127.0.0.1:0");
    assert_taken("  export T_NAME=a#b  # a comment\n", "a#b");
    assert_taken("T_NAME=\n", "");
    assert_taken("T_NAME= # nothing\n", "");
    assert_taken("T_NAME='two words, $5'\n", "two words, $5");
    assert_taken("T_NAME=\"it's\" # quoted\n", "it's");
    assert_taken("\n# T_NAME=no\n\nT_NAME=*", "*"); // no newline at the end
}

static void what_a_shell_would_expand_or_run_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "T_NAME=$HOME", "T_NAME=`id`",  "T_NAME=\"$(id)\"", "T_NAME=two words", "T_NAME=~/data",
        "T_NAME=a\\ b", "T_NAME='open", "T_NAME='a'b",      "T_NAME = x",       "1NAME=x",
        "=x",           "T_NAME",       "T_NAME=a;touch x", "T_NAME=x\r",       "export"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char content[64];
        unsetenv("T_NAME");
        snprintf(content, sizeof content, "# one\n%s\n", lines[i]);
        assert_non_null(load(content));
        assert_int_equal(strncmp(load(content), ", line 2: ", 10), 0);
        assert_null(getenv("T_NAME"));
    }
}

static void the_environment_goes_before_the_file(void **state)
{
    (void)state;
    setenv("T_NAME", "given", 1);
    assert_string_equal(load("T_NAME='from the file'\n"), "");
    assert_string_equal(getenv("T_NAME"), "given");
}

static void a_file_is_bounded_and_may_be_absent(void **state)
{
    (void)state;
    struct err err;
    assert_true(env_file_load("/nonexistent/.env", &err));
    assert_false(env_file_load("/tmp", &err)); // a folder
    char *line = malloc(ENV_FILE_LINE + 2);
    assert_non_null(line);
    memset(line, '#', ENV_FILE_LINE + 1);
    line[ENV_FILE_LINE + 1] = 0;
    assert_string_equal(load(line), ", line 1: the line or the file is too long");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_what_a_shell_makes_of_it),
        cmocka_unit_test(what_a_shell_would_expand_or_run_is_refused),
        cmocka_unit_test(the_environment_goes_before_the_file),
        cmocka_unit_test(a_file_is_bounded_and_may_be_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
