// The bytes of a passage: one round reads each side that has room behind it, and sends what waits.
#include <errno.h>
#include <sys/socket.h>

#include "services/gateway/proxy/passage.h"

// ---- From the client. Each returns whether something moved.

static bool takes_from_client(const struct passage *passage)
{
    if (passage->client_ended || passage->client_blocked) return false;
    if (passage->stage == PASSAGE_LINGERING) return true;
    if (passage->to_upstream.bytes >= PASSAGE_FULL) return false;
    return passage->stage == PASSAGE_TUNNEL || passage->body_left > 0;
}

// Behind the body there may be what would have been a next request. It goes nowhere.
void bytes_of_client(struct passage *passage, const char *bytes, size_t len)
{
    bool tunnel = passage->stage == PASSAGE_TUNNEL;
    if (!tunnel && (int64_t)len > passage->body_left) len = (size_t)passage->body_left;
    if (!tunnel) passage->body_left -= (int64_t)len;
    if (!passage->deaf && passage->stage < PASSAGE_ENDING) pieces_copy(&passage->to_upstream, bytes, len);
}

static void client_closed(struct passage *passage)
{
    passage->client_ended = true;
    if (passage->stage == PASSAGE_TUNNEL) return;
    if (passage->stage == PASSAGE_LINGERING || passage->body_left > 0) passage_end(passage, false);
}

static bool read_client(struct passage *passage)
{
    char bytes[HTTP_SOCKET_READ];
    if (!takes_from_client(passage)) return false;
    ssize_t n = http_socket_receive(passage->client, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
    if (n <= 0) return client_closed(passage), true;
    passage->moved_ms = passage->client_moved_ms = loop_now_ms(passage->window->loop);
    bytes_of_client(passage, bytes, (size_t)n);
    return true;
}

// ---- From the upstream, and to both

static bool takes_from_upstream(const struct passage *passage)
{
    return passage->upstream_source.fd >= 0 && !passage->upstream_ended &&
           passage->to_client.bytes < PASSAGE_FULL &&
           (passage->stage == PASSAGE_ASKING || passage->stage == PASSAGE_ANSWERING ||
            passage->stage == PASSAGE_TUNNEL);
}

static bool read_upstream(struct passage *passage)
{
    char bytes[HTTP_SOCKET_READ];
    if (!takes_from_upstream(passage)) return false;
    ssize_t n = recv(passage->upstream_source.fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return errno == EINTR;
    if (n <= 0) {
        passage->upstream_ended = true;
        passage_answer_ended(passage, n < 0);
        return true;
    }
    if (passage->stage != PASSAGE_ASKING) passage->moved_ms = loop_now_ms(passage->window->loop);
    passage_answer_take(passage, bytes, (size_t)n);
    return true;
}

static bool send_upstream(struct passage *passage)
{
    size_t before = passage->to_upstream.bytes;
    bool dialled = passage->upstream_source.fd >= 0 && passage->stage != PASSAGE_DIALLING;
    if (!dialled || !before) return false;
    enum pieces_sent sent = pieces_send(&passage->to_upstream, passage->upstream_source.fd);
    if (sent == PIECES_BROKEN) { // it may have answered before, and not wanted the rest
        passage->deaf = true;
        pieces_drop(&passage->to_upstream);
        if (passage->stage == PASSAGE_TUNNEL) passage_end(passage, true);
        return true;
    }
    if (passage->to_upstream.bytes == before) return false;
    passage->moved_ms = passage->client_moved_ms = loop_now_ms(passage->window->loop);
    return true;
}

static bool send_client(struct passage *passage)
{
    size_t before = passage->to_client.bytes;
    if (!passage->client || !before) return passage->client_blocked = false;
    enum pieces_sent sent = http_socket_send(passage->client, &passage->to_client);
    passage->client_blocked = sent == PIECES_BLOCKED;
    if (sent == PIECES_BROKEN) return passage_end(passage, true), true;
    if (passage->to_client.bytes == before) return false;
    passage->moved_ms = loop_now_ms(passage->window->loop);
    return true;
}

bool bytes_move(struct passage *passage)
{
    static bool (*const steps[])(struct passage *) = {read_client, send_upstream, read_upstream, send_client};
    bool moved = false;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && passage->stage != PASSAGE_OVER; i++)
        moved |= steps[i](passage);
    return moved;
}
