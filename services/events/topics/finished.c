#include "services/events/topics/finished.h"

#include <string.h>

#include "services/events/game/view/view.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { PAGE = 500, PAGE_ARENA = 32 << 20, MOST_ACTS = 256 };

// ---- What its entries alone know

// The position in the entries.
struct scan {
    Game__FinishedGame *told;
    struct arena *arena;
    int32_t phase;
};

// From 1; 0: left before the end.
static size_t place_of(const Game__FinishedGame *told, const char *user_id)
{
    if (!*user_id) return 0;
    for (size_t i = 0; i < told->n_players; i++)
        if (strcmp(told->players[i]->user_id, user_id) == 0 ||
            strcmp(told->players[i]->seat_id, user_id) == 0)
            return i + 1;
    return 0;
}

// An ability that was used, or a chain.
static bool scan_act(struct scan *scan, const char *user_id, const char *to_id, bool chain)
{
    size_t place = place_of(scan->told, user_id);
    if (!place) return true;
    Game__FinishedGame__Player *player = scan->told->players[place - 1];
    if (player->n_acts == MOST_ACTS) return player->acts_beyond++, true;
    Game__FinishedGame__Act *act = arena_new(scan->arena, Game__FinishedGame__Act);
    if (!player->acts) player->acts = arena_array(scan->arena, MOST_ACTS, sizeof(Game__FinishedGame__Act *));
    if (!act || !player->acts) return false;
    game__finished_game__act__init(act);
    act->phase = scan->phase;
    act->to = (int32_t)place_of(scan->told, to_id);
    act->chain = chain;
    player->acts[player->n_acts++] = act;
    return true;
}

// Acts are undone newest first, so it is the player's last one of its kind.
static void unscan_act(struct scan *scan, const char *user_id, bool chain)
{
    size_t place = place_of(scan->told, user_id);
    Game__FinishedGame__Player *player = place ? scan->told->players[place - 1] : NULL;
    if (!player) return;
    if (player->acts_beyond)
        player->acts_beyond--;
    else if (player->n_acts && player->acts[player->n_acts - 1]->chain == chain)
        player->n_acts--;
}

static void scan_undone(struct scan *scan, const Game__Undone *undone)
{
    bool chain = strcmp(undone->kind, game_kind(GAME__ENTRY__BODY_CHAINED)) == 0;
    if (chain || strcmp(undone->kind, game_kind(GAME__ENTRY__BODY_ABILITY_USED)) == 0)
        unscan_act(scan, undone->user_id, chain);
}

static bool scan_entry(struct scan *scan, const Game__Entry *entry, uint64_t seq)
{
    switch (entry->body_case) {
    case GAME__ENTRY__BODY_PHASE_OPENED:
        return scan->phase = entry->phase_opened->number, true;
    case GAME__ENTRY__BODY_ABILITY_USED:
        return scan_act(scan, entry->ability_used->user_id, entry->ability_used->target_id, false);
    case GAME__ENTRY__BODY_CHAINED:
        return scan_act(scan, entry->chained->user_id, entry->chained->to_id, true);
    case GAME__ENTRY__BODY_UNDONE:
        return scan_undone(scan, entry->undone), true;
    case GAME__ENTRY__BODY_FINISHED:
        scan->told->finished_ms = entry->time_ms;
        scan->told->seq = seq;
        return true;
    case GAME__ENTRY__BODY_GUEST_CLAIMED:
        if (scan->told->finished_ms) scan->told->seq = seq;
        return true;
    default:
        return true;
    }
}

static bool scan_page(struct scan *scan, const struct store_entries *page, struct arena *arena,
                      struct err *err)
{
    for (size_t i = 0; i < page->count; i++) {
        const Game__Link *link =
            game__link__unpack(&arena->allocator, page->entries[i].len, page->entries[i].data);
        const Game__Entry *entry =
            link ? game__entry__unpack(&arena->allocator, link->entry.len, link->entry.data) : NULL;
        if (!entry || !scan_entry(scan, entry, page->first_seq + i))
            return err_fail(err, INTERNAL_ERROR, "no memory for a finished game");
    }
    return true;
}

static bool scan_all(struct events *events, const char *event_id, struct scan *scan, struct err *err)
{
    struct arena arena;
    struct store_entries page = {.more = true};
    bool ok = true;
    arena_init(&arena, PAGE_ARENA);
    for (uint64_t seq = 1; ok && page.more; seq += page.count, arena_reset(&arena))
        ok = store_read(events->store, events_stream(event_id).text, seq, PAGE, &arena, &page, err) &&
             scan_page(scan, &page, &arena, err);
    arena_finish(&arena);
    return ok;
}

// ---- Telling

static bool finished_tell(struct events *events, const Game__FinishedGame *told, struct arena *arena,
                          struct err *err)
{
    const struct stream_name source = events_stream(told->event_id);
    ProtobufCBinaryData packed = {game__finished_game__get_packed_size(told), NULL};
    packed.data = arena_alloc(arena, packed.len);
    if (!packed.data) return err_fail(err, INTERNAL_ERROR, "no memory for a finished game");
    game__finished_game__pack(told, packed.data);
    const struct store_write write = {.source = {source.text, told->seq, 0}};
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = GAMES_STREAM;
    if (!store_wait(events->store, store_append_next(events->store, GAMES_STREAM, &packed, 1, &write), err) ||
        !store_head(events->store, GAMES_STREAM, &notice.seq, err))
        return false;
    bus_publish(events->publisher, &notice);
    return true;
}

// The row says that nothing is left to publish, so that a start need not look at the game.
static bool finished_note(struct events *events, Game__NoticeRow *row, uint64_t version, struct err *err)
{
    row->finished = true;
    return store_wait(events->store,
                      store_put(events->store, &events_tables[EVENTS_NOTICES], &row->base, version,
                                &(struct store_write){0}),
                      err);
}

// *told is NULL of a game that is not finished.
static bool finished_look(struct events *events, const char *event_id, Game__FinishedGame **told,
                          struct arena *arena, struct err *err)
{
    struct aggregate *aggregate;
    *told = NULL;
    if (!aggregate_enter(events, event_id, &aggregate, err)) return false;
    const struct game *game = &aggregate->game;
    bool done = game->state == EVENTS__EVENT__STATE__DONE;
    bool stored = atomic_load(&aggregate->durable_seq) == game->chain.seq;
    if (done && stored) *told = view_finished(game, arena);
    aggregate_leave(aggregate);
    if (done && !stored) return err_fail(err, SERVICE_BUSY, "entries are on their way to the disk");
    return *told || !done || err_fail(err, INTERNAL_ERROR, "no memory for a finished game");
}

bool finished_run(struct events *events, const char *event_id, struct arena *arena, struct err *err)
{
    Game__NoticeRow *row;
    uint64_t version;
    struct scan scan = {.arena = arena};
    if (!store_get(events->store, &events_tables[EVENTS_NOTICES], event_id, arena, (ProtobufCMessage **)&row,
                   &version, err))
        return false;
    if (!row || row->finished) return true;
    if (!finished_look(events, event_id, &scan.told, arena, err)) return false;
    if (!scan.told) return true;
    scan.told->lock = row->lock;
    return scan_all(events, event_id, &scan, err) && finished_tell(events, scan.told, arena, err) &&
           finished_note(events, row, version, err);
}
