// Errors as problem documents (RFC 9457) and the one table from codes to HTTP statuses. Pure.
#ifndef GATEWAY_API_PROBLEM_H
#define GATEWAY_API_PROBLEM_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

// The reason's own status (proto/errors.proto), else its code's.
int problem_status(Conse__Reason__Value reason);
const char *problem_title(int status); // "Not Found"
struct problem {
    const struct err *err; // the message of an internal fault is not shown
    const char *instance;  // the path of the request
    const char *trace_id;
    const char *stamp; // for the proof of work that is wanted; or NULL
    unsigned bits;     // of it
};

void problem_write(struct buf *out, const struct problem *problem);

#endif
