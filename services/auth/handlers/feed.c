// The feed of auth.revocations, from which a gateway reads what it missed, of auth.names, for services that
// show people, and of the audit.
#include <string.h>

#include "lib/bus/feed.h"
#include "services/auth/handlers/handlers.h"
#include "services/auth/names.h"
#include "services/auth/tokens/revocations.h"

static bool revocation_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                              struct err *err)
{
    const Auth__Revocation *revocation =
        auth__revocation__unpack(&call->arena->allocator, bytes.len, bytes.data);
    if (!revocation) return err_fail(err, STORE_CORRUPT, "an entry of %s does not unpack", notice->stream);
    notice->kind = REVOCATIONS_KIND;
    notice->time = revocation->time;
    notice->payload = bytes;
    return true;
}

static bool name_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    (void)call, (void)err;
    notice->kind = NAMES_KIND;
    notice->payload = bytes;
    return true;
}

static feed_entry *entry_of(const struct auth *auth, const char *stream)
{
    if (strcmp(stream, NAMES_STREAM) == 0) return name_notice;
    if (strcmp(stream, REVOCATIONS_STREAM) == 0) return revocation_notice;
    return strcmp(stream, audit_stream(auth->audit)) == 0 ? audit_notice : NULL;
}

static bool read_stream(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                        struct feed_page *page, struct err *err)
{
    const struct auth *auth = call->service;
    feed_entry *entry = entry_of(auth, stream);
    return entry ? feed_read_store(call, auth->store, stream, from, limit, entry, page, err)
                 : feed_absent(err);
}

static bool list_heads(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                       Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    const struct auth *auth = call->service;
    return feed_heads_store(call, auth->store, prefix, after, limit, rows, count, err);
}

static uint64_t generation_of(const struct rpc_call *call)
{
    return store_generation(((const struct auth *)call->service)->store);
}

static const struct feed_source source = {schema_streams, read_stream, list_heads, generation_of};

HANDLER(feed_read_notices, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(feed_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

const struct rpc_method feed_methods[] = {
    RPC_METHOD("auth.feed.Read", feed_read_notices),
    RPC_METHOD("auth.feed.ListHeads", feed_heads),
    {0},
};
