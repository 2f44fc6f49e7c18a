// LD_PRELOAD into one process of a test: kills it at a commit of its store, and has its clock go ahead. The
// file that TEST_DIES names is mapped, so that a test tells it while the process runs: how many syncs are
// left until then (0: it lives), whether the one at which it dies still reaches the disk, and how far its
// clock is ahead.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct death {
    _Atomic int64_t left, behind, ahead_s;
};

static struct death *death;
static int (*real_fsync)(int), (*real_fdatasync)(int), (*real_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void dies_open(void)
{
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("TEST_DIES");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped =
        file < 0 ? MAP_FAILED : mmap(NULL, sizeof *death, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort(); // a test without its deaths would pass
    death = mapped;
    close(file);
}

// Whether this is the sync at which it dies. Of threads that sync at once, one counts down to it.
static bool dies_now(void)
{
    int64_t left = atomic_load(&death->left);
    while (left > 0 && !atomic_compare_exchange_weak(&death->left, &left, left - 1)) continue;
    return left == 1;
}

static int dies_sync(int (*sync)(int), int file)
{
    bool now = dies_now();
    int rc = now && !atomic_load(&death->behind) ? 0 : sync(file);
    if (now) kill(getpid(), SIGKILL);
    return rc;
}

int fsync(int file) { return dies_sync(real_fsync, file); }

int fdatasync(int file) { return dies_sync(real_fdatasync, file); }

// What other libraries ask before all is there, the system answers by itself.
int clock_gettime(clockid_t id, struct timespec *now)
{
    int rc = real_clock ? real_clock(id, now) : (int)syscall(SYS_clock_gettime, id, now);
    if (death && id == CLOCK_REALTIME) now->tv_sec += atomic_load(&death->ahead_s);
    return rc;
}
