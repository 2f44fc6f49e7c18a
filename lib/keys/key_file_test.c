#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/keys/key_file.h"
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
    assert_true(key_file_load(folder, "identity", first, &err));
    assert_true(key_file_load(folder, "identity", again, &err));
    assert_memory_equal(first, again, KEY_BYTES);
    assert_int_equal(stat(path_of("identity"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void reading_makes_nothing(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    struct err err;
    assert_false(key_file_read(folder, "absent", key, &err));
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
    assert_false(key_file_load(folder, "short", key, &err));
    assert_true(err_is(&err, STORE_CORRUPT));
    assert_true(key_file_load(folder, "open", key, &err));
    assert_int_equal(chmod(path_of("open"), 0644), 0);
    assert_false(key_file_load(folder, "open", key, &err));
    assert_non_null(strstr(err.message, "chmod 600"));
}

// As Kubernetes mounts secrets: files of root, read through a group.
static void our_group_may_read_a_file_and_no_other(void **state)
{
    (void)state;
    enum { NOBODYS = 54321 };
    uint8_t key[KEY_BYTES];
    struct err err;
    assert_true(key_file_load(folder, "mounted", key, &err));
    assert_int_equal(chmod(path_of("mounted"), 0440), 0);
    assert_true(key_file_load(folder, "mounted", key, &err));
    assert_int_equal(chmod(path_of("mounted"), 0660), 0);
    assert_false(key_file_load(folder, "mounted", key, &err));
    assert_int_equal(chmod(path_of("mounted"), 0444), 0);
    assert_false(key_file_load(folder, "mounted", key, &err));
    assert_int_equal(chmod(path_of("mounted"), 0440), 0);
    if (chown(path_of("mounted"), (uid_t)-1, NOBODYS) != 0) return; // only root gives files away
    assert_false(key_file_load(folder, "mounted", key, &err));
    assert_non_null(strstr(err.message, "others may read or write it"));
}

static void a_key_may_be_given_as_hex(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fx",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1x",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
        "",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint8_t key[KEY_BYTES] = {0};
        struct err err;
        int fd = open(path_of("hex"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
        assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
        close(fd);
        assert_int_equal(key_file_read_at(path_of("hex"), key, &err), i < 2);
        if (i < 2) assert_int_equal(key[31], 31);
        assert_false(key_file_read(folder, "hex", key, &err)); // our own are bytes
    }
}

static void a_removed_key_is_gone(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    struct err err;
    assert_true(key_file_load(folder, "token/7", key, &err));
    assert_int_equal(access(path_of("token-7"), F_OK), 0);
    assert_true(key_file_remove(folder, "token/7", &err));
    assert_false(key_file_read(folder, "token/7", key, &err));
    assert_true(key_file_remove(folder, "token/7", &err));
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
        bool ok =
            key_file_load(folder, "shared", key, &err) && write(pipes[1], key, sizeof key) == sizeof key;
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
        cmocka_unit_test(reading_makes_nothing),
        cmocka_unit_test(broken_and_open_files_are_refused),
        cmocka_unit_test(our_group_may_read_a_file_and_no_other),
        cmocka_unit_test(a_key_may_be_given_as_hex),
        cmocka_unit_test(a_removed_key_is_gone),
        cmocka_unit_test(processes_that_start_at_once_agree),
    };
    if (sodium_init() < 0) return 1;
    test_folder_make(folder);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    test_folder_remove(folder);
    return failed;
}
