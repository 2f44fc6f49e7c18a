// Calls that wait for news with `wait`: the parts of a request and its replies that concern it.
#ifndef GATEWAY_CALL_WAITING_H
#define GATEWAY_CALL_WAITING_H

#include "services/gateway/call/call.h"

// Takes the waiting time out of a request; the call waits then, if it may.
void waiting_begin(struct call *call, ProtobufCMessage *request);
// True when the reply has no news and the call is parked with it.
bool waiting_keep(struct call *call, const struct ask_reply *reply);
// True when the failed question is asked again soon, which is allowed because there is an earlier reply.
bool waiting_retry(struct call *call, const struct err *err);
void waiting_answer(struct call *call); // a parked call, with the reply that it was parked with
void waiting_unpark(struct call *call); // when it is no longer parked
void waiting_end(struct call *call);    // does nothing when it does not wait

#endif
