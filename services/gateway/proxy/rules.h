// Where the gateway passes requests on to, as operators say it: prefixes of paths with the servers behind
// them, and the targets that CONNECT may name. Nothing else is ever connected to. Pure.
#ifndef GATEWAY_PROXY_RULES_H
#define GATEWAY_PROXY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum {
    PROXY_PREFIXES_MOST = 16,
    PROXY_UPSTREAMS_MOST = 32,
    PROXY_PATH = 128,
    PROXY_HOST = 254,
    PROXY_AUTHORITY = PROXY_HOST + 8,
};

struct proxy_upstream {
    char host[PROXY_HOST];           // a name, or an address without brackets
    char authority[PROXY_AUTHORITY]; // "10.0.0.5:8080", "[::1]:8080"
    uint16_t port;
};

struct proxy_prefix {
    char path[PROXY_PATH]; // "/media/"
    char base[PROXY_PATH]; // that takes its place at the upstream; "": the path goes on as it is
    size_t upstream;
    bool authorization; // what the client says there goes on
};

struct proxy_rules {
    struct proxy_prefix prefixes[PROXY_PREFIXES_MOST];
    size_t prefixes_count;
    struct proxy_upstream upstreams[PROXY_UPSTREAMS_MOST]; // each once
    size_t upstreams_count;
    size_t targets[PROXY_UPSTREAMS_MOST]; // upstreams that CONNECT may name
    size_t targets_count;
};

struct routes;

// "/media/=http://10.0.0.5:8080 /panel/=http://panel:3000/,authorization": entries behind blanks. Appends.
MUST_CHECK bool proxy_rules_parse(struct proxy_rules *rules, const char *text, struct err *err);
// "10.0.0.7:5432,db.example:443".
MUST_CHECK bool proxy_rules_parse_targets(struct proxy_rules *rules, const char *text, struct err *err);
// Refuses a prefix that begins as a route of Conse does.
MUST_CHECK bool proxy_rules_check(const struct proxy_rules *rules, const struct routes *routes,
                                  struct err *err);
// The longest prefix that a path begins with; NULL: none.
const struct proxy_prefix *proxy_rules_find(const struct proxy_rules *rules, const char *path);
// The upstream that CONNECT names; false: it is not one that may be.
bool proxy_rules_find_target(const struct proxy_rules *rules, const char *authority, size_t *upstream);

#endif
