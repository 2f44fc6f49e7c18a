// If-Match, If-None-Match and If-Unmodified-Since (RFC 9110, section 13). A write is held back until the
// state of its object is known: the gateway asks as GET of the same path would, and compares tags. Changes by
// others between that and the write are not seen; only "act-<n>" is judged by the service, while it holds the
// event.
#ifndef GATEWAY_CALL_PRECONDITION_H
#define GATEWAY_CALL_PRECONDITION_H

#include "lib/base/err.h"

struct call;

// Before the write is sent. True: it may go, with call->acts. False: it is refused, or the call has moved to
// CALL_COMPARED while the state is fetched; then it is sent or answered later.
bool precondition_holds(struct call *call, struct err *err);

struct etag_source;
// If-Match of a read whose reply is here.
bool precondition_reads(const struct call *call, const struct etag_source *source, struct err *err);

#endif
