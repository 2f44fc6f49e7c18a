// Who follows an event, asked once, and what a page says of itself.
#ifndef GATEWAY_CALL_PRESENCE_H
#define GATEWAY_CALL_PRESENCE_H

struct call;

void presence_answer(struct call *call); // what its stream begins with
void presence_take(struct call *call);   // that nobody looks at the page, or somebody does again
void presence_leave(struct call *call);  // it is waited for no more

#endif
