#include "services/ai/rows/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/ai/standings/standings.h"
#include "services/ai/tables.h"

enum { PERIOD_MS = 200, PAGE = 200, QUEUED_MOST = 512, ARENA = 64 << 20 };

struct rows {
    struct ai *ai;
    struct periodic *thread;
    bool complained;
};

struct rows_page {
    struct ai *ai;
    struct arena *arena;
    uint64_t ticket; // of the newest write
    unsigned queued; // since the last wait
};

static const struct store_table *const places = &ai_tables[AI_PLACES];

// ---- Rows

static bool put_result(struct rows_page *page, Standings__ResultRow *row, const Standings__Game *game,
                       const Standings__Game__Side *side, struct err *err)
{
    char id[48];
    const struct uuid event = uuid_text(game->event_id.data), side_id = uuid_text(side->side_id.data);
    snprintf(id, sizeof id, "%010" PRIu32 ".%020" PRIu64, row->player, row->entry);
    row->id = id;
    row->event_id = event.text;
    row->side_id = side_id.text;
    row->won = side->won;
    row->expected = side->expected;
    row->scale = game->scale;
    row->handicap = side->side_before->mu + (side->deck_before ? side->deck_before->mu : 0);
    const struct store_write write = {.after = page->ticket};
    page->ticket = store_put_made(page->ai->store, &ai_tables[AI_RESULTS], &row->base, row->entry, &write);
    if (++page->queued < QUEUED_MOST) return true;
    page->queued = 0; // the queue of writes is for others, too
    return store_wait(page->ai->store, page->ticket, err);
}

// Beside the result: what tips are made of.
static void put_part(struct rows_page *page, uint32_t number, uint64_t seq, Standings__Game__Fate *fate,
                     bool won)
{
    char id[48];
    Standings__PartRow row = STANDINGS__PART_ROW__INIT;
    if (!fate || fate->role_id.len != STANDINGS_ID) return;
    const struct uuid role = uuid_text(fate->role_id.data);
    snprintf(id, sizeof id, "%010" PRIu32 ".%020" PRIu64, number, seq);
    row.id = id;
    row.player = number;
    row.entry = seq;
    row.role_id = role.text;
    row.won = won;
    row.fate = fate;
    const struct store_write write = {.after = page->ticket};
    page->ticket = store_put_made(page->ai->store, &ai_tables[AI_PARTS], &row.base, seq, &write);
    page->queued++;
}

static bool make_results(struct rows_page *page, uint64_t seq, const Standings__Game *game, struct err *err)
{
    if (game->verdict) return true;
    for (size_t i = 0; i < game->n_players; i++) {
        const Standings__Game__Player *player = game->players[i];
        Standings__ResultRow row = STANDINGS__RESULT_ROW__INIT;
        if (!player->player || !player->side) continue;
        row.player = player->player;
        row.entry = seq;
        row.time_ms = game->finished_ms;
        row.before = player->before;
        row.after = player->after;
        put_part(page, player->player, seq, player->fate, game->sides[player->side - 1]->won);
        if (!put_result(page, &row, game, game->sides[player->side - 1], err)) return false;
    }
    return true;
}

static bool unpack_entry(struct rows_page *page, const ProtobufCBinaryData *bytes, uint64_t seq,
                         const Standings__Entry **entry, struct err *err)
{
    *entry = standings__entry__unpack(&page->arena->allocator, bytes->len, bytes->data);
    return *entry || err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is none", seq);
}

static Standings__Game__Fate *fate_of_seat(const Standings__Game *game, const ProtobufCBinaryData *seat)
{
    for (size_t i = 0; i < game->n_players; i++)
        if (game->players[i]->seat.len == seat->len &&
            memcmp(game->players[i]->seat.data, seat->data, seat->len) == 0)
            return game->players[i]->fate;
    return NULL;
}

// What its game has of the side.
static bool make_claimed(struct rows_page *page, uint64_t seq, const Standings__Entry *entry, struct err *err)
{
    const Standings__GuestClaimed *claimed = entry->guest_claimed;
    Standings__ResultRow row = STANDINGS__RESULT_ROW__INIT;
    const Standings__Entry *played;
    struct store_entries stored;
    if (!claimed->player) return true;
    if (!store_read(page->ai->store, STANDINGS_STREAM, claimed->game, 1, page->arena, &stored, err))
        return false;
    if (!stored.count)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is missing",
                        claimed->game);
    if (!unpack_entry(page, &stored.entries[0], claimed->game, &played, err)) return false;
    row.player = claimed->player;
    row.entry = seq;
    row.time_ms = entry->time_ms;
    row.before = claimed->before;
    row.after = claimed->after;
    row.claimed = true;
    put_part(page, claimed->player, seq, fate_of_seat(played->game, &claimed->seat), claimed->won);
    return put_result(page, &row, played->game, played->game->sides[claimed->side - 1], err);
}

static bool make_rows(struct rows_page *page, uint64_t seq, const ProtobufCBinaryData *bytes, struct err *err)
{
    const Standings__Entry *entry;
    if (!unpack_entry(page, bytes, seq, &entry, err)) return false;
    if (entry->body_case == STANDINGS__ENTRY__BODY_GAME) return make_results(page, seq, entry->game, err);
    if (entry->body_case == STANDINGS__ENTRY__BODY_GUEST_CLAIMED) return make_claimed(page, seq, entry, err);
    return true;
}

// ---- Pages

static bool read_place(struct rows_page *page, Standings__PlaceRow **row, uint64_t *version, struct err *err)
{
    if (!store_get(page->ai->store, places, STANDINGS_STREAM, page->arena, (ProtobufCMessage **)row, version,
                   err))
        return false;
    if (*row) return true;
    *version = 0;
    *row = arena_new(page->arena, Standings__PlaceRow);
    if (!*row) return err_fail(err, INTERNAL_ERROR, "out of memory");
    standings__place_row__init(*row);
    (*row)->id = STANDINGS_STREAM;
    return true;
}

// The place is stored behind what is made: who starts there again makes nothing twice that matters.
static bool make_page(struct rows_page *page, bool *more, struct err *err)
{
    Standings__PlaceRow *row;
    struct store_entries entries;
    uint64_t version;
    if (!read_place(page, &row, &version, err) ||
        !store_read(page->ai->store, STANDINGS_STREAM, row->entry + 1, PAGE, page->arena, &entries, err))
        return false;
    for (size_t i = 0; i < entries.count; i++)
        if (!make_rows(page, entries.first_seq + i, &entries.entries[i], err)) return false;
    *more = entries.count && entries.more;
    if (!entries.count) return true;
    row->entry = entries.first_seq + entries.count - 1;
    const struct store_write write = {.after = page->ticket};
    return store_wait(page->ai->store, store_put(page->ai->store, places, &row->base, version, &write), err);
}

bool rows_catch_up(struct ai *ai, struct err *err)
{
    struct arena arena;
    bool ok = true, more = true;
    arena_init(&arena, ARENA);
    while (ok && more) {
        arena_reset(&arena);
        struct rows_page page = {.ai = ai, .arena = &arena};
        ok = make_page(&page, &more, err);
    }
    arena_finish(&arena);
    return ok;
}

// ---- The thread

static int64_t rows_work(void *arg)
{
    struct rows *rows = arg;
    struct err err = {0};
    if (!replica_holds(rows->ai->replica, AI_PROJECTS)) return PERIOD_MS;
    bool ok = rows_catch_up(rows->ai, &err);
    bool passing = err_is(&err, CONFLICT) || err_is(&err, STORE_AWAY) || err_is(&err, STORE_FULL);
    if (!ok && !rows->complained && !passing) log_err(LOG_ERROR, "ai.rows", &err);
    rows->complained = !ok;
    return PERIOD_MS;
}

bool rows_start(struct rows **out, struct ai *ai, struct err *err)
{
    struct rows *rows = *out = calloc(1, sizeof *rows);
    if (!rows) return err_fail(err, INTERNAL_ERROR, "out of memory");
    rows->ai = ai;
    return periodic_start(&rows->thread, "ai.rows", 0, rows_work, rows, err);
}

void rows_stop(struct rows *rows)
{
    if (!rows) return;
    periodic_stop(rows->thread);
    free(rows);
}
