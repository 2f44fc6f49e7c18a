// A topic message: the topic's bytes, 0x00, a packed Notice (topic: the stream, "peers" or "hints") or Heads
// ("heads"), with a bus key a seal at the end.
#ifndef LIB_BUS_WIRE_H
#define LIB_BUS_WIRE_H

#include <nng/nng.h>

#include "lib/bus/bus.h"

#define BUS_HEADS_TOPIC "heads"
#define BUS_PEERS_TOPIC "peers"
#define BUS_HINTS_TOPIC "hints"
enum { BUS_MAX_MESSAGE = 1024 * 1024, BUS_MAX_STREAM = 128 };

// NULL without memory.
nng_msg *bus_wire_pack(const char *topic, const ProtobufCMessage *body);
// Splits a message without its seal; topic and body point into it. False when it has no topic.
MUST_CHECK bool bus_wire_split(nng_msg *message, const char **topic, ProtobufCBinaryData *body);
// The prefix by which SUB filters: every topic that matches begins with it. Returns its length, or 0 when it
// does not fit.
size_t bus_wire_prefix(const char *pattern, char *out, size_t size);

#endif
