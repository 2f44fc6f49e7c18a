#include "services/events/topics/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/names/names.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/commit.h"
#include "services/events/topics/projector.h"
#include "services/events/topics/told.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

enum { ROUND = 500 };
// A round ends early when it has queued so much, so that the disk stays free for commands.
enum { ROUND_NOTICES = 2000, ROUND_BYTES = 4 << 20 };

// Who took over a guest's seat.
struct claimed {
    struct uuid guest_id, account;
};

// What one round takes from the event while it is locked.
struct round {
    struct events *events;
    const char *event_id;
    struct arena *arena;
    uint64_t from, until; // entries after from up to until
    struct log_place places[ROUND];
    size_t count;
    const char *title;
    const char *everyone[GAME_MAX_SEATS + GAME_MAX_WAITING + GAME_MAX_ASSISTANTS + 1];
    size_t everyone_count;
    const char **people[ROUND]; // of places for persons and sets
    size_t people_count[ROUND];
    struct stream_name stream; // the event's, which is the source of all
    struct idmap told;         // whose topics were written in this round
    struct idmap guests;       // people that have no topics
    struct claimed *claimed;   // people that have another's
    size_t claimed_count;
    size_t queued, queued_bytes;
    bool more;       // it ended early, or there may be places beyond
    uint64_t ticket; // of the newest write; each rests on the one before, so that the cursor rests on all
};

static void add_everyone(struct round *round, const struct game *game)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    for (size_t i = 0; i < count; i++)
        round->everyone[round->everyone_count++] =
            arena_str(round->arena, person_owner(&game->people[roster[i]]));
    for (size_t i = 0; i < game->waiting_count; i++)
        round->everyone[round->everyone_count++] =
            arena_str(round->arena, person_owner(&game->people[game->waiting[i]]));
    for (size_t i = 0; i < game->assistants_count; i++)
        round->everyone[round->everyone_count++] = arena_str(round->arena, game->assistants[i].user_id.text);
    round->everyone[round->everyone_count++] = arena_str(round->arena, game->god_id.text);
}

static bool add_guests(struct round *round, const struct game *game)
{
    for (size_t i = 0; i < game->people_count; i++)
        if (game->people[i].guest && !idmap_add(&round->guests, game->people[i].user_id.text)) return false;
    return true;
}

static void add_claimed(struct round *round, const struct game *game)
{
    round->claimed = arena_array(round->arena, game->claims.count + 1, sizeof *round->claimed);
    for (size_t i = 0; round->claimed && i < game->people_count; i++)
        if (game->people[i].account.text[0] && round->claimed_count < game->claims.count)
            round->claimed[round->claimed_count++] =
                (struct claimed){game->people[i].user_id, game->people[i].account};
}

static void add_people(struct round *round, const struct game *game, size_t i)
{
    struct audience audience = round->places[i].audience;
    const struct people_set *set = audience.kind == AUDIENCE_SET ? &game->log.sets[audience.who] : NULL;
    if (audience.kind != AUDIENCE_PERSON && !set) return;
    size_t count = set ? set->count : 1;
    round->people[i] = arena_array(round->arena, count + 1, sizeof **round->people);
    for (size_t p = 0; round->people[i] && p < count; p++)
        round->people[i][p] =
            arena_str(round->arena, person_owner(&game->people[set ? set->people[p] : audience.who]));
    round->people_count[i] = round->people[i] ? count : 0;
}

static bool inbox_look(struct round *round, struct err *err)
{
    struct aggregate *aggregate;
    if (!aggregate_enter(round->events, round->event_id, &aggregate, err)) return false;
    const struct game *game = &aggregate->game;
    round->until = atomic_load(&aggregate->durable_seq);
    round->count = log_index_personal(&game->log, round->from + 1, &round->until, round->places, ROUND);
    round->title = arena_str(round->arena, game->terms.title);
    add_everyone(round, game);
    add_claimed(round, game);
    bool ok = add_guests(round, game);
    for (size_t i = 0; i < round->count; i++) add_people(round, game, i);
    aggregate_leave(aggregate);
    return (ok && !round->arena->failed) || err_fail(err, INTERNAL_ERROR, "no memory for notices");
}

// A packed game.UserNotice.
struct news {
    uint64_t seq; // of the entry
    ProtobufCBinaryData packed;
};

// What was handed out before a crash has the same source, and is not handed out again.
static bool inbox_tell(struct round *round, const char *user_id, const struct news *news, struct err *err)
{
    const struct store_write write = {.after = round->ticket, .source = {round->stream.text, news->seq, 0}};
    if (idmap_find(&round->guests, user_id) || names_is_deleted(round->events->names, user_id)) return true;
    if (!idmap_add(&round->told, user_id)) return err_fail(err, INTERNAL_ERROR, "out of memory");
    round->ticket =
        store_append_next(round->events->store, users_stream(user_id).text, &news->packed, 1, &write);
    round->queued++;
    round->queued_bytes += news->packed.len;
    return true;
}

static bool tell_all(struct round *round, const char *const *user_ids, size_t count, const struct news *news,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!inbox_tell(round, user_ids[i], news, err)) return false;
    return true;
}

// For whom alone an entry is news; NULL for the others.
static const char *owner_of(const Game__Entry *entry)
{
    switch (entry->body_case) {
    case GAME__ENTRY__BODY_RESERVED:
        return entry->reserved->user_id;
    case GAME__ENTRY__BODY_SEAT_HELD:
        return entry->seat_held->user_id;
    case GAME__ENTRY__BODY_SEAT_PAID:
        return entry->seat_paid->user_id;
    case GAME__ENTRY__BODY_SEAT_HELD_AGAIN:
        return entry->seat_held_again->user_id;
    case GAME__ENTRY__BODY_SEAT_FREED:
        return entry->seat_freed->user_id;
    case GAME__ENTRY__BODY_GUEST_CLAIMED:
        return entry->guest_claimed->user_id;
    case GAME__ENTRY__BODY_GUEST_UNCLAIMED:
        return entry->guest_unclaimed->user_id;
    case GAME__ENTRY__BODY_ASSISTANT_ADDED:
        return entry->assistant_added->user_id;
    case GAME__ENTRY__BODY_ASSISTANT_REMOVED:
        return entry->assistant_removed->user_id;
    default:
        return NULL;
    }
}

static const char *inbox_account(const struct round *round, const char *user_id)
{
    for (size_t i = 0; i < round->claimed_count; i++)
        if (strcmp(round->claimed[i].guest_id.text, user_id) == 0) return round->claimed[i].account.text;
    return user_id;
}

// A seat taken or freed is news for its owner alone, and only when somebody else moved them.
static bool tell_public(struct round *round, const Game__Entry *entry, const struct news *news,
                        struct err *err)
{
    const char *owner = owner_of(entry);
    bool silent = entry->body_case == GAME__ENTRY__BODY_REMINDED && !entry->reminded->before_s;
    if (silent) return true; // only says that it is too late for one
    if (owner) owner = inbox_account(round, owner);
    if (owner) return strcmp(owner, entry->actor) == 0 || inbox_tell(round, owner, news, err);
    return !commit_tells_everyone(entry->body_case) ||
           tell_all(round, round->everyone, round->everyone_count, news, err);
}

// The append of a hand-over is that entry alone.
static bool tell_audit(struct round *round, const Game__Entry *entry, uint64_t seq, struct err *err)
{
    bool found;
    return entry->body_case != GAME__ENTRY__BODY_HANDED_OVER ||
           audit_take(round->events->audit, round->stream.text, seq, round->arena, &found, err);
}

static bool hand_out(struct round *round, size_t i, const ProtobufCBinaryData *bytes, struct err *err)
{
    const Game__Link *link = game__link__unpack(&round->arena->allocator, bytes->len, bytes->data);
    const Game__Entry *entry =
        link ? game__entry__unpack(&round->arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!entry) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
    if (!tell_audit(round, entry, round->places[i].seq, err)) return false;
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    notice.event_id = round->event_id;
    notice.index = round->places[i].seq;
    notice.time_ms = entry->time_ms;
    notice.kind = game_kind(entry->body_case);
    notice.entry = link->entry;
    notice.salt = link->salt;
    notice.title = round->title;
    struct news news = {notice.index, {game__user_notice__get_packed_size(&notice), NULL}};
    news.packed.data = arena_alloc(round->arena, news.packed.len);
    if (!news.packed.data) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
    game__user_notice__pack(&notice, news.packed.data);
    if (round->places[i].audience.kind == AUDIENCE_PUBLIC) return tell_public(round, entry, &news, err);
    return tell_all(round, round->people[i], round->people_count[i], &news, err);
}

static bool hand_out_all(struct round *round, struct err *err)
{
    for (size_t i = 0; i < round->count; i++) {
        struct store_entries entries;
        if (!store_read(round->events->store, round->stream.text, round->places[i].seq, 1, round->arena,
                        &entries, err))
            return false;
        if (entries.count && !hand_out(round, i, &entries.entries[0], err)) return false;
        if (round->queued < ROUND_NOTICES && round->queued_bytes < ROUND_BYTES) continue;
        round->until = round->places[i].seq;
        round->more = true;
        return true;
    }
    round->more = round->count == ROUND;
    return true;
}

static bool inbox_publish(struct round *round, struct err *err)
{
    for (size_t i = 0; i < round->told.size; i++) {
        const char *user_id = round->told.slots[i].id.text;
        if (*user_id && !told_publish(round->events, user_id, err)) return false;
    }
    return true;
}

// before may be NULL.
static bool inbox_finish(struct round *round, const Game__NoticeRow *before, uint64_t version,
                         struct err *err)
{
    Game__NoticeRow row = GAME__NOTICE_ROW__INIT;
    row.finished = before && before->finished && before->claimed == round->claimed_count;
    row.claimed = (uint32_t)round->claimed_count;
    row.money = before ? before->money : 0;
    row.locked = before ? before->locked : 0;
    row.let_go = before && before->let_go;
    row.event_id = round->event_id;
    row.seq = round->until;
    uint64_t ticket = store_put(round->events->store, &events_tables[EVENTS_NOTICES], &row.base, version,
                                &(struct store_write){.after = round->ticket});
    return store_wait(round->events->store, ticket, err) && inbox_publish(round, err);
}

static bool run_round(struct round *round, struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    if (!store_get(round->events->store, &events_tables[EVENTS_NOTICES], round->event_id, round->arena, &row,
                   &version, err))
        return false;
    round->from = row ? ((const Game__NoticeRow *)row)->seq : 0;
    if (!inbox_look(round, err)) return false;
    if (round->until <= round->from) return true;
    return hand_out_all(round, err) &&
           inbox_finish(round, (const Game__NoticeRow *)row, row ? version : 0, err);
}

bool inbox_run(struct events *events, const char *event_id, struct arena *arena, struct err *err)
{
    for (bool more = true; more; arena_reset(arena)) {
        struct round *round = arena_new(arena, struct round);
        if (!round) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
        *round = (struct round){
            .events = events, .event_id = event_id, .arena = arena, .stream = events_stream(event_id)};
        bool ok = run_round(round, err);
        more = ok && round->more;
        idmap_finish(&round->told);
        idmap_finish(&round->guests);
        if (!ok) return false;
    }
    return true;
}
