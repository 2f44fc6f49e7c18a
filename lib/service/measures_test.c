// A process tells of its own memory, files and start.
#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/service/measures.h"
#include "tests/test.h"

// The value of the line that begins with a name.
static double value_of(const char *name)
{
    struct buf text;
    char key[128];
    struct metrics *metrics = metrics_create();
    measures_add(metrics);
    buf_init(&text, 1 << 20);
    metrics_write(metrics, &text);
    snprintf(key, sizeof key, "\n%s", name);
    const char *at = strstr(text.bytes, key);
    const char *space = at ? strrchr(strndupa(at + 1, strcspn(at + 1, "\n")), ' ') : NULL;
    if (!space) fail_msg("no %s in %s", name, text.bytes);
    double value = space ? strtod(space, NULL) : -1;
    buf_finish(&text);
    metrics_destroy(metrics);
    return value;
}

// Without ".", ".." and the folder.
static int listed_files(void)
{
    int count = -3;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder)) count++;
    closedir(folder);
    return count;
}

static void files_that_are_open_are_counted(void **state)
{
    struct rlimit limit;
    (void)state;
    double before = value_of("process_open_fds ");
    assert_true(before == listed_files());
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_true(value_of("process_open_fds ") == before + 2);
    close(fds[0]);
    close(fds[1]);
    assert_true(value_of("process_open_fds ") == before);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(value_of("process_max_fds ") == (double)limit.rlim_cur);
}

static void memory_grows_with_what_is_used(void **state)
{
    enum { BYTES = 64 << 20 };
    (void)state;
    double before = value_of("process_resident_memory_bytes ");
    volatile char *much = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i += 4096) much[i] = 1;
    assert_true(value_of("process_resident_memory_bytes ") > before + BYTES / 2.0);
    free((char *)much);
}

static void the_start_and_the_version_are_told(void **state)
{
    (void)state;
    double started_s = value_of("process_start_time_seconds ");
    assert_true(started_s > (double)time(NULL) - 60 && started_s < (double)time(NULL) + 60);
    assert_true(value_of("conse_build_info{version=\"") == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_are_open_are_counted),
        cmocka_unit_test(memory_grows_with_what_is_used),
        cmocka_unit_test(the_start_and_the_version_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
