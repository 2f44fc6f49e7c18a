#include "services/gateway/http/tls_stream.h"

#include <errno.h>

enum { RECORD_MOST = 16384 };

// ---- From the library

// In the place of an alert that the library wants to send.
static int refuse_alert(gnutls_session_t session, gnutls_record_encryption_level_t encryption,
                        gnutls_alert_level_t level, gnutls_alert_description_t alert)
{
    (void)session, (void)encryption, (void)level, (void)alert;
    return GNUTLS_E_PUSH_ERROR;
}

// Without a handshake it refuses to read and to write.
static gnutls_session_t make_dead_session(void)
{
    gnutls_session_t session;
    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0) return NULL;
    gnutls_alert_set_read_function(session, refuse_alert);
    return session;
}

// The library shows its own variable, not a copy.
static union MHD_ConnectionInfo *place_of(struct MHD_Connection *mhd)
{
    return (union MHD_ConnectionInfo *)MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
}

bool tls_stream_take(struct tls_stream *stream, struct MHD_Connection *mhd, int fd)
{
    union MHD_ConnectionInfo *place = place_of(mhd);
    *stream = (struct tls_stream){.session = NULL};
    if (!place) return true;
    gnutls_session_t mine = place->tls_session, dead = make_dead_session();
    if (!dead) return false;
    place->tls_session = dead;
    if (place_of(mhd)->tls_session != dead) return gnutls_deinit(dead), false;
    stream->session = mine;
    gnutls_transport_set_int(mine, fd);
    gnutls_session_set_ptr(mine, NULL); // it was the library's connection
    return true;
}

// ---- What goes out

static ssize_t send_record(struct tls_stream *stream, const struct pieces *pieces)
{
    char bytes[RECORD_MOST];
    const struct piece *first = pieces->first;
    if (first->len == pieces->bytes || first->len >= RECORD_MOST)
        return gnutls_record_send(stream->session, first->bytes, first->len);
    return gnutls_record_send(stream->session, bytes, pieces_peek(pieces, bytes, sizeof bytes));
}

// A record that was cut is in the session, which sends the rest of it when it is given nothing.
enum pieces_sent tls_stream_send(struct tls_stream *stream, struct pieces *pieces)
{
    while (pieces->first) {
        ssize_t sent =
            stream->cut ? gnutls_record_send(stream->session, NULL, 0) : send_record(stream, pieces);
        stream->cut = sent == GNUTLS_E_AGAIN || sent == GNUTLS_E_INTERRUPTED;
        if (sent == GNUTLS_E_AGAIN) return PIECES_BLOCKED;
        if (sent < 0 && !stream->cut) return PIECES_BROKEN;
        if (sent > 0) pieces_take(pieces, (size_t)sent);
    }
    return PIECES_ALL;
}

// ---- What comes in

size_t tls_stream_waiting(const struct tls_stream *stream)
{
    return stream->session ? gnutls_record_check_pending(stream->session) : 0;
}

// Who wants another handshake is refused, since that would need the library's connection.
ssize_t tls_stream_receive(struct tls_stream *stream, void *bytes, size_t size)
{
    ssize_t got = gnutls_record_recv(stream->session, bytes, size);
    if (got >= 0) return got;
    bool later = !gnutls_error_is_fatal((int)got) && got != GNUTLS_E_REHANDSHAKE;
    errno = later ? EAGAIN : ECONNRESET;
    return -1;
}

// ---- Ends

void tls_stream_end(struct tls_stream *stream)
{
    if (stream->session && !stream->ended) gnutls_bye(stream->session, GNUTLS_SHUT_WR);
    stream->ended = true;
}

void tls_stream_finish(struct tls_stream *stream)
{
    if (!stream->session) return;
    gnutls_deinit(stream->session);
    stream->session = NULL;
}
