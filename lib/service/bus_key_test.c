// Where the bus keys come from, and whose files are believed.
#include <errno.h>
#include <sys/stat.h>

#include "lib/service/bus_key.h"
#include "tests/test.h"

#define ONE "1111111111111111111111111111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222222222222222222222222222"

static char folder[TEST_FOLDER_BYTES], path[64];
static struct bus_key_list list;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    test_folder_make(folder);
    snprintf(path, sizeof path, "%s/bus.key", folder);
    unsetenv("CONSE_BUS_KEY");
    setenv("CONSE_BUS_KEY_FILE", path, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unsetenv("CONSE_BUS_KEY_FILE");
    test_folder_remove(folder);
    return 0;
}

static void put_file(const char *text, mode_t mode)
{
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void without_a_setting_there_are_none(void **state)
{
    (void)state;
    unsetenv("CONSE_BUS_KEY_FILE");
    assert_true(bus_key_find(&list, &err));
    assert_int_equal(list.count, 0);
}

static void a_variable_has_one(void **state)
{
    (void)state;
    unsetenv("CONSE_BUS_KEY_FILE");
    setenv("CONSE_BUS_KEY", ONE, 1);
    assert_true(bus_key_find(&list, &err));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.keys[0][31], 0x11);
    setenv("CONSE_BUS_KEY", ONE "\n" TWO, 1);
    assert_false(bus_key_find(&list, &err));
    setenv("CONSE_BUS_KEY", "secret", 1);
    assert_false(bus_key_find(&list, &err));
    assert_string_equal(err.field, "CONSE_BUS_KEY");
    unsetenv("CONSE_BUS_KEY");
}

static void a_file_has_two_and_is_read_each_time(void **state)
{
    (void)state;
    put_file(ONE "\n" TWO "\n", 0600);
    assert_true(bus_key_find(&list, &err));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.keys[1][0], 0x22);
    put_file(TWO "\n", 0400);
    assert_true(bus_key_find(&list, &err));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.keys[0][0], 0x22);
}

static void the_file_counts_and_not_the_variable(void **state)
{
    (void)state;
    setenv("CONSE_BUS_KEY", ONE, 1);
    put_file(TWO, 0600);
    assert_true(bus_key_find(&list, &err));
    assert_int_equal(list.keys[0][0], 0x22);
    unsetenv("CONSE_BUS_KEY");
}

// Our own group may read it, as a pod's does.
static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    const struct {
        mode_t mode;
        bool taken;
    } table[] = {{0600, true},  {0400, true},  {0440, true},  {0640, true},
                 {0644, false}, {0604, false}, {0660, false}, {0602, false}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        put_file(ONE, table[i].mode);
        assert_int_equal(bus_key_find(&list, &err), table[i].taken);
        if (!table[i].taken) assert_non_null(strstr(err.message, path));
    }
}

static void a_file_of_somebody_else_is_refused(void **state)
{
    (void)state;
    setenv("CONSE_BUS_KEY_FILE", "/etc/passwd", 1); // root's, for all to read
    assert_false(bus_key_find(&list, &err));
    assert_non_null(strstr(err.message, "others may read"));
    setenv("CONSE_BUS_KEY_FILE", path, 1);
    if (geteuid() != 0) return; // only root gives files away
    put_file(ONE, 0640);
    assert_int_equal(chown(path, 0, 54321), 0);
    assert_false(bus_key_find(&list, &err));
    put_file(ONE, 0600);
    assert_int_equal(chown(path, 54321, 0), 0);
    assert_false(bus_key_find(&list, &err)); // another user's
}

static void a_file_that_is_absent_or_no_key_is_named(void **state)
{
    (void)state;
    assert_false(bus_key_find(&list, &err));
    assert_non_null(strstr(err.message, path));
    put_file("secret\n", 0600);
    assert_false(bus_key_find(&list, &err));
    assert_non_null(strstr(err.message, path));
    put_file("", 0600);
    assert_false(bus_key_find(&list, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_setting_there_are_none),         TEST(a_variable_has_one),
        TEST(a_file_has_two_and_is_read_each_time),     TEST(the_file_counts_and_not_the_variable),
        TEST(a_file_that_others_may_read_is_refused),   TEST(a_file_of_somebody_else_is_refused),
        TEST(a_file_that_is_absent_or_no_key_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
