// Requests to URLs that people gave us. A name is resolved once and every address of it is checked: all must
// be public; the connection goes to one of these and no other. No redirects, no proxies, no cookies; 5
// seconds for all, 64 KiB of reply, no connection is kept. They block: for threads that do nothing else.
// Thread-safe.
#ifndef LIB_NET_OUTSIDE_H
#define LIB_NET_OUTSIDE_H

#include <stdatomic.h>

#include "lib/net/http.h"
#include "lib/net/outside_url.h"

enum { OUTSIDE_TIMEOUT_MS = 5000, OUTSIDE_REPLY_MOST = 64 << 10, OUTSIDE_ADDRESSES = 16 };

struct outside_addresses {
    struct sockaddr_storage all[OUTSIDE_ADDRESSES];
    size_t count;
};

// Finds the addresses of a host by then (monotonic); SERVICE_AWAY when it has none, DEADLINE_PASSED.
typedef bool outside_resolve(void *arg, const char *host, int64_t until_ms,
                             struct outside_addresses *addresses, struct err *err);

struct outside {
    bool loopback;            // for tests: this machine may be asked, also by http and on any port
    outside_resolve *resolve; // NULL: the system's resolver
    void *arg;
    const atomic_bool *stopping; // ends requests under way; or NULL
};

struct outside_request {
    const char *url;
    const char *const *headers; // "Name: value", NULL-ended
    const void *body;
    size_t len;
    int64_t timeout_ms; // 0: OUTSIDE_TIMEOUT_MS
};

// Posts the body. When no complete reply came: as http_do, or INVALID_FIELD when the URL or an address that
// its host stands for is refused. Finish the reply after success, whatever its status.
MUST_CHECK bool outside_post(const struct outside *outside, const struct outside_request *request,
                             struct http_reply *reply, struct err *err);

#endif
