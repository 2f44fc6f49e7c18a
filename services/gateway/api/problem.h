// Errors as problem documents (RFC 9457) and the one table from codes to HTTP statuses. Pure.
#ifndef GATEWAY_API_PROBLEM_H
#define GATEWAY_API_PROBLEM_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

// The reason's own status (proto/errors.proto), else its code's.
int problem_status(Conse__Reason__Value reason);
const char *problem_title(int status); // "Not Found"
// instance is the path of the request. The message of an internal fault is not shown.
void problem_write(struct buf *out, const struct err *err, const char *instance, const char *trace_id);

#endif
