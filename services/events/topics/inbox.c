#include "services/events/topics/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/events/live/aggregates.h"
#include "services/events/topics/projector.h"
#include "services/events/tables.h"
#include "services/events/streams.h"

enum { ROUND = 500, PAGE = 100, PAGE_ARENA = 8 << 20 };
// A round ends early when it has queued so much, so that the disk stays free for commands.
enum { ROUND_NOTICES = 2000, ROUND_BYTES = 4 << 20 };

// What one round takes from the event while it is locked.
struct round {
    struct events *events;
    const char *event_id;
    struct arena *arena;
    uint64_t from, until; // entries after from up to until
    struct log_place places[ROUND];
    size_t count;
    const char *title;
    const char *everyone[GAME_MAX_SEATS + GAME_MAX_WAITING + 1];
    size_t everyone_count;
    const char **people[ROUND]; // of places for persons and sets
    size_t people_count[ROUND];
    bool repeated;      // some of it may have been handed out before a crash
    int64_t created_ms; // of the event: nothing of it was told before
    struct idmap heads; // newest entry of the users' topics written in this round
    struct idmap told;  // when repeated: the newest of this event's entries that the users' topics had
    Bus__Notice **published;
    size_t published_count, published_room;
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
            arena_str(round->arena, game->people[roster[i]].user_id.text);
    for (size_t i = 0; i < game->waiting_count; i++)
        round->everyone[round->everyone_count++] =
            arena_str(round->arena, game->people[game->waiting[i]].user_id.text);
    round->everyone[round->everyone_count++] = arena_str(round->arena, game->god_id.text);
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
            arena_str(round->arena, game->people[set ? set->people[p] : audience.who].user_id.text);
    round->people_count[i] = round->people[i] ? count : 0;
}

static bool look(struct round *round, struct err *err)
{
    struct aggregate *aggregate;
    if (!aggregate_enter(round->events->aggregates, round->event_id, &aggregate, err)) return false;
    const struct game *game = &aggregate->game;
    round->until = atomic_load(&aggregate->durable_seq);
    round->count = log_index_personal(&game->log, round->from + 1, &round->until, round->places, ROUND);
    round->title = arena_str(round->arena, game->terms.title);
    round->created_ms = game->created_ms;
    add_everyone(round, game);
    for (size_t i = 0; i < round->count; i++) add_people(round, game, i);
    aggregate_leave(round->events->aggregates, aggregate);
    return !round->arena->failed || err_fail(err, INTERNAL_ERROR, "no memory for notices");
}

// The head of a user's topic, counting what this round queued.
static bool head_of(struct round *round, const char *user_id, uint32_t **head, struct err *err)
{
    *head = idmap_find(&round->heads, user_id);
    if (*head) return true;
    uint64_t seq;
    if (!store_head(round->events->store, users_stream(user_id).text, &seq, err)) return false;
    *head = idmap_add(&round->heads, user_id);
    if (*head) **head = (uint32_t)seq;
    return *head || err_fail(err, INTERNAL_ERROR, "out of memory");
}

// The event's newest entry in a page of the topic, 0 when there is none; *older: all of it is from before the
// event.
static bool look_through(struct round *round, const char *user_id, uint64_t from, struct arena *arena,
                         uint32_t *newest, bool *older, struct err *err)
{
    struct store_entries page;
    if (!store_read(round->events->store, users_stream(user_id).text, from, PAGE, arena, &page, err))
        return false;
    *older = true;
    for (size_t i = 0; i < page.count; i++) {
        const Game__UserNotice *notice =
            game__user_notice__unpack(&arena->allocator, page.entries[i].len, page.entries[i].data);
        if (!notice) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
        *older &= notice->time_ms < round->created_ms;
        if (strcmp(notice->event_id, round->event_id) == 0) *newest = (uint32_t)notice->index;
    }
    return true;
}

// After a crash: up to which entry of the event the topic has it. They come in order, so what is not newer
// was told.
static bool find_told(struct round *round, const char *user_id, uint32_t head, uint32_t *newest,
                      struct err *err)
{
    struct arena arena;
    bool ok = true, older = false;
    arena_init(&arena, PAGE_ARENA);
    for (uint64_t until = head; ok && until && !*newest && !older; until = until > PAGE ? until - PAGE : 0) {
        arena_reset(&arena);
        ok = look_through(round, user_id, until > PAGE ? until - PAGE + 1 : 1, &arena, newest, &older, err);
    }
    arena_finish(&arena);
    return ok;
}

static bool was_told(struct round *round, const char *user_id, uint32_t head, uint64_t seq, bool *was,
                     struct err *err)
{
    uint32_t *newest = idmap_find(&round->told, user_id);
    if (!newest) {
        newest = idmap_add(&round->told, user_id);
        if (!newest) return err_fail(err, INTERNAL_ERROR, "out of memory");
        if (!find_told(round, user_id, head, newest, err)) return false;
    }
    *was = seq <= *newest;
    return true;
}

static void remember(struct round *round, const char *user_id, uint64_t seq, int64_t time_ms)
{
    Bus__Notice *notice = arena_new(round->arena, Bus__Notice);
    if (round->published_count == round->published_room) {
        size_t room = round->published_room ? round->published_room * 2 : 64;
        Bus__Notice **bigger = arena_array(round->arena, room, sizeof *bigger);
        if (bigger && round->published_count)
            memcpy(bigger, round->published, round->published_count * sizeof *bigger);
        if (bigger) round->published = bigger, round->published_room = room;
    }
    if (!notice || round->published_count == round->published_room) return; // the announced heads tell of it
    bus__notice__init(notice);
    notice->stream = arena_str(round->arena, users_stream(user_id).text);
    notice->seq = seq;
    notice->time = stamp_new(round->arena, time_ms);
    round->published[round->published_count++] = notice;
}

// A packed game.UserNotice.
struct news {
    uint64_t seq; // of the entry
    int64_t time_ms;
    ProtobufCBinaryData packed;
};

static bool tell(struct round *round, const char *user_id, const struct news *news, struct err *err)
{
    uint32_t *head;
    bool was = false;
    if (!head_of(round, user_id, &head, err)) return false;
    if (round->repeated && !was_told(round, user_id, *head, news->seq, &was, err)) return false;
    if (was) return true;
    (*head)++;
    const struct store_write write = {.after = round->ticket};
    round->ticket =
        store_append(round->events->store, users_stream(user_id).text, *head, &news->packed, 1, &write);
    round->queued++;
    round->queued_bytes += news->packed.len;
    remember(round, user_id, *head, news->time_ms);
    return true;
}

static bool tell_all(struct round *round, const char *const *user_ids, size_t count, const struct news *news,
                     struct err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!tell(round, user_ids[i], news, err)) return false;
    return true;
}

// A seat taken or freed is news for its owner alone, and only when somebody else moved him.
static bool tell_public(struct round *round, const Game__Entry *entry, const struct news *news,
                        struct err *err)
{
    const char *owner = NULL;
    if (entry->body_case == GAME__ENTRY__BODY_RESERVED) owner = entry->reserved->user_id;
    if (entry->body_case == GAME__ENTRY__BODY_SEAT_FREED) owner = entry->seat_freed->user_id;
    bool silent = entry->body_case == GAME__ENTRY__BODY_REMINDED && !entry->reminded->before_s;
    if (silent) return true; // only says that it is too late for one
    if (owner) return strcmp(owner, entry->actor) == 0 || tell(round, owner, news, err);
    return !projector_broadcasts(entry->body_case) ||
           tell_all(round, round->everyone, round->everyone_count, news, err);
}

static bool hand_out(struct round *round, size_t i, const ProtobufCBinaryData *bytes, struct err *err)
{
    const Game__Link *link = game__link__unpack(&round->arena->allocator, bytes->len, bytes->data);
    const Game__Entry *entry =
        link ? game__entry__unpack(&round->arena->allocator, link->entry.len, link->entry.data) : NULL;
    if (!entry) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    notice.event_id = round->event_id;
    notice.index = round->places[i].seq;
    notice.time_ms = entry->time_ms;
    notice.kind = game_kind(entry->body_case);
    notice.entry = link->entry;
    notice.salt = link->salt;
    notice.title = round->title;
    struct news news = {notice.index, notice.time_ms, {game__user_notice__get_packed_size(&notice), NULL}};
    news.packed.data = arena_alloc(round->arena, news.packed.len);
    if (!news.packed.data) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
    game__user_notice__pack(&notice, news.packed.data);
    if (round->places[i].audience.kind == AUDIENCE_PUBLIC) return tell_public(round, entry, &news, err);
    return tell_all(round, round->people[i], round->people_count[i], &news, err);
}

static bool hand_out_all(struct round *round, struct err *err)
{
    struct stream_name stream = events_stream(round->event_id);
    for (size_t i = 0; i < round->count; i++) {
        struct store_entries entries;
        if (!store_read(round->events->store, stream.text, round->places[i].seq, 1, round->arena, &entries,
                        err))
            return false;
        if (entries.count == 1 && !hand_out(round, i, &entries.entries[0], err)) return false;
        if (round->queued < ROUND_NOTICES && round->queued_bytes < ROUND_BYTES) continue;
        round->until = round->places[i].seq;
        round->more = true;
        return true;
    }
    round->more = round->count == ROUND;
    return true;
}

static bool finish(struct round *round, uint64_t version, struct err *err)
{
    Game__NoticeRow row = GAME__NOTICE_ROW__INIT;
    row.event_id = round->event_id;
    row.seq = round->until;
    uint64_t ticket = store_put(round->events->store, &events_tables[EVENTS_NOTICES], &row.base, version,
                                &(struct store_write){.after = round->ticket});
    if (!store_wait(round->events->store, ticket, err)) return false;
    for (size_t i = 0; i < round->published_count && round->events->publisher; i++)
        bus_publish(round->events->publisher, round->published[i], true);
    return true;
}

static bool run_round(struct round *round, struct err *err)
{
    ProtobufCMessage *row;
    uint64_t version;
    if (!store_get(round->events->store, &events_tables[EVENTS_NOTICES], round->event_id, round->arena, &row,
                   &version, err))
        return false;
    round->from = row ? ((const Game__NoticeRow *)row)->seq : 0;
    if (!look(round, err)) return false;
    if (round->until <= round->from) return true;
    return hand_out_all(round, err) && finish(round, row ? version : 0, err);
}

bool inbox_run(struct events *events, const char *event_id, bool repeated, struct arena *arena,
               struct err *err)
{
    for (bool more = true; more; arena_reset(arena)) {
        struct round *round = arena_new(arena, struct round);
        if (!round) return err_fail(err, INTERNAL_ERROR, "no memory for notices");
        *round = (struct round){.events = events, .event_id = event_id, .arena = arena, .repeated = repeated};
        bool ok = run_round(round, err);
        more = ok && round->more;
        idmap_finish(&round->heads);
        idmap_finish(&round->told);
        if (!ok) return false;
    }
    return true;
}
