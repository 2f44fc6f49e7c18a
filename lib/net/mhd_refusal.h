// Replaces the answers that libmicrohttpd gives by itself when it cannot read a request: pages of HTML, and
// in 0.9.75 some heads twice. It queues them through its own exported MHD_queue_response, whose place this
// module takes. Before the library answers, the thread's refuser may give a better answer and end the
// socket's sending side, so that the library's answer reaches nobody.
#ifndef LIB_NET_MHD_REFUSAL_H
#define LIB_NET_MHD_REFUSAL_H

#include <microhttpd.h>
#include <stddef.h>

// MHD_queue_response for applications: their own answers use this.
enum MHD_Result mhd_queue_answer(struct MHD_Connection *connection, unsigned status,
                                 struct MHD_Response *response);

// status is the library's. The callback may send to the connection's socket; mhd_refusal_end must follow.
typedef void mhd_refuser(void *arg, struct MHD_Connection *connection, unsigned status);

// Sets the refuser for the daemon that this thread runs. Without one, as on a daemon's own thread, the answer
// is a line of text.
void mhd_refuse_by(mhd_refuser *refuser, void *arg);
// Nothing sent to the socket from now on arrives.
void mhd_refusal_end(struct MHD_Connection *connection);

#endif
