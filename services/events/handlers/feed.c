// The service's Feed: chat.<room id> as numbers for programs; events.<id>.public for everyone,
// events.<id>.god for viewers that see the event as its god, users.<id> for that user; topics.<id> for
// everyone; events.games, events.locks and events.money for programs. The .proto declares what programs get
// that ask for nobody.
#include <stdio.h>
#include <string.h>

#include "lib/bus/feed.h"
#include "lib/base/stamp.h"
#include "services/events/handlers/handlers.h"
#include "services/events/money/tell.h"
#include "services/events/push/letter.h"
#include "services/events/topics/event_log.h"
#include "services/events/topics/finished.h"
#include "services/events/topics/locked.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

#define ROOMS "chat."

enum { GAMES_PAGE = 8 }; // the largest has half a megabyte

struct topic {
    char event_id[UUID_LEN + 1]; // or ""
    bool public_only;
    char user_id[UUID_LEN + 1]; // or ""
};

static bool feed_parse(const char *stream, struct topic *topic)
{
    char id[UUID_LEN + 1] = "", rest[16] = "";
    *topic = (struct topic){.public_only = false};
    if (strncmp(stream, "users.", 6) == 0 && uuid_check(stream + 6))
        return strcpy(topic->user_id, stream + 6), true;
    if (sscanf(stream, "events.%36[0-9a-f-].%15s", id, rest) != 2 || !uuid_check(id)) return false;
    strcpy(topic->event_id, id);
    topic->public_only = strcmp(rest, "public") == 0;
    return topic->public_only || strcmp(rest, "god") == 0;
}

// Without the place in the event's stream, which would reveal how much happens that the user does not see.
static bool make_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    Game__UserNotice *told = game__user_notice__unpack(&call->arena->allocator, bytes.len, bytes.data);
    if (!told)
        return call->arena->failed ? filled(NULL, err)
                                   : err_fail(err, STORE_CORRUPT, "a notice does not unpack");
    told->index = 0;
    notice->time = stamp_new(call->arena, told->time_ms);
    notice->kind = told->kind;
    notice->payload.data = arena_alloc(call->arena, bytes.len);
    if (!filled(notice->payload.data, err)) return false;
    notice->payload.len = game__user_notice__pack(told, notice->payload.data);
    return true;
}

static bool read_user(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                      struct feed_page *page, struct err *err)
{
    struct events *events = call->service;
    if (!feed_asks_by_itself(call) && strcmp(call->caller->user_id, stream + strlen("users.")) != 0)
        return feed_absent(err);
    return feed_read_store(call, events->store, stream, from, limit, make_notice, page, err);
}

static bool game_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    (void)call, (void)err;
    notice->kind = GAMES_KIND;
    notice->payload = bytes;
    return true;
}

static bool read_games(struct rpc_call *call, uint64_t from, size_t limit, struct feed_page *page,
                       struct err *err)
{
    const struct events *events = call->service;
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    if (limit > GAMES_PAGE) limit = GAMES_PAGE;
    return feed_read_store(call, events->store, GAMES_STREAM, from, limit, game_notice, page, err);
}

static bool locked_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                          struct err *err)
{
    (void)call, (void)err;
    notice->kind = LOCKS_KIND;
    notice->payload = bytes;
    return true;
}

static bool read_locks(struct rpc_call *call, uint64_t from, size_t limit, struct feed_page *page,
                       struct err *err)
{
    const struct events *events = call->service;
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    return feed_read_store(call, events->store, LOCKS_STREAM, from, limit, locked_notice, page, err);
}

static bool money_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                         struct err *err)
{
    (void)call, (void)err;
    notice->kind = MONEY_KIND;
    notice->payload = bytes;
    return true;
}

static bool read_money(struct rpc_call *call, uint64_t from, size_t limit, struct feed_page *page,
                       struct err *err)
{
    const struct events *events = call->service;
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    return feed_read_store(call, events->store, MONEY_STREAM, from, limit, money_notice, page, err);
}

static bool read_audit(struct rpc_call *call, uint64_t from, size_t limit, struct feed_page *page,
                       struct err *err)
{
    const struct events *events = call->service;
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    return feed_read_store(call, events->store, audit_stream(events->audit), from, limit, audit_notice, page,
                           err);
}

static bool room_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    (void)call, (void)bytes, (void)notice, (void)err;
    return true;
}

// That something was said; what, FollowRoom tells those who may know.
static bool read_room(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                      struct feed_page *page, struct err *err)
{
    const struct events *events = call->service;
    if (!feed_asks_by_itself(call)) return feed_absent(err);
    return feed_read_store(call, events->store, stream, from, limit, room_notice, page, err);
}

static bool published_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                             struct err *err)
{
    const Push__Published *published =
        push__published__unpack(&call->arena->allocator, bytes.len, bytes.data);
    Push__TopicRow *row;
    if (!filled(published, err) ||
        !topic_by_id(call->service, notice->stream + strlen(TOPICS_PREFIX), call->arena, &row, err))
        return false;
    if (!row) return feed_absent(err); // it was ended just now
    const Events__TopicEntry *entry =
        letter_entry(call->service, row, notice->seq, published, call->arena, err);
    if (!entry) return false;
    notice->time = stamp_new(call->arena, published->time_ms);
    notice->kind = published->kind;
    notice->payload.len = events__topic_entry__get_packed_size(entry);
    notice->payload.data = arena_alloc(call->arena, notice->payload.len);
    if (!filled(notice->payload.data, err)) return false;
    events__topic_entry__pack(entry, notice->payload.data);
    return true;
}

// What somebody has published outside: everybody may read it.
static bool read_published(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                           struct feed_page *page, struct err *err)
{
    const struct events *events = call->service;
    return feed_read_store(call, events->store, stream, from, limit, published_notice, page, err);
}

static bool read_topic(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                       struct feed_page *page, struct err *err)
{
    struct topic topic;
    AUTO_COMMAND struct command command = {.call = call};
    if (strcmp(stream, GAMES_STREAM) == 0) return read_games(call, from, limit, page, err);
    if (strcmp(stream, LOCKS_STREAM) == 0) return read_locks(call, from, limit, page, err);
    if (strcmp(stream, audit_stream(((const struct events *)call->service)->audit)) == 0)
        return read_audit(call, from, limit, page, err);
    if (strcmp(stream, MONEY_STREAM) == 0) return read_money(call, from, limit, page, err);
    if (strncmp(stream, ROOMS, strlen(ROOMS)) == 0) return read_room(call, stream, from, limit, page, err);
    if (strncmp(stream, TOPICS_PREFIX, strlen(TOPICS_PREFIX)) == 0)
        return read_published(call, stream, from, limit, page, err);
    if (!feed_parse(stream, &topic)) return feed_absent(err);
    if (topic.user_id[0]) return read_user(call, stream, from, limit, page, err);
    if (!command_enter(&command, topic.event_id, err)) return false;
    if (!topic.public_only && !command.viewer.god && !feed_asks_by_itself(call)) return feed_absent(err);
    if (!feed_asks_by_itself(call) && !command_look(&command, err)) return false;
    if (!event_log_feed(&command, topic.public_only, from, limit, page, err)) return false;
    for (size_t i = 0; i < page->count; i++) page->notices[i]->stream = stream;
    return true;
}

struct event_heads {
    uint64_t of_public, of_god;
    bool god; // the caller may have the god's
};

// For a program by itself from the event's row when it is as new as the stream, else from the event.
static bool find_heads(struct rpc_call *call, const struct store_head *head, struct event_heads *heads,
                       struct err *err)
{
    struct events *events = call->service;
    const char *event_id = head->stream + strlen(EVENTS_PREFIX);
    Game__EventRow *row;
    uint64_t version;
    *heads = (struct event_heads){.god = false};
    if (!uuid_check(event_id)) return true;
    if (!store_get(events->store, &events_tables[EVENTS_EVENTS], event_id, call->arena,
                   (ProtobufCMessage **)&row, &version, err) &&
        !err_is(err, STORE_CORRUPT)) // then the event itself is asked
        return false;
    if (row && row->seq == head->seq && feed_asks_by_itself(call)) {
        *heads = (struct event_heads){row->public_head, row->god_head, true};
        return true;
    }
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_enter(&command, event_id, err))
        return err_is(err, NOT_FOUND) || err_is(err, STORE_CORRUPT) || // that event alone
               err_is(err, STORE_NEWER);
    if (!feed_asks_by_itself(call) && !command_look(&command, err)) return false;
    *heads = (struct event_heads){command.game->log.public_count, command.game->log.god_count,
                                  command.viewer.god || feed_asks_by_itself(call)};
    return true;
}

// Where the next head goes, and which ones are wanted.
struct listing {
    struct rpc_call *call;
    const char *prefix, *after;
    Bus__Heads__Head *rows;
    size_t count, limit;
};

static void feed_add(struct listing *listing, const char *event_stream, const char *suffix, uint64_t seq)
{
    char *stream = arena_printf(listing->call->arena, "%s%s", event_stream, suffix);
    bool wanted = stream && seq && strncmp(stream, listing->prefix, strlen(listing->prefix)) == 0 &&
                  strcmp(stream, listing->after) > 0;
    if (!wanted || listing->count == listing->limit) return;
    listing->rows[listing->count].stream = stream;
    listing->rows[listing->count++].seq = seq;
}

// What the name of an event's stream must begin with, and the name before it, so that a list cut after .god
// continues with .public.
static void stream_bounds(const struct listing *listing, char prefix[STREAM_LEN], char after[STREAM_LEN])
{
    enum { NAME_LEN = sizeof EVENTS_PREFIX - 1 + UUID_LEN };
    snprintf(prefix, STREAM_LEN, "%.*s", NAME_LEN, listing->prefix);
    snprintf(after, STREAM_LEN, "%.*s", NAME_LEN, listing->after);
    size_t len = strlen(after);
    if (len == NAME_LEN)
        after[len - 1]--;
    else
        after[0] = 0;
}

static bool list_events(struct listing *listing, struct err *err)
{
    enum { PAGE = 100 };
    struct events *events = listing->call->service;
    char prefix[STREAM_LEN], first[STREAM_LEN];
    struct store_head *heads;
    stream_bounds(listing, prefix, first);
    if (strncmp(prefix, EVENTS_PREFIX, strlen(prefix)) == 0 && strlen(prefix) < strlen(EVENTS_PREFIX))
        strcpy(prefix, EVENTS_PREFIX);
    if (strncmp(prefix, EVENTS_PREFIX, strlen(EVENTS_PREFIX)) != 0) return true;
    const char *after = first;
    for (size_t count = PAGE; count == PAGE && listing->count < listing->limit;) {
        if (!store_heads(events->store, prefix, after, PAGE, listing->call->arena, &heads, &count, err))
            return false;
        for (size_t i = 0; i < count && listing->count < listing->limit; i++) {
            struct event_heads found;
            if (!find_heads(listing->call, &heads[i], &found, err)) return false;
            if (found.god) feed_add(listing, heads[i].stream, ".god", found.of_god);
            feed_add(listing, heads[i].stream, ".public", found.of_public);
            after = heads[i].stream;
        }
    }
    return true;
}

// Before events.
static bool list_rooms(struct listing *listing, struct err *err)
{
    const struct events *events = listing->call->service;
    const char *wanted = strlen(listing->prefix) < strlen(ROOMS) ? ROOMS : listing->prefix;
    if (!feed_asks_by_itself(listing->call) || strncmp(wanted, ROOMS, strlen(ROOMS)) != 0 ||
        strncmp(wanted, listing->prefix, strlen(listing->prefix)) != 0)
        return true;
    return feed_heads_store(listing->call, events->store, wanted, listing->after, listing->limit,
                            listing->rows, &listing->count, err);
}

// Between events, whose ids are hexadecimal, and users.
static bool list_games(struct listing *listing, struct err *err)
{
    static const char *const streams[] = {GAMES_STREAM, LOCKS_STREAM, MONEY_STREAM};
    const struct events *events = listing->call->service;
    uint64_t head;
    if (!feed_asks_by_itself(listing->call)) return true;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        if (!store_head(events->store, streams[i], &head, err)) return false;
        feed_add(listing, streams[i], "", head);
    }
    return true;
}

// Between these and users.
static bool list_published(struct listing *listing, struct err *err)
{
    const struct events *events = listing->call->service;
    const char *all = TOPICS_PREFIX, *after = strcmp(listing->after, all) > 0 ? listing->after : "";
    const char *wanted = strlen(listing->prefix) < strlen(all) ? all : listing->prefix;
    size_t more = 0;
    if (strncmp(wanted, all, strlen(all)) != 0 ||
        strncmp(wanted, listing->prefix, strlen(listing->prefix)) != 0)
        return true;
    if (!feed_heads_store(listing->call, events->store, wanted, after, listing->limit - listing->count,
                          listing->rows + listing->count, &more, err))
        return false;
    listing->count += more;
    return true;
}

static bool list_users(struct listing *listing, struct err *err)
{
    struct events *events = listing->call->service;
    const char *all = "users.";
    if (strncmp(all, listing->prefix, strlen(listing->prefix)) != 0 &&
        strncmp(listing->prefix, all, strlen(all)) != 0)
        return true;
    const char *wanted = strlen(listing->prefix) < strlen(all) ? all : listing->prefix;
    if (!feed_asks_by_itself(listing->call))
        wanted = arena_str(listing->call->arena, users_stream(listing->call->caller->user_id).text);
    if (!filled(wanted, err)) return false;
    if (strncmp(wanted, listing->prefix, strlen(listing->prefix)) != 0) return true;
    size_t more = 0;
    const char *after = strcmp(listing->after, all) > 0 ? listing->after : "";
    if (!feed_heads_store(listing->call, events->store, wanted, after, listing->limit - listing->count,
                          listing->rows + listing->count, &more, err))
        return false;
    listing->count += more;
    return true;
}

static bool list_topics(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                        Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    struct listing listing = {call, prefix, after, rows, 0, limit};
    if (!list_rooms(&listing, err)) return false;
    if (listing.count < limit && !list_events(&listing, err)) return false;
    if (listing.count < limit && !list_games(&listing, err)) return false;
    if (listing.count < limit && !list_published(&listing, err)) return false;
    if (listing.count < limit && !list_users(&listing, err)) return false;
    *count = listing.count;
    return true;
}

static uint64_t generation_of(const struct rpc_call *call)
{
    return store_generation(((const struct events *)call->service)->store);
}

static const struct feed_source source = {schema_streams, read_topic, list_topics, generation_of};

HANDLER(feed_read_notices, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(feed_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

const struct rpc_method topic_methods[] = {
    RPC_METHOD("events.feed.Read", feed_read_notices),
    RPC_METHOD("events.feed.ListHeads", feed_heads),
    {0},
};
