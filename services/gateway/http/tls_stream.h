// The TLS of a connection that has left the library: its session goes on without it. Used like a socket that
// does not block. All that waits goes out as one record, or as many as it needs. The loop's thread.
#ifndef GATEWAY_HTTP_TLS_STREAM_H
#define GATEWAY_HTTP_TLS_STREAM_H

#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/net/pieces.h"

struct tls_stream {
    gnutls_session_t session; // NULL: the connection is plain
    bool cut;                 // the kernel has not taken the whole of the last record
    bool ended;
};

// Takes the session from the library's connection, which is about to end and gets one that reads and writes
// nothing; fd is the socket from now on. True for a plain connection. False: the library gives it not.
bool tls_stream_take(struct tls_stream *stream, struct MHD_Connection *mhd, int fd);

// As pieces_send. What a record has taken counts as waiting until the whole record has gone out.
enum pieces_sent tls_stream_send(struct tls_stream *stream, struct pieces *pieces);
// As recv. A record fits into HTTP_SOCKET_READ bytes, so nothing stays where the socket does not show it. Not
// while a record is cut.
ssize_t tls_stream_receive(struct tls_stream *stream, void *bytes, size_t size);
// What was read of the socket and is still here: only right after `take` there may be something.
size_t tls_stream_waiting(const struct tls_stream *stream);
// Tells the client that nothing more comes, if it can be told at once.
void tls_stream_end(struct tls_stream *stream);
void tls_stream_finish(struct tls_stream *stream); // nothing for a plain one

#endif
