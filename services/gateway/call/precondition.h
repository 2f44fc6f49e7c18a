// If-Match, If-None-Match and If-Unmodified-Since (RFC 9110, section 13). A write is held back until the
// object it is about is known to be as the client thinks: the gateway asks as GET of the same path would, and
// compares tags. What others do between that and the write is not seen; only "act-<n>" is judged by the
// service, while it holds the event.
#ifndef GATEWAY_CALL_PRECONDITION_H
#define GATEWAY_CALL_PRECONDITION_H

#include "lib/base/err.h"

struct call;

// Before the write is sent. True: it may go, with call->acts. False: refused, or, when the call has moved to
// CALL_COMPARED, being found out; it is sent or answered later then.
bool precondition_holds(struct call *call, struct err *err);

struct etag_source;
// Of a read whose reply is here: If-Match.
bool precondition_reads(const struct call *call, const struct etag_source *source, struct err *err);

#endif
