// The service's Feed: events.<id>.public for everyone, events.<id>.god for its god, users.<id> for that user; a dev reads all.
#include <stdio.h>
#include <string.h>

#include "lib/stamp.h"
#include "services/events/handlers.h"
#include "services/events/log.h"

struct stream_ref {
    char event_id[UUID_LEN + 1]; // or ""
    bool public_only;
    char user_id[UUID_LEN + 1]; // or ""
};

static bool parse(const char *stream, struct stream_ref *ref)
{
    char id[UUID_LEN + 1] = "", rest[16] = "";
    *ref = (struct stream_ref){.public_only = false};
    if (strncmp(stream, "users.", 6) == 0 && uuid_check(stream + 6)) return strcpy(ref->user_id, stream + 6), true;
    if (strlen(stream) < 7 + UUID_LEN || sscanf(stream, "events.%36[0-9a-f-].%15s", id, rest) != 2 || !uuid_check(id)) return false;
    strcpy(ref->event_id, id);
    ref->public_only = strcmp(rest, "public") == 0;
    return ref->public_only || strcmp(rest, "god") == 0;
}

static bool read_user(struct rpc_call *call, const char *user_id, const Bus__ReadRequest *request, Bus__ReadReply *reply,
                      struct err *err)
{
    struct events *events = call->service;
    struct arena *arena = call->arena;
    struct store_entries entries;
    if (!caller_is_dev(call) && strcmp(call->caller->user_id, user_id) != 0)
        return err_fail(err, NOT_FOUND, "there is no such stream");
    uint64_t from = request->from ? request->from : 1;
    if (!store_head(events->store, users_stream(user_id).text, &reply->head, err)) return false;
    if (!store_read(events->store, users_stream(user_id).text, from, request->limit ? request->limit : 100, arena, &entries, err))
        return false;
    reply->oldest = 1;
    reply->notices = arena_array(arena, entries.count + 1, sizeof *reply->notices);
    for (size_t i = 0; reply->notices && i < entries.count; i++) {
        Bus__Notice *notice = arena_new(arena, Bus__Notice);
        const Game__UserNotice *told = game__user_notice__unpack(&arena->allocator, entries.entries[i].len, entries.entries[i].data);
        if (!notice || !told) return filled(NULL, err);
        bus__notice__init(notice);
        notice->stream = request->stream;
        notice->seq = entries.first_seq + i;
        notice->time = stamp_new(arena, told->time_ms);
        notice->kind = told->kind;
        notice->payload = entries.entries[i];
        reply->notices[reply->n_notices++] = notice;
    }
    return filled(reply->notices, err);
}

static bool read_event(struct rpc_call *call, const struct stream_ref *ref, const Bus__ReadRequest *request,
                       Bus__ReadReply *reply, struct err *err)
{
    AUTO_TURN struct turn turn = {.call = call};
    if (!turn_begin(&turn, ref->event_id, AS_ANYONE, err)) return false;
    if (!ref->public_only && !turn.viewer.god) return err_fail(err, NOT_FOUND, "there is no such stream");
    return log_feed(&turn, ref->public_only, request, reply, err);
}

HANDLER(feed_read, Bus__ReadRequest, Bus__ReadReply)
{
    struct stream_ref ref;
    if (!parse(request->stream, &ref)) return err_fail(err, NOT_FOUND, "there is no such stream");
    if (ref.user_id[0]) return read_user(call, ref.user_id, request, reply, err);
    return read_event(call, &ref, request, reply, err);
}

static bool add_head(Bus__Heads *reply, const char *stream, uint64_t seq, struct arena *arena)
{
    Bus__Heads__Head *head = arena_new(arena, Bus__Heads__Head);
    if (!head) return false;
    bus__heads__head__init(head);
    head->stream = arena_str(arena, stream);
    head->seq = seq;
    reply->heads[reply->n_heads++] = head;
    return true;
}

static uint64_t durable_heads(const struct turn *turn, bool public_only)
{
    const struct viewer viewer = {.god = !public_only, .person = GAME_NO_ONE};
    struct log_place last;
    uint64_t next;
    log_index_find(&turn->game->log, &viewer, UINT64_MAX, __atomic_load_n(&turn->aggregate->durable_seq, __ATOMIC_ACQUIRE), &last, 1,
                   &next);
    return next - 1;
}

static bool add_event_heads(struct rpc_call *call, const char *event_id, const char *pattern, Bus__Heads *reply, struct err *err)
{
    AUTO_TURN struct turn turn = {.call = call};
    char stream[STREAM_LEN + 8];
    if (!turn_begin(&turn, event_id, AS_ANYONE, err)) return err_is(err, NOT_FOUND);
    snprintf(stream, sizeof stream, "%s.public", events_stream(event_id).text);
    if (bus_matches(pattern, stream) && !add_head(reply, stream, durable_heads(&turn, true), call->arena)) return filled(NULL, err);
    snprintf(stream, sizeof stream, "%s.god", events_stream(event_id).text);
    if (!turn.viewer.god || !bus_matches(pattern, stream)) return true;
    return add_head(reply, stream, durable_heads(&turn, false), call->arena) || filled(NULL, err);
}

enum { MOST_HEADS = 1000 };

// Streams whose stored name begins like the pattern, which is all of them for "*".
static bool add_heads(struct rpc_call *call, const char *prefix, const char *pattern, Bus__Heads *reply, struct err *err)
{
    struct events *events = call->service;
    struct store_head *heads;
    size_t count, skip = strlen(prefix);
    char from[STREAM_LEN];
    snprintf(from, sizeof from, "%.*s", (int)(strlen(prefix) + UUID_LEN), pattern);
    from[strcspn(from, "*")] = 0;
    if (strlen(from) < skip) snprintf(from, sizeof from, "%s", prefix);
    if (strncmp(from, prefix, skip) != 0) return true;
    if (!store_heads(events->store, from, "", MOST_HEADS, call->arena, &heads, &count, err)) return false;
    for (size_t i = 0; i < count && reply->n_heads + 2 < 2 * MOST_HEADS; i++) {
        const char *id = heads[i].stream + skip;
        if (prefix[0] == 'e') {
            if (!add_event_heads(call, id, pattern, reply, err)) return false;
        } else if (bus_matches(pattern, heads[i].stream) && (caller_is_dev(call) || strcmp(id, call->caller->user_id) == 0)) {
            if (!add_head(reply, heads[i].stream, heads[i].seq, call->arena)) return filled(NULL, err);
        }
    }
    return true;
}

HANDLER(feed_list_heads, Bus__HeadsRequest, Bus__Heads)
{
    reply->heads = arena_array(call->arena, 2 * MOST_HEADS + 2, sizeof *reply->heads);
    return filled(reply->heads, err) && add_heads(call, "events.", request->pattern, reply, err) &&
           add_heads(call, "users.", request->pattern, reply, err);
}

const struct rpc_method feed_methods[] = {
    RPC_METHOD("events.feed.Read", feed_read),
    RPC_METHOD("events.feed.ListHeads", feed_list_heads),
    {0},
};
