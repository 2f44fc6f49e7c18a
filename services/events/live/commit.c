#include "services/events/live/commit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/live/rows.h"
#include "services/events/live/snapshot/snapshot.h"
#include "services/events/streams.h"

enum { SNAPSHOT_EVERY = 1000, SNAPSHOT_ARENA = 32 << 20 };

bool commit_tells_everyone(Game__Entry__BodyCase which)
{
    return which == GAME__ENTRY__BODY_REMINDED || which == GAME__ENTRY__BODY_CANCELLED ||
           which == GAME__ENTRY__BODY_EXPIRED || which == GAME__ENTRY__BODY_FINISHED ||
           which == GAME__ENTRY__BODY_LOCKED || which == GAME__ENTRY__BODY_REOPENED ||
           which == GAME__ENTRY__BODY_EDITED || which == GAME__ENTRY__BODY_RESERVED ||
           which == GAME__ENTRY__BODY_SEAT_HELD || which == GAME__ENTRY__BODY_SEAT_PAID ||
           which == GAME__ENTRY__BODY_SEAT_HELD_AGAIN || which == GAME__ENTRY__BODY_SEAT_FREED ||
           which == GAME__ENTRY__BODY_GUEST_CLAIMED || which == GAME__ENTRY__BODY_GUEST_UNCLAIMED ||
           which == GAME__ENTRY__BODY_READY_ASKED || which == GAME__ENTRY__BODY_END_TAKEN_BACK;
}

void commit_done(void *arg, bool durable)
{
    struct commit *commit = arg;
    struct aggregate *aggregate = commit->aggregate;
    if (durable) {
        atomic_store(&aggregate->durable_seq, commit->last_seq);
        aggregate->events->hooks->stored(aggregate->events, commit);
    }
    live_written(&aggregate->live, durable);
    free(commit);
}

static size_t payload_room(const struct made_entry *made) { return made->packed.len + HASH_CHAIN_SALT + 128; }

static ProtobufCBinaryData log_entry(const struct made_entry *made, int64_t time_ms, uint8_t *out)
{
    Google__Protobuf__Timestamp time = stamp_of(time_ms);
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.index = made->public_index;
    entry.time = &time;
    entry.kind = game_kind(made->which);
    entry.payload = made->packed;
    entry.salt = (ProtobufCBinaryData){HASH_CHAIN_SALT, made->salt};
    return (ProtobufCBinaryData){events__log_entry__pack(&entry, out), out};
}

static bool concerns_people(const struct made_entry *made)
{
    return made->audience.kind == AUDIENCE_PERSON || made->audience.kind == AUDIENCE_SET ||
           made->which == GAME__ENTRY__BODY_VOTED || made->which == GAME__ENTRY__BODY_HANDED_OVER ||
           made->which == GAME__ENTRY__BODY_ASSISTANT_ADDED ||
           made->which == GAME__ENTRY__BODY_ASSISTANT_REMOVED || commit_tells_everyone(made->which);
}

// An event is put on the cluster before anybody reserves, and its deal waits for a block of it.
static bool concerns_chain(const struct game *game, const struct made_entry *made)
{
    return (made->which == GAME__ENTRY__BODY_OPENED && game_is_on_cluster(game)) ||
           made->which == GAME__ENTRY__BODY_BEACON_WANTED || made->which == GAME__ENTRY__BODY_BEACON_NAMED;
}

struct commit *commit_create(struct aggregate *aggregate, const struct entries *entries)
{
    size_t room = sizeof(struct commit) + entries->count * sizeof(struct notice);
    size_t payloads = room;
    for (size_t i = 0; i < entries->count; i++)
        if (entries->made[i].public_index) room += payload_room(&entries->made[i]);
    struct commit *commit = malloc(room);
    if (!commit) return NULL;
    uint8_t *at = (uint8_t *)commit + payloads;
    *commit = (struct commit){aggregate, aggregate->game.chain.seq, false, entries->count};
    for (size_t i = 0; i < entries->count; i++) {
        const struct made_entry *made = &entries->made[i];
        struct notice *notice = &commit->notices[i];
        *notice =
            (struct notice){made->which, entries->now_ms, made->public_index, made->god_index, {0, NULL}};
        commit->personal |= concerns_people(made) || concerns_chain(&aggregate->game, made);
        if (!made->public_index) continue;
        notice->public_payload = log_entry(made, entries->now_ms, at);
        at += payload_room(made);
    }
    return commit;
}

static bool too_large(struct aggregate *aggregate, struct commit *commit, struct err *err)
{
    free(commit);
    atomic_store(&aggregate->live.failed, true);
    return err_fail(err, CALL_TOO_LARGE, "the command needs more memory than a call may use");
}

// In an arena of its own: a game too large for a snapshot is no reason to refuse the command.
static void keep_snapshot(struct aggregate *aggregate)
{
    struct arena arena;
    if (aggregate->game.chain.seq < aggregate->snapshot_seq + SNAPSHOT_EVERY) return;
    aggregate->snapshot_seq = aggregate->game.chain.seq;
    arena_init(&arena, SNAPSHOT_ARENA);
    snapshot_save(&aggregate->game, aggregate->events, events_stream(aggregate->live.id.text).text, &arena);
    arena_finish(&arena);
}

bool commit_queue(struct aggregate *aggregate, const struct entries *entries, struct commit *commit,
                  const struct store_write *write, struct err *err)
{
    ProtobufCBinaryData one, *links = &one;
    if (entries->count > 1) links = arena_array(entries->arena, entries->count, sizeof *links);
    if (entries->failed || !commit || !links) return too_large(aggregate, commit, err);
    for (size_t i = 0; i < entries->count; i++) links[i] = entries->made[i].link;

    struct store_write own = write ? *write : (struct store_write){.done = commit_done, .arg = commit};
    live_append(&aggregate->live, aggregate->events->store, events_stream(aggregate->live.id.text).text,
                entries->made[0].seq, links, entries->count, own);
    aggregate->committed_seq = aggregate->game.chain.seq;
    for (size_t i = 0; i < entries->count; i++)
        tail_add(&aggregate->tail, entries->made[i].seq, &entries->made[i].link);
    rows_put(aggregate, entries);
    keep_snapshot(aggregate);
    return true;
}
