// Answers: bodies in the form the client asked for, problems.
#ifndef GATEWAY_CALL_REPLY_H
#define GATEWAY_CALL_REPLY_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "services/gateway/api/etag.h"

struct call;
struct http_answer;

// For the tags of a service's replies; hash has room for ETAG_HASH bytes and must live as long.
struct etag_source reply_tag_source(const struct call *call, const uint8_t *payload, size_t len,
                                    unsigned char *hash);
// Whether an answer with this charge has room; SERVICE_BUSY when not.
MUST_CHECK bool reply_has_room(const struct call *call, size_t charge, struct err *err);
// Counts as this many more requests: the cost of fetching a reply and comparing it with a tag.
void reply_charge(struct call *call, size_t tokens);
void reply_charge_compared(struct call *call, size_t len);
void reply_give(struct call *call, struct http_answer *answer); // which needs nothing but the time any more
void reply_message(struct call *call, const uint8_t *payload, size_t len); // a service's packed reply
// Whether a reply leads the client, a browser, to the event's page instead.
bool reply_leads_to_event(const struct call *call);
void reply_problem(struct call *call, const struct err *err);
// With the headers that belong to the reason. The text is copied, as below.
void reply_refusal(struct call *call, const struct err *err, int status, const char *type,
                   const struct buf *text);
void reply_text(struct call *call, const char *type, const struct buf *text); // 200
void reply_made(struct call *call, const char *type, const struct buf *text); // 201; the text is copied
void reply_nothing(struct call *call);                                        // 204
void reply_head(struct call *call, const char *type); // 200, to who asked for the head of a stream
void reply_options(struct call *call);

#endif
