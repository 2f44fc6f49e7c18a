#include "lib/base/new_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/test.h"

static char folder[64], path[96];

static int set_up(void **state)
{
    (void)state;
    test_folder_make(folder);
    snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_folder_remove(folder);
    return 0;
}

static size_t names_in_folder(void)
{
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void write_new(const char *text, bool keep)
{
    struct new_file file;
    struct err err;
    if (!new_file_begin(&file, path, &err)) fail_msg("%s", err.message);
    assert_int_equal(write(file.fd, text, strlen(text)), strlen(text));
    if (!keep)
        new_file_drop(&file);
    else if (!new_file_keep(&file, &err))
        assert_int_equal(err.reason, CONSE__REASON__VALUE__CONFLICT);
}

static void assert_content(const char *text)
{
    char bytes[16] = "";
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, bytes, sizeof bytes - 1), strlen(text));
    assert_string_equal(bytes, text);
    close(fd);
}

static void what_is_kept_is_there_for_its_owner(void **state)
{
    (void)state;
    struct stat info;
    mode_t before = umask(0);
    write_new("one", true);
    umask(before);
    assert_content("one");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(names_in_folder(), 1);
}

static void what_is_dropped_leaves_nothing(void **state)
{
    (void)state;
    write_new("one", false);
    assert_int_equal(names_in_folder(), 0);
}

static void another_one_is_not_replaced(void **state)
{
    (void)state;
    write_new("one", true);
    write_new("two", true);
    assert_content("one");
    assert_int_equal(names_in_folder(), 1);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    (void)state;
    struct new_file file;
    struct err err;
    assert_false(new_file_begin(&file, "/nowhere/at/all", &err));
    assert_non_null(strstr(err.message, "/nowhere/at/all"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_is_there_for_its_owner),
        TEST(what_is_dropped_leaves_nothing),
        TEST(another_one_is_not_replaced),
        TEST(a_folder_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
