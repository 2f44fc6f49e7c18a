// The server's side of Feed.Read and Feed.ListHeads. A service provides the reading of its streams; this
// module does paging, limits and sizes. Handlers call it: HANDLER(feed_read_notices, Bus__ReadRequest,
// Bus__ReadReply) { return feed_read(...); }
#ifndef LIB_BUS_FEED_H
#define LIB_BUS_FEED_H

#include "bus.pb-c.h"
#include "lib/rpc/server.h"

// What a source fills for one stream: notices in the call's arena, contiguous, the first with seq >= from.
struct feed_page {
    Bus__Notice **notices;
    size_t count;
    uint64_t head;   // newest sequence number, 0 when there is none
    uint64_t oldest; // oldest still kept; 0 counts as 1
};

// The source is not called for streams that the table does not give to the program or to the user's level.
// For a program that asks for nobody it answers as if the program might see all; for users it judges which
// streams are someone else's.
struct feed_source {
    const struct schema_stream *streams; // schema_streams
    // Reads at most limit notices. feed_absent when there is no such stream, or the user may not have it.
    bool (*read)(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                 struct feed_page *page, struct err *err);
    // Puts into rows the heads of the caller's streams whose name begins with prefix and comes after `after`,
    // by name, at most limit.
    bool (*heads)(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                  Bus__Heads__Head *rows, size_t *count, struct err *err);
    // of the store that has the streams; NULL: not told
    uint64_t (*generation)(const struct rpc_call *call);
};

bool feed_absent(struct err *err); // NOT_FOUND; always false
// Whether the program asks for nobody.
bool feed_asks_by_itself(const struct rpc_call *call);

// Gives fewer notices than asked for when they would pass 1 MiB; the reader asks again.
MUST_CHECK bool feed_read(struct rpc_call *call, const struct feed_source *source,
                          const Bus__ReadRequest *request, Bus__ReadReply *reply, struct err *err);
// At most 20 000 heads; `more` says that others follow.
MUST_CHECK bool feed_list_heads(struct rpc_call *call, const struct feed_source *source,
                                const Bus__HeadsRequest *request, Bus__Heads *reply, struct err *err);

// Makes the notice of an entry, in which stream and seq are already set.
typedef bool feed_entry(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err);
// A source's read for a stream kept in a store.
MUST_CHECK bool feed_read_store(struct rpc_call *call, struct store *store, const char *stream, uint64_t from,
                                size_t limit, feed_entry *entry, struct feed_page *page, struct err *err);
// A source's heads for streams kept in a store under their own names.
MUST_CHECK bool feed_heads_store(struct rpc_call *call, struct store *store, const char *prefix,
                                 const char *after, size_t limit, Bus__Heads__Head *rows, size_t *count,
                                 struct err *err);

#endif
