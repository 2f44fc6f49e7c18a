// Whether this program knows all that a stored message says. What an older program passed over could mean
// anything.
#ifndef LIB_SCHEMA_KNOWN_H
#define LIB_SCHEMA_KNOWN_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

// No field and no enum's value is unknown, here and in the messages within.
bool message_is_known(const ProtobufCMessage *message);

#endif
