// Answers that no service gives: documents, the console, streams, tickets, presence.
#ifndef GATEWAY_CALL_PAGE_H
#define GATEWAY_CALL_PAGE_H

struct call;

void page_answer(struct call *call);

#endif
