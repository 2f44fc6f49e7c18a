// Calls that are not Conse's: they go on to another server (proxy/proxy.h).
#ifndef GATEWAY_CALL_PROXYING_H
#define GATEWAY_CALL_PROXYING_H

#include <stdbool.h>

#include "lib/base/err.h"

struct call;

// Whether the call is for another server, which it then has.
bool proxying_find(struct call *call);
// Whether it is CONNECT, and there are targets at all.
bool proxying_tunnels(const struct call *call);
// The target that CONNECT names; TARGET_REFUSED: none that may be.
MUST_CHECK bool proxying_find_target(struct call *call, struct err *err);
// From its headers, before a body is read.
MUST_CHECK bool proxying_admit(struct call *call, struct err *err);
bool proxying_has(const struct call *call); // whether the call goes on
// Gives its connection away, or answers.
void proxying_pass(struct call *call);

#endif
