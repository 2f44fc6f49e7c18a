#include "lib/net/pieces.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { AT_ONCE = 256, SMALL = 512, UNSENT_MOST = 16 << 10 };

void pieces_init(struct pieces *pieces) { *pieces = (struct pieces){.last = &pieces->first}; }

static void drop_first(struct pieces *pieces)
{
    struct piece *piece = pieces->first;
    pieces->first = piece->next;
    if (!pieces->first) pieces->last = &pieces->first;
    shared_drop(piece->shared);
    free(piece);
}

void pieces_drop(struct pieces *pieces)
{
    while (pieces->first) drop_first(pieces);
    pieces->bytes = 0;
}

static struct piece *add_piece(struct pieces *pieces, size_t room)
{
    struct piece *piece = malloc(sizeof *piece + room);
    if (!piece) abort();
    *piece = (struct piece){.room = room};
    piece->bytes = piece->copied;
    assert(pieces->last); // pieces_init
    *pieces->last = piece;
    pieces->last = &piece->next;
    return piece;
}

static struct piece *last_piece(struct pieces *pieces)
{
    return pieces->first ? (struct piece *)((char *)pieces->last - offsetof(struct piece, next)) : NULL;
}

// Small texts share a piece.
void pieces_copy(struct pieces *pieces, const void *bytes, size_t len)
{
    struct piece *last = last_piece(pieces);
    if (!len) return;
    if (!last || last->shared || last->bytes != last->copied || last->room - last->len < len)
        last = add_piece(pieces, len < SMALL ? SMALL : len);
    memcpy(last->copied + last->len, bytes, len);
    last->len += len;
    pieces->bytes += len;
}

void pieces_share(struct pieces *pieces, struct shared *shared, size_t from, size_t len)
{
    if (!len) return;
    struct piece *piece = add_piece(pieces, 0);
    piece->shared = shared_hold(shared);
    piece->bytes = shared->bytes + from;
    piece->len = len;
    pieces->bytes += len;
}

size_t pieces_peek(const struct pieces *pieces, char *out, size_t most)
{
    size_t copied = 0;
    for (const struct piece *piece = pieces->first; piece && copied < most; piece = piece->next) {
        size_t len = piece->len < most - copied ? piece->len : most - copied;
        memcpy(out + copied, piece->bytes, len);
        copied += len;
    }
    return copied;
}

void pieces_take(struct pieces *pieces, size_t len)
{
    pieces->bytes -= len;
    while (pieces->first && len >= pieces->first->len) {
        len -= pieces->first->len;
        drop_first(pieces);
    }
    if (!len) return;
    pieces->first->bytes += len;
    pieces->first->len -= len;
}

static ssize_t send_some(const struct pieces *pieces, int fd)
{
    struct iovec parts[AT_ONCE];
    struct msghdr message = {.msg_iov = parts};
    for (const struct piece *piece = pieces->first; piece && message.msg_iovlen < AT_ONCE;
         piece = piece->next)
        parts[message.msg_iovlen++] = (struct iovec){(void *)piece->bytes, piece->len};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

enum pieces_sent pieces_send(struct pieces *pieces, int fd)
{
    while (pieces->first) {
        ssize_t sent = send_some(pieces, fd);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN ? PIECES_BLOCKED : PIECES_BROKEN;
        pieces_take(pieces, (size_t)sent);
    }
    return PIECES_ALL;
}

void pieces_wait_here(int fd)
{
    const int most = UNSENT_MOST;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most); // not of other kinds
}
