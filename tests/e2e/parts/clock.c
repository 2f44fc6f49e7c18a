// Preloaded into a program whose wall clock is to be another: it is ahead by the milliseconds in the file
// that TEST_CLOCK names.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead_ms;

// Before the program takes the right to open files from itself.
__attribute__((constructor)) static void find_file(void)
{
    int file = open(getenv("TEST_CLOCK"), O_RDONLY | O_CLOEXEC);
    void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead_ms, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) abort();
    close(file);
    ahead_ms = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int rv = real(clock, out);
    if (rv != 0 || clock != CLOCK_REALTIME || !ahead_ms) return rv;
    int64_t ns = (int64_t)out->tv_nsec + *ahead_ms % 1000 * 1000000;
    out->tv_sec += *ahead_ms / 1000 + (ns < 0 ? -1 : ns / 1000000000);
    out->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
    return rv;
}
