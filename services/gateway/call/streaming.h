// Answers that go on: streams by server-sent events.
#ifndef GATEWAY_CALL_STREAMING_H
#define GATEWAY_CALL_STREAMING_H

struct call;

void streaming_open(struct call *call);

#endif
