// One connection to another node, for frames: a u32 with the length, little-endian, then so many bytes. All
// waiting ends when `stop` can be read, or after some seconds. Private to the room.
#ifndef CHAIN_NODE_WIRE_H
#define CHAIN_NODE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct wire {
    int fd;   // -1: none
    int stop; // an eventfd
};

// SERVICE_AWAY, of all three.
MUST_CHECK bool wire_open(struct wire *wire, const char *place, struct err *err);
MUST_CHECK bool wire_send(struct wire *wire, const void *bytes, size_t length, struct err *err);
// A frame of exactly this length.
MUST_CHECK bool wire_take(struct wire *wire, void *bytes, size_t length, struct err *err);
void wire_close(struct wire *wire);
// Whether the wait was ended by `stop`.
bool wire_pause(const struct wire *wire, int ms);

#endif
