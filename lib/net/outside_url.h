// URLs that people give us to send to. Pure: what a name stands for is asked elsewhere (outside.h).
#ifndef LIB_NET_OUTSIDE_URL_H
#define LIB_NET_OUTSIDE_URL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { OUTSIDE_URL_MOST = 2048, OUTSIDE_HOST = 254 };

struct outside_url {
    bool tls;
    bool literal;                    // the host is an address
    struct sockaddr_storage address; // then
    char host[OUTSIDE_HOST];         // in lower case, an IPv6 address without brackets
    uint16_t port;
};

// NULL, or what is wrong with it, to stand behind "url ": it must be https, on port 443 or 8443, to a name
// with a dot or a public address in its one usual form, without user, fragment, and anything beyond ASCII (a
// name in other letters is written as xn--...). With `loopback`, for tests, also http, any port, and this
// machine.
const char *outside_url_parse(struct outside_url *url, const char *text, bool loopback);

// The last two labels of a host's name: whoever has a name has all names below it.
const char *outside_domain(const char *host);

#endif
