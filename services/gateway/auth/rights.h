// What a caller may ask, by the passports of methods. The loop's thread.
#ifndef GATEWAY_AUTH_RIGHTS_H
#define GATEWAY_AUTH_RIGHTS_H

#include "lib/base/err.h"
#include "services/gateway/access/caller.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/api/routes.h"
#include "services/gateway/auth/auth_feed.h"

// Whether the caller, as it is known, may use the route.
MUST_CHECK bool rights_may(const struct caller *caller, const struct route *route,
                           const struct auth_feed *feed, struct err *err);
// Whether the caller may have a tunnel through the proxy: an operator who has logged in.
MUST_CHECK bool rights_may_tunnel(const struct caller *caller, const struct auth_feed *feed, struct err *err);
// Whether the bucket that counts tries at it has room, where there is one beside that of all requests.
MUST_CHECK bool rights_draw(const struct caller *caller, const struct route *route,
                            const struct limits *limits, struct err *err);

#endif
