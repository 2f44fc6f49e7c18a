// Reads that wait for news (?wait=25s): the gateway asks the service, and while the reply is empty it keeps
// the call and asks again when a notice of the event, or of the viewer, arrives. At most 512 wait on all
// loops together; further ones are answered at once. One per loop, and its thread's except where marked.
#ifndef GATEWAY_STREAM_WAITS_H
#define GATEWAY_STREAM_WAITS_H

#include <protobuf-c/protobuf-c.h>

#include "lib/base/err.h"

struct call;
struct gateway_loop;
struct waits;

enum { WAITS_MOST = 512, WAIT_LONGEST_MS = 25 * 1000 };

MUST_CHECK bool waits_create(struct waits **waits, struct gateway_loop *home, struct err *err);
void waits_destroy(struct waits *waits); // NULL is fine
// Something happened on a stream. Any thread.
void waits_notice(struct waits *waits, const char *stream);
// Takes the field "wait" out of a request and notes that the call may wait, before it is sent.
void waits_prepare(struct call *call, ProtobufCMessage *request);
// True when the reply has no news and the call is parked.
bool waits_keep(struct call *call, const uint8_t *reply, size_t len);
void waits_answer(struct call *call); // a parked one, with its last reply
void waits_unpark(struct call *call); // when it is no longer parked
void waits_forget(struct call *call); // it waits no more; nothing when it never did
// Looks after the calls whose streams had notices; from the loop's wake.
void waits_awake(struct waits *waits);
// Answers all that are parked, before a stop.
void waits_release(struct waits *waits);

#endif
