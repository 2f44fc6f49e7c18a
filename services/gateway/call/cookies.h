// The session of a call that keeps it in cookies (api/cookie.h), as it asks by the header `Conse-Session:
// cookie`: pages of other origins cannot send that.
#ifndef GATEWAY_CALL_COOKIES_H
#define GATEWAY_CALL_COOKIES_H

#include "lib/schema/schema.h"

struct call;
struct http_answer;

enum { COOKIES_MOST = 2 };

struct session_cookies {
    const char *used;              // the field whose cookie this call uses up; NULL: none
    const char *set[COOKIES_MOST]; // Set-Cookie headers of the answer
    size_t count;
};

// The fields that it leaves empty. False: the header asks for something else.
MUST_CHECK bool cookies_fill(struct call *call, ProtobufCMessage *request, struct err *err);
// Takes the texts out of the reply, which is then another one, in the arena. False: it can't be read.
bool cookies_take(struct call *call, const uint8_t **reply, size_t *len);
void cookies_forget(struct call *call); // what the call used is not good
void cookies_add(const struct call *call, struct http_answer *answer);

#endif
