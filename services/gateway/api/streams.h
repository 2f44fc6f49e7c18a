// Kinds of streams that viewers follow, by the words of their topics ("event:<id>", "me"), with what is told
// of one: a row here and one in feed/source.c are a kind. Constant.
#ifndef GATEWAY_API_STREAMS_H
#define GATEWAY_API_STREAMS_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

struct stream_kind {
    const char *topic; // "event"
    const char *about; // what its id is the id of: "event_id"; NULL: the topic has no id
    const ProtobufCMessageDescriptor *state, *mine, *entry; // mine NULL: nothing is the viewer's own
    const char *doc;
};

const struct stream_kind *streams_all(size_t *count);

struct route;

// By which the user of a WebSocket goes on under another token. No service has the method: who holds the
// socket answers it.
const struct route *streams_renewal(void);

#endif
