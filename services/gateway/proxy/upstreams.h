// What all loops know of the upstreams: their addresses, which a thread keeps, whether they are asked, and
// what is counted. Any thread.
#ifndef GATEWAY_PROXY_UPSTREAMS_H
#define GATEWAY_PROXY_UPSTREAMS_H

#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "lib/net/resolver.h"
#include "services/gateway/proxy/rules.h"

struct upstreams;

// The rules live as long.
MUST_CHECK bool upstreams_open(struct upstreams **upstreams, const struct proxy_rules *rules,
                               struct metrics *metrics, struct err *err);
void upstreams_close(struct upstreams *upstreams); // NULL is fine

// Whether one is asked now, and where it is; UPSTREAM_AWAY when not. Then one of those below follows.
MUST_CHECK bool upstreams_enter(struct upstreams *upstreams, size_t i, struct outside_addresses *addresses,
                                struct err *err);
enum upstream_news { UPSTREAM_GOOD, UPSTREAM_BAD, UPSTREAM_NOTHING };
void upstreams_tell(struct upstreams *upstreams, size_t i, enum upstream_news news);
void upstreams_count(struct upstreams *upstreams, size_t i, int status); // of an answer; 0: a tunnel

#endif
