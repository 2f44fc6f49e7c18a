// Whether a call may go on, by its headers alone: the route, the caller, the limit, the size and form of its
// body. The findings are stored in the call. The loop's thread.
#ifndef GATEWAY_CALL_ADMISSION_H
#define GATEWAY_CALL_ADMISSION_H

#include "lib/base/err.h"

struct call;

// A call whose token is signed by an unknown key is admitted and waits for keys.
MUST_CHECK bool admission_decide(struct call *call, struct err *err);
// Checks the caller again when keys have come.
MUST_CHECK bool admission_know_caller(struct call *call, struct err *err);

#endif
