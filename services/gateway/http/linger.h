// Connections whose answer went out while the client was still sending. The rest is read and dropped for a
// while, so that a reset does not destroy the answer.
#ifndef GATEWAY_HTTP_LINGER_H
#define GATEWAY_HTTP_LINGER_H

#include "lib/net/loop.h"

enum { LINGER_BYTES = 4 * 1024 * 1024, LINGER_MS = 5000, LINGER_MOST = 64 };

struct lingering;

struct lingers {
    struct loop *loop;
    struct lingering *first;
    size_t count;
};

// Takes over a descriptor of the socket; when there are LINGER_MOST already, it is closed at once.
void linger_take(struct lingers *lingers, int fd);
void linger_finish(struct lingers *lingers); // closes all

#endif
