// Answers that go on: streams by server-sent events; and tickets to them.
#ifndef GATEWAY_CALL_STREAMING_H
#define GATEWAY_CALL_STREAMING_H

struct call;

void streaming_open(struct call *call);
void streaming_give_ticket(struct call *call);

#endif
