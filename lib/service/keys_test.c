#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/service/keys.h"
#include "tests/test.h"

static char folder[TEST_FOLDER_BYTES];

static const char *path_of(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s.key", folder, name);
    return path;
}

static void a_key_is_made_once_and_kept(void **state)
{
    (void)state;
    uint8_t first[KEY_BYTES], again[KEY_BYTES];
    struct err err;
    struct stat st;
    assert_true(keys_load(folder, "identity", first, &err));
    assert_true(keys_load(folder, "identity", again, &err));
    assert_memory_equal(first, again, KEY_BYTES);
    assert_int_equal(stat(path_of("identity"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_key_that_something_rests_on_is_expected(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    struct err err;
    assert_false(keys_expect(folder, "deal", "deals are sealed with it", &err));
    assert_true(err_is(&err, STORE_CORRUPT));
    assert_non_null(strstr(err.message, path_of("deal")));
    assert_non_null(strstr(err.message, "is lost, and deals are sealed with it"));
    assert_int_equal(access(path_of("deal"), F_OK), -1);
    assert_true(keys_load(folder, "deal", key, &err));
    assert_true(keys_expect(folder, "deal", "deals are sealed with it", &err));
    assert_false(keys_expect("/nowhere/keys", "deal", "deals are sealed with it", &err));
}

static void reading_makes_nothing(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    struct err err;
    assert_false(keys_read(folder, "absent", key, &err));
    assert_true(err_is(&err, NOT_FOUND));
    assert_int_equal(access(path_of("absent"), F_OK), -1);
}

static void broken_and_open_files_are_refused(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    struct err err;
    int fd = open(path_of("short"), O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, "short", 5), 5);
    close(fd);
    assert_false(keys_load(folder, "short", key, &err));
    assert_true(err_is(&err, STORE_CORRUPT));
    assert_true(keys_load(folder, "open", key, &err));
    assert_int_equal(chmod(path_of("open"), 0644), 0);
    assert_false(keys_load(folder, "open", key, &err));
    assert_non_null(strstr(err.message, "chmod 600"));
}

static void processes_that_start_at_once_agree(void **state)
{
    (void)state;
    enum { PROCESSES = 16 };
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() != 0) continue;
        uint8_t key[KEY_BYTES];
        struct err err;
        bool ok = keys_load(folder, "shared", key, &err) && write(pipes[1], key, sizeof key) == sizeof key;
        _exit(ok ? 0 : 1);
    }
    uint8_t first[KEY_BYTES], key[KEY_BYTES];
    for (int i = 0, status; i < PROCESSES; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
        assert_int_equal(read(pipes[0], i ? key : first, KEY_BYTES), KEY_BYTES);
        if (i) assert_memory_equal(key, first, KEY_BYTES);
    }
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_made_once_and_kept),
        cmocka_unit_test(a_key_that_something_rests_on_is_expected),
        cmocka_unit_test(reading_makes_nothing),
        cmocka_unit_test(broken_and_open_files_are_refused),
        cmocka_unit_test(processes_that_start_at_once_agree),
    };
    if (sodium_init() < 0) return 1;
    test_folder_make(folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_folder_remove(folder);
    return failed;
}
