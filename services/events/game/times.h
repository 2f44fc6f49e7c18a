// Bounds of the times in stored messages, so that arithmetic on them does not overflow. Pure.
#ifndef EVENTS_GAME_TIMES_H
#define EVENTS_GAME_TIMES_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#define TIMES_MOST_MS INT64_C(253402300799999) // the end of the year 9999

// Whether each int64 field named ..._ms, also of the messages within, is between -TIMES_MOST_MS and
// TIMES_MOST_MS.
bool times_fit(const ProtobufCMessage *message);

#endif
