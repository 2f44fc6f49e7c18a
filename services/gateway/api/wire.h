// Checks a client's protobuf bytes before they are unpacked, for what protobuf-c accepts: unknown fields, NUL
// inside strings, bad UTF-8, enum zero. Pure.
#ifndef GATEWAY_API_WIRE_H
#define GATEWAY_API_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "lib/base/err.h"

// MALFORMED with the field's path.
MUST_CHECK bool wire_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t len,
                           struct err *err);

#endif
