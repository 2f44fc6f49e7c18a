// Kinds of streams that viewers follow, by the words of their topics ("event:<id>", "me"), with what is told
// of one: a row here and one in feed/source.c are a kind. Constant.
#ifndef GATEWAY_API_STREAMS_H
#define GATEWAY_API_STREAMS_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

struct stream_kind {
    const char *topic; // "event"
    const char *noun;  // of its subscription in GraphQL; NULL: the topic
    const char *about; // what it is about: "event_id", "name"; NULL: nothing is said behind its word
    // mine NULL: nothing is the viewer's own; entry: it has none; typing: nobody is told who writes.
    const ProtobufCMessageDescriptor *state, *mine, *entry, *typing;
    const char *doc;
};

const struct stream_kind *streams_all(size_t *count);

struct route;

// By which the user of a WebSocket goes on under another token. No service has the method: who holds the
// socket answers it.
const struct route *streams_renewal(void);
// By which a page says whether anybody looks at it. The gateway itself answers it.
const struct route *streams_saying(void);

#endif
