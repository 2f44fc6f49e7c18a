// The operators' port of a process: /livez, /readyz and /metrics over HTTP, on an address of its own. One
// thread, started and stopped here; it shares nothing with the gateway's HTTP.
#ifndef LIB_SERVICE_ADMIN_H
#define LIB_SERVICE_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/metrics.h"

struct admin;

struct admin_options {
    const char *address; // "127.0.0.1:7441"; port 0 takes a free one
    struct metrics *metrics;
    // Asked for /readyz and /livez by the admin thread; must not block. NULL: always.
    bool (*ready)(void *arg), (*live)(void *arg);
    void *arg;
    // What /readyz says behind it, by the same thread: one line, or NULL. NULL: nothing.
    const char *(*note)(void *arg);
};

MUST_CHECK bool admin_start(struct admin **admin, const struct admin_options *options, struct err *err);
void admin_stop(struct admin *admin); // NULL is fine
uint16_t admin_port(const struct admin *admin);

#endif
