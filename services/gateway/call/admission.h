// Whether a call may go on, by its headers alone: the route, the caller, the limit, the size and form of its
// body. The findings are stored in the call. The loop's thread.
#ifndef GATEWAY_CALL_ADMISSION_H
#define GATEWAY_CALL_ADMISSION_H

#include "lib/base/err.h"

struct call;
struct route;

// A call whose token is signed by an unknown key is admitted and waits for keys.
MUST_CHECK bool admission_decide(struct call *call, struct err *err);
// Checks the caller again when keys have come.
MUST_CHECK bool admission_know_caller(struct call *call, struct err *err);
// Whether the caller, as it is known, may use the route; and whether the bucket that counts tries at it has
// room, where there is one beside that of all requests.
MUST_CHECK bool admission_may(const struct call *call, const struct route *route, struct err *err);
MUST_CHECK bool admission_draw(const struct call *call, const struct route *route, struct err *err);

#endif
