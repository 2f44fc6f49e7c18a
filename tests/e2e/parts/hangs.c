// LD_PRELOAD into one process of a test: its disk hangs, so that no write becomes durable, as long as the
// file is there that TEST_HANGS names.
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void hang(void)
{
    const char *path = getenv("TEST_HANGS");
    if (!path) abort(); // a test without its fault would pass
    while (access(path, F_OK) == 0) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

int fsync(int fd)
{
    hang();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd)
{
    hang();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
