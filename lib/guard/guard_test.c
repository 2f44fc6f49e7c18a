// Each test guards a process of its own, because nobody can undo it.
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/guard/guard.h"

static char own[TEST_FOLDER_BYTES], others[TEST_FOLDER_BYTES];

static int set_up(void **state)
{
    (void)state;
    test_folder_make(own);
    test_folder_make(others);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_folder_remove(own);
    test_folder_remove(others);
    return 0;
}

// What a guarded process of a service ends with.
static int guarded(const char *service, enum guard_mode mode, int (*act)(void))
{
    const struct guard_place places[] = {{own, GUARD_WRITE}, {"/nowhere/at/all", GUARD_READ}};
    const struct guard_options options = {service, places, 2};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct err err;
        bool fenced;
        if (!guard_start(mode, &options, &fenced, &err)) _exit(100);
        _exit(act());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int open_in(const char *folder, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "%s/file", folder);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? errno : (close(fd), 0);
}

static void *in_thread(void *arg) { return *(int *)arg = open_in(others, O_RDWR | O_CREAT), NULL; }

static int use_own_files(void) { return open_in(own, O_RDWR | O_CREAT); }
static int use_files_of_others(void) { return open_in(others, O_RDWR | O_CREAT); }
static int use_them_from_a_thread(void)
{
    pthread_t thread;
    int found = 0;
    return pthread_create(&thread, NULL, in_thread, &found) || pthread_join(thread, NULL) ? 101 : found;
}
static int sync_a_file(void)
{
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    return fsync(fd) == 0 ? 0 : errno;
}
static int live(void)
{
    struct addrinfo *found = NULL;
    time_t now = time(NULL);
    struct tm local;
    if (getaddrinfo("localhost", "80", NULL, &found) != 0) return 102;
    freeaddrinfo(found);
    return localtime_r(&now, &local) ? 0 : 103;
}
static int dumps_core(void) { return prctl(PR_GET_DUMPABLE); }
static int execute(void) { return execl("/bin/true", "true", (char *)NULL), 104; }

static void files_of_others_are_refused(void **state)
{
    (void)state;
    assert_int_equal(guarded("auth", GUARD_ON, use_own_files), 0);
    assert_int_equal(guarded("auth", GUARD_ON, use_files_of_others), EACCES);
    assert_int_equal(guarded("auth", GUARD_ON, use_them_from_a_thread), EACCES);
    assert_int_equal(guarded("auth", GUARD_OFF, use_files_of_others), 0);
}

static void a_service_has_its_calls_and_no_others(void **state)
{
    (void)state;
    assert_int_equal(guarded("events", GUARD_ON, sync_a_file), 0);
    assert_int_equal(guarded("gateway", GUARD_ON, sync_a_file), EPERM);
    assert_int_equal(guarded("gateway", GUARD_ON, live), 0);
    assert_int_equal(guarded("nobody", GUARD_ON, live), 100);
}

static void running_a_program_ends_it(void **state)
{
    (void)state;
    assert_int_equal(guarded("ai", GUARD_ON, execute), -SIGSYS);
    assert_int_equal(guarded("ai", GUARD_LOG, execute), 0);
    assert_int_equal(guarded("ai", GUARD_OFF, execute), 0);
}

static void no_core_is_left(void **state)
{
    (void)state;
    assert_int_equal(guarded("chain", GUARD_OFF, dumps_core), 0);
}

static void what_is_tried_is_refused(void **state)
{
    (void)state;
    char foreign[64], mine[64];
    const struct guard_place places[] = {{own, GUARD_WRITE}};
    const struct guard_options options = {"chain", places, 1};
    snprintf(foreign, sizeof foreign, "%s/file", others);
    snprintf(mine, sizeof mine, "%s/file", own);
    assert_int_equal(open_in(others, O_RDWR | O_CREAT), 0);
    assert_int_equal(open_in(own, O_RDWR | O_CREAT), 0);
    assert_true(guard_try(&options, foreign));
    assert_false(guard_try(&options, mine)); // it is told when something is carried out
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_others_are_refused), TEST(a_service_has_its_calls_and_no_others),
        TEST(running_a_program_ends_it), TEST(no_core_is_left), TEST(what_is_tried_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
