// A topic message: the topic's bytes, 0x00, a packed Notice (topic: the stream) or Heads (topic: "heads"),
// with a bus key the mac of rpc_frame at the end.
#ifndef LIB_BUS_WIRE_H
#define LIB_BUS_WIRE_H

#include <nng/nng.h>

#include "lib/bus/bus.h"

#define BUS_HEADS_TOPIC "heads"
enum { BUS_MAX_MESSAGE = 1024 * 1024, BUS_MAX_STREAM = 128 };

// NULL without memory.
nng_msg *bus_wire_pack(const char *topic, const ProtobufCMessage *body, const uint8_t *key);
// Checks the mac and splits; topic and body point into the message. False when the message is not valid.
MUST_CHECK bool bus_wire_open(nng_msg *message, const uint8_t *key, const char **topic,
                              ProtobufCBinaryData *body);
// The prefix by which SUB filters: every topic that matches begins with it. Returns its length, or 0 when it
// does not fit.
size_t bus_wire_prefix(const char *pattern, char *out, size_t size);

#endif
