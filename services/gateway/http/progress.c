#include "services/gateway/http/progress.h"

#include <linux/tcp.h>
#include <sys/socket.h>

#include "services/gateway/http/connection.h"

enum {
    LOOK_MS = 250,  // what goes out sooner is not looked at
    LEFT_MS = 1000, // as the stall's timeout, for a client that has ended its sending side
};

void progress_begin(struct connection *connection, size_t len)
{
    const struct http_options *options = &connection->server->front->options;
    int64_t now_ms = connection_now_ms(connection);
    connection->progress = (struct progress){.answered_ms = now_ms, .moved_ms = now_ms};
    connection->deadline_ms =
        now_ms + options->request_timeout_ms + (int64_t)len * 1000 / PROGRESS_LEAST_BYTES;
}

static uint64_t acked_by(int fd)
{
    struct tcp_info info;
    socklen_t size = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_acked : 0;
}

void progress_check(struct connection *connection, int64_t now_ms)
{
    struct progress *progress = &connection->progress;
    if (now_ms - progress->answered_ms < LOOK_MS) return;
    uint64_t acked = acked_by(connection->fd);
    if (acked != progress->acked) {
        progress->acked = acked;
        progress->moved_ms = now_ms;
    } else if (now_ms - progress->moved_ms >= connection->server->front->options.stall_timeout_ms) {
        connection_cut(connection, CUT_STALLED);
    } else if (connection->left_ms && now_ms - progress->moved_ms >= LEFT_MS) {
        connection_cut(connection, CUT_LEFT);
    }
}
