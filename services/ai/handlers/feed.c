// The service's Feed: ai.games for operators.
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/bus/feed.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/standings/standings.h"

static bool make_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    const Standings__Entry *entry = standings__entry__unpack(&call->arena->allocator, bytes.len, bytes.data);
    if (entry) notice->time = stamp_new(call->arena, entry->time_ms);
    notice->kind = "ai.game";
    notice->payload = bytes;
    return notice->time || err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
}

static bool read_games(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                       struct feed_page *page, struct err *err)
{
    const struct ai *ai = call->service;
    if (strcmp(stream, STANDINGS_STREAM) != 0 || !feed_asks_by_itself(call)) return feed_absent(err);
    return feed_read_store(call, ai->store, stream, from, limit, make_notice, page, err);
}

static bool list_games(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                       Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    const struct ai *ai = call->service;
    *count = 0;
    bool wanted = feed_asks_by_itself(call) && limit && strcmp(STANDINGS_STREAM, after) > 0 &&
                  strncmp(STANDINGS_STREAM, prefix, strlen(prefix)) == 0;
    return !wanted || feed_heads_store(call, ai->store, STANDINGS_STREAM, "", 1, rows, count, err);
}

static uint64_t generation_of(const struct rpc_call *call)
{
    return store_generation(((const struct ai *)call->service)->store);
}

static const struct feed_source source = {schema_streams, read_games, list_games, generation_of};

HANDLER(feed_read_notices, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(feed_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

const struct rpc_method ai_feed_methods[] = {
    RPC_METHOD("ai.feed.Read", feed_read_notices),
    RPC_METHOD("ai.feed.ListHeads", feed_heads),
    {0},
};
