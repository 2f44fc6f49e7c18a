// Messages that were packed before, put into a reply unchanged: protobuf-c writes unknown fields untouched.
#ifndef EVENTS_HANDLERS_PACKED_H
#define EVENTS_HANDLERS_PACKED_H

#include "lib/base/arena.h"

// One more message in a field of the reply, copied into the arena. False when that is full.
bool packed_add(ProtobufCMessage *reply, uint32_t field, ProtobufCBinaryData message, struct arena *arena);

#endif
