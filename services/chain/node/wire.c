#include "services/chain/node/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "services/chain/fields.h"
#include "services/chain/node/place.h"

enum { PATIENCE_MS = 10000, PREFIX = 4 };

static bool lose_wire(struct err *err, const char *why)
{
    return err_fail(err, SERVICE_AWAY, "the other node %s", why);
}

static bool wire_wait(const struct wire *wire, short events, int64_t until_ms, struct err *err)
{
    struct pollfd ready[] = {{.fd = wire->fd, .events = events}, {.fd = wire->stop, .events = POLLIN}};
    int64_t left = until_ms - clock_mono_ms();
    int count = left > 0 ? poll(ready, 2, (int)left) : 0;
    if (count < 0 && errno == EINTR) return true;
    if (ready[1].revents) return lose_wire(err, "is no longer waited for");
    return count > 0 || lose_wire(err, "is silent");
}

static bool wire_connect(struct wire *wire, const struct addrinfo *at, struct err *err)
{
    int fault = 0;
    socklen_t length = sizeof fault;
    wire->fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (wire->fd < 0) return lose_wire(err, "can't be called: no socket");
    if (connect(wire->fd, at->ai_addr, at->ai_addrlen) == 0) return true;
    if (errno != EINPROGRESS) return lose_wire(err, strerror(errno));
    if (!wire_wait(wire, POLLOUT, clock_mono_ms() + PATIENCE_MS, err)) return false;
    getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &fault, &length);
    return !fault || lose_wire(err, strerror(fault));
}

bool wire_open(struct wire *wire, const char *place, struct err *err)
{
    struct addrinfo *at = place_read(place, false, err);
    if (!at) return lose_wire(err, "is not found by its name");
    bool ok = wire_connect(wire, at, err);
    freeaddrinfo(at);
    if (!ok) wire_close(wire);
    return ok;
}

static bool send_all(struct wire *wire, const uint8_t *bytes, size_t length, struct err *err)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    for (size_t sent = 0; sent < length;) {
        if (!wire_wait(wire, POLLOUT, until_ms, err)) return false;
        ssize_t count = send(wire->fd, bytes + sent, length - sent, MSG_NOSIGNAL);
        if (count > 0) sent += (size_t)count;
        if (count < 0 && errno != EAGAIN && errno != EINTR) return lose_wire(err, strerror(errno));
    }
    return true;
}

static bool take_all(struct wire *wire, uint8_t *bytes, size_t length, struct err *err)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    for (size_t had = 0; had < length;) {
        if (!wire_wait(wire, POLLIN, until_ms, err)) return false;
        ssize_t count = recv(wire->fd, bytes + had, length - had, 0);
        if (count > 0) had += (size_t)count;
        if (count == 0) return lose_wire(err, "hung up");
        if (count < 0 && errno != EAGAIN && errno != EINTR) return lose_wire(err, strerror(errno));
    }
    return true;
}

bool wire_send(struct wire *wire, const void *bytes, size_t length, struct err *err)
{
    uint8_t prefix[PREFIX];
    struct fields_writer writer = {prefix};
    fields_put_uint(&writer, length, PREFIX);
    return send_all(wire, prefix, sizeof prefix, err) && send_all(wire, bytes, length, err);
}

bool wire_take(struct wire *wire, void *bytes, size_t length, struct err *err)
{
    uint8_t prefix[PREFIX];
    struct fields_reader reader = {prefix, sizeof prefix, false};
    if (!take_all(wire, prefix, sizeof prefix, err)) return false;
    if (fields_get_uint(&reader, PREFIX) != length) return lose_wire(err, "says something else");
    return take_all(wire, bytes, length, err);
}

void wire_close(struct wire *wire)
{
    if (wire->fd >= 0) close(wire->fd);
    wire->fd = -1;
}

bool wire_pause(const struct wire *wire, int ms)
{
    struct pollfd ready = {.fd = wire->stop, .events = POLLIN};
    return poll(&ready, 1, ms) > 0;
}
