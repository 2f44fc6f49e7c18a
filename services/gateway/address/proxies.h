// Reverse proxies in front of the gateway: peers whose X-Forwarded-For names the client. Pure.
#ifndef GATEWAY_ADDRESS_PROXIES_H
#define GATEWAY_ADDRESS_PROXIES_H

#include "lib/base/err.h"
#include "services/gateway/address/address.h"

enum {
    PROXIES_MOST = 64,      // networks
    PROXIES_MOST_LINES = 8, // of the header; proxies add theirs at the end, so the last ones count
    PROXIES_MOST_HOPS = 32, // that are followed
};

struct proxies {
    struct network networks[PROXIES_MOST];
    size_t count;
};

// "10.0.0.0/8, 192.0.2.7, fd00::/8"; "" means no proxy. The error names the entry.
MUST_CHECK bool proxies_parse(const char *text, struct proxies *proxies, struct err *err);
bool proxies_trust(const struct proxies *proxies, const struct address *address);

// The lines of a request's X-Forwarded-For, in their order.
struct forwarded {
    const char *lines[PROXIES_MOST_LINES];
    size_t count;
};

void forwarded_add(struct forwarded *forwarded, const char *line);
// The client of a trusted peer: from the right, the first address that is not a proxy of ours; when all are,
// the leftmost. It is the peer itself when the part to believe is malformed or absent.
struct address proxies_client(const struct proxies *proxies, const struct address *peer,
                              const struct forwarded *forwarded);

#endif
