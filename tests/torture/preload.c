// LD_PRELOAD into one process under torture: sets its wall clock off and makes its disk slow. The file that
// TORTURE_KNOBS names is mapped, so both change while the process runs: an int64 of milliseconds for
// the clock, one for each sync.
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct knobs {
    _Atomic int64_t clock_ms, sync_ms;
};

static struct knobs none, *knobs = &none;
static int (*real_gettime)(clockid_t, struct timespec *);
static int (*real_fsync)(int), (*real_fdatasync)(int);

__attribute__((constructor)) static void preload_open(void)
{
    real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char *path = getenv("TORTURE_KNOBS");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *knobs, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort(); // a test without its faults would pass
    knobs = mapped;
    close(file);
}

int clock_gettime(clockid_t id, struct timespec *time)
{
    if (!real_gettime)
        real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int rc = real_gettime(id, time);
    if (rc != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return rc;
    int64_t ns = time->tv_nsec + knobs->clock_ms % 1000 * 1000000;
    time->tv_sec += knobs->clock_ms / 1000;
    if (ns < 0) time->tv_sec--, ns += 1000000000;
    if (ns >= 1000000000) time->tv_sec++, ns -= 1000000000;
    time->tv_nsec = ns;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

static void preload_dawdle(void)
{
    int64_t ms = knobs->sync_ms;
    if (ms > 0) nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

int fsync(int file)
{
    preload_dawdle();
    return real_fsync(file);
}

int fdatasync(int file)
{
    preload_dawdle();
    return real_fdatasync(file);
}
