// The way of a command's entries to the disk, and of their notices to the topics once they are there.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/stamp.h"
#include "services/events/aggregates.h"
#include "services/events/projection.h"
#include "services/events/projector.h"
#include "services/events/snapshot.h"

enum { SNAPSHOT_EVERY = 1000, SNAPSHOT_ARENA = 32 << 20 };

struct notice {
    const char *kind;
    uint64_t public_index, god_index;
    ProtobufCBinaryData public_payload; // packed LogEntry, behind the notices
};

struct commit {
    struct aggregate *aggregate;
    uint64_t last_seq;
    int64_t time_ms;
    bool personal; // someone's own topic is concerned
    size_t count;
    struct notice notices[];
};

void aggregate_written(void *arg, bool durable)
{
    struct aggregate *aggregate = arg;
    if (!durable) __atomic_store_n(&aggregate->failed, true, __ATOMIC_RELEASE);
    __atomic_sub_fetch(&aggregate->pending, 1, __ATOMIC_ACQ_REL);
}

static Google__Protobuf__Timestamp stamp_at(int64_t ms)
{
    Google__Protobuf__Timestamp stamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    stamp.seconds = ms / 1000;
    stamp.nanos = (int32_t)(ms % 1000) * 1000000;
    return stamp;
}

static void publish(struct bus_publisher *publisher, const char *stream, uint64_t seq, const struct notice *notice,
                    const struct commit *commit, bool is_private)
{
    Google__Protobuf__Timestamp time = stamp_at(commit->time_ms);
    Bus__Notice message = BUS__NOTICE__INIT;
    message.stream = stream;
    message.seq = seq;
    message.time = &time;
    if (!is_private) {
        message.kind = notice->kind;
        message.payload = notice->public_payload;
    }
    bus_publish(publisher, &message, is_private);
}

// The public hears first; so a root is public before a card is shown.
static void publish_all(const struct commit *commit)
{
    struct events *events = commit->aggregate->events;
    struct stream_name stream = events_stream(commit->aggregate->id.text);
    char public_stream[STREAM_LEN + 8], god_stream[STREAM_LEN + 8];
    snprintf(public_stream, sizeof public_stream, "%s.public", stream.text);
    snprintf(god_stream, sizeof god_stream, "%s.god", stream.text);
    for (size_t i = 0; i < commit->count; i++) {
        const struct notice *notice = &commit->notices[i];
        if (notice->public_index) publish(events->publisher, public_stream, notice->public_index, notice, commit, false);
    }
    for (size_t i = 0; i < commit->count; i++) {
        const struct notice *notice = &commit->notices[i];
        if (notice->god_index) publish(events->publisher, god_stream, notice->god_index, notice, commit, true);
    }
}

void commit_done(void *arg, bool durable)
{
    struct commit *commit = arg;
    struct aggregate *aggregate = commit->aggregate;
    if (durable) {
        __atomic_store_n(&aggregate->durable_seq, commit->last_seq, __ATOMIC_RELEASE);
        if (aggregate->events->publisher) publish_all(commit);
        if (commit->personal) projector_wake(aggregate->events->projector, aggregate->id.text);
    }
    aggregate_written(aggregate, durable);
    free(commit);
}

static size_t payload_room(const struct move *move) { return move->entry.len + CHAIN_SALT + 128; }

static ProtobufCBinaryData log_entry(const struct move *move, int64_t time_ms, uint8_t *out)
{
    Google__Protobuf__Timestamp time = stamp_at(time_ms);
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.index = move->public_index;
    entry.time = &time;
    entry.kind = game_kind(move->which);
    entry.payload = move->entry;
    entry.salt = (ProtobufCBinaryData){CHAIN_SALT, move->salt};
    return (ProtobufCBinaryData){events__log_entry__pack(&entry, out), out};
}

static bool concerns_people(const struct move *move)
{
    return move->audience.kind == AUDIENCE_PERSON || move->audience.kind == AUDIENCE_SET ||
           move->which == GAME__ENTRY__BODY_VOTED || projector_broadcasts(move->which);
}

struct commit *commit_create(struct aggregate *aggregate, const struct moves *moves)
{
    size_t room = sizeof(struct commit) + moves->count * sizeof(struct notice);
    size_t payloads = room;
    for (size_t i = 0; i < moves->count; i++)
        if (moves->made[i].public_index) room += payload_room(&moves->made[i]);
    struct commit *commit = malloc(room);
    if (!commit) return NULL;
    uint8_t *at = (uint8_t *)commit + payloads;
    *commit = (struct commit){aggregate, aggregate->game.chain.seq, moves->now_ms, false, moves->count};
    for (size_t i = 0; i < moves->count; i++) {
        const struct move *move = &moves->made[i];
        struct notice *notice = &commit->notices[i];
        *notice = (struct notice){game_kind(move->which), move->public_index, move->god_index, {0, NULL}};
        commit->personal |= concerns_people(move);
        if (!move->public_index) continue;
        notice->public_payload = log_entry(move, moves->now_ms, at);
        at += payload_room(move);
    }
    return commit;
}

static bool too_large(struct aggregate *aggregate, struct commit *commit, struct err *err)
{
    free(commit);
    __atomic_store_n(&aggregate->failed, true, __ATOMIC_RELEASE);
    return err_fail(err, CALL_TOO_LARGE, "the command needs more memory than a call may use");
}

// In an arena of its own: a game too large for a snapshot is no reason to refuse the command.
static void keep_snapshot(struct aggregate *aggregate)
{
    struct arena arena;
    if (aggregate->game.chain.seq < aggregate->snapshot_seq + SNAPSHOT_EVERY) return;
    aggregate->snapshot_seq = aggregate->game.chain.seq;
    arena_init(&arena, SNAPSHOT_ARENA);
    snapshot_save(&aggregate->game, aggregate->events->store, events_stream(aggregate->id.text).text, &arena);
    arena_finish(&arena);
}

bool aggregate_append(struct aggregate *aggregate, const struct moves *moves, struct commit *commit,
                      const struct store_write *write, struct err *err)
{
    ProtobufCBinaryData one, *links = &one;
    if (moves->count > 1) links = arena_array(moves->arena, moves->count, sizeof *links);
    if (moves->failed || !commit || !links) return too_large(aggregate, commit, err);
    for (size_t i = 0; i < moves->count; i++) links[i] = moves->made[i].link;

    struct store_write own = write ? *write : (struct store_write){.done = commit_done, .arg = commit};
    own.after = aggregate->ticket;
    __atomic_add_fetch(&aggregate->pending, 1, __ATOMIC_ACQ_REL);
    aggregate->ticket = store_append(aggregate->events->store, events_stream(aggregate->id.text).text, moves->made[0].seq, links,
                                     moves->count, &own);
    aggregate->committed_seq = aggregate->game.chain.seq;
    projection_put(aggregate, moves);
    keep_snapshot(aggregate);
    return true;
}
