// Bytes that wait to be sent: those that are shared are held, others copied. All of them go out by as few
// calls as can be; while none wait there is no memory. One thread.
#ifndef LIB_NET_PIECES_H
#define LIB_NET_PIECES_H

#include <stddef.h>

#include "lib/base/shared.h"

struct piece {
    struct piece *next;
    struct shared *shared; // held; NULL: copied bytes are behind it
    const char *bytes;
    size_t len, room;
    char copied[];
};

struct pieces {
    struct piece *first, **last;
    size_t bytes;
};

void pieces_init(struct pieces *pieces);
void pieces_copy(struct pieces *pieces, const void *bytes, size_t len);
void pieces_share(struct pieces *pieces, struct shared *shared, size_t from, size_t len);
// Copies what is at the front, and leaves it there; so much of it.
size_t pieces_peek(const struct pieces *pieces, char *out, size_t most);
void pieces_take(struct pieces *pieces, size_t len); // so many at the front have gone out
void pieces_drop(struct pieces *pieces);             // all

enum pieces_sent {
    PIECES_ALL,
    PIECES_BLOCKED, // the kernel takes no more now
    PIECES_BROKEN,
};

// To a socket that does not block.
enum pieces_sent pieces_send(struct pieces *pieces, int fd);
// Of a TCP socket: the kernel takes little more than it can send at once, so that what waits waits here,
// where it is counted.
void pieces_wait_here(int fd);

#endif
