// What libmicrohttpd answers by itself, when it cannot read a request: pages of HTML, and by 0.9.75 some
// heads twice. It queues them through its own exported MHD_queue_response, whose place this module takes:
// before the library speaks, the thread's refuser may say something better and end the socket's sending side,
// so that the library's words reach nobody.
#ifndef LIB_NET_MHD_REFUSAL_H
#define LIB_NET_MHD_REFUSAL_H

#include <microhttpd.h>
#include <stddef.h>

// MHD_queue_response for applications: answers of their own go by this.
enum MHD_Result mhd_queue_answer(struct MHD_Connection *connection, unsigned status,
                                 struct MHD_Response *response);

// status is the library's. It may send to the connection's socket; mhd_refusal_end must follow.
typedef void mhd_refuser(void *arg, struct MHD_Connection *connection, unsigned status);

// Who refuses for the daemon that this thread runs. Without one, as on a daemon's own thread, it is a line of
// text.
void mhd_refuse_by(mhd_refuser *refuser, void *arg);
// Nothing that is sent to the socket from now on arrives.
void mhd_refusal_end(struct MHD_Connection *connection);

#endif
