#include "tools/conse-up/ports.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 8, PAIR_TRIES = 50 };

// Bound but not listening: it keeps others from the port, and lets a service listen at it.
static int ports_hold(const struct addrinfo *info)
{
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0) return fd;
    int fault = errno;
    close(fd);
    errno = fault;
    return -1;
}

static bool name_port(int fd, char port[PORT], struct err *err)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) return err_errno(err, errno, "socket");
    int fault = getnameinfo((struct sockaddr *)&address, size, NULL, 0, port, PORT, NI_NUMERICSERV);
    return fault == 0 || err_fail(err, INTERNAL_ERROR, "%s", gai_strerror(fault));
}

// The socket that keeps the port, or -1.
static int hold_port(const char *host, const char *port, struct err *err)
{
    struct addrinfo *found = NULL,
                    hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    char name[PORTS_ADDRESS];
    bool bracketed = *host == '[';
    snprintf(name, sizeof name, "%.*s", (int)strcspn(host + bracketed, "]"), host + bracketed);
    int fault = getaddrinfo(*name ? name : NULL, port, &hints, &found);
    if (fault) return err_fail(err, INVALID_FIELD, "%s: %s", host, gai_strerror(fault)), -1;
    int fd = ports_hold(found);
    freeaddrinfo(found);
    if (fd < 0) (void)err_errno(err, errno, host);
    return fd;
}

static bool hold_free_port(const char *host, char port[PORT], struct err *err)
{
    int fd = hold_port(host, "0", err); // never closed: the port is ours until the end
    return fd >= 0 && name_port(fd, port, err);
}

bool port_take(const char *wanted, char out[PORTS_ADDRESS], struct err *err)
{
    char host[PORTS_ADDRESS - PORT], port[PORT];
    const char *colon = strrchr(wanted, ':');
    if (strlen(wanted) >= sizeof host) return err_fail(err, INVALID_FIELD, "it is too long");
    snprintf(out, PORTS_ADDRESS, "%s", wanted);
    if (!colon || strcmp(colon, ":0") != 0) return true;
    snprintf(host, sizeof host, "%.*s", (int)(colon - wanted), wanted);
    if (!hold_free_port(host, port, err)) return false;
    snprintf(out, PORTS_ADDRESS, "%s:%s", host, port);
    return true;
}

static bool hold_free_pair(const char *host, char port[PORT], struct err *err)
{
    for (int tries = 0; tries < PAIR_TRIES; tries++) {
        char next[PORT];
        int first = hold_port(host, "0", err);
        if (first < 0 || !name_port(first, port, err)) return false;
        snprintf(next, sizeof next, "%d", atoi(port) + 1);
        if (hold_port(host, next, err) >= 0) return true;
        close(first);
    }
    return false;
}

bool port_take_pair(const char *wanted, char out[PORTS_ADDRESS], struct err *err)
{
    char host[PORTS_ADDRESS - PORT], port[PORT];
    const char *colon = strrchr(wanted, ':');
    if (!colon || strcmp(colon, ":0") != 0) return port_take(wanted, out, err);
    snprintf(host, sizeof host, "%.*s", (int)(colon - wanted), wanted);
    if (!hold_free_pair(host, port, err)) return false;
    snprintf(out, PORTS_ADDRESS, "%s:%s", host, port);
    return true;
}
