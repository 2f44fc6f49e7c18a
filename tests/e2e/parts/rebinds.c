// LD_PRELOAD into one process of a test: "rebind.test" stands for a public address whenever it is asked for
// an odd time, and for this machine the other times. Nothing answers at the public one. How often it was
// asked, and how often that address was called, is in the file that TEST_REBINDS names, a line for each.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PUBLIC "8.8.8.8"

static void note(const char *line)
{
    int file = open(getenv("TEST_REBINDS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || write(file, line, strlen(line)) < 0) abort();
    close(file);
}

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found)
{
    static atomic_uint asked;
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        (__typeof__(real))dlsym(RTLD_NEXT, "getaddrinfo");
    if (!name || strcmp(name, "rebind.test.") != 0) return real(name, port, hints, found);
    note("asked\n");
    return real(atomic_fetch_add(&asked, 1) % 2 ? "127.0.0.1" : PUBLIC, port, hints, found);
}

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t) = (__typeof__(real))dlsym(RTLD_NEXT, "connect");
    const struct sockaddr_in *in = (const void *)address;
    if (address->sa_family != AF_INET || in->sin_addr.s_addr != inet_addr(PUBLIC))
        return real(fd, address, len);
    note("called\n");
    errno = ECONNREFUSED;
    return -1;
}
