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

enum { PERIOD_MS = 200, PAGE = 200, LINES = 48 * 1024, QUEUED_MOST = 512, ARENA = 128 << 20 };

struct rows {
    struct ai *ai;
    struct periodic *thread;
    bool complained;
};

// What an entry is to a player.
struct rows_line {
    uint32_t player;
    uint64_t entry;
    Standings__ResultRow *result;
    Standings__Game__Fate *fate; // or NULL
};

// Rows of many entries, which are written by player: so a page of the store has several of them.
struct rows_page {
    struct ai *ai;
    struct arena *arena;
    struct rows_line *lines;
    size_t count, room, at_once;
    uint64_t ticket;  // of the newest write
    uint64_t earlier; // of the one at which `queued` began
    unsigned queued;
};

static const struct store_table *const places = &ai_tables[AI_PLACES];

static bool no_room(struct err *err) { return err_fail(err, INTERNAL_ERROR, "no memory for rows"); }

// ---- Lines

static bool grow_lines(struct rows_page *page)
{
    const size_t room = page->room ? 2 * page->room : LINES;
    struct rows_line *lines = realloc(page->lines, room * sizeof *lines);
    if (!lines) return false;
    page->lines = lines;
    page->room = room;
    return true;
}

// NULL without memory.
static Standings__ResultRow *add_line(struct rows_page *page, uint32_t player, uint64_t entry,
                                      Standings__Game__Fate *fate)
{
    Standings__ResultRow *row = arena_new(page->arena, Standings__ResultRow);
    if (!row || (page->count == page->room && !grow_lines(page))) return NULL;
    standings__result_row__init(row);
    row->player = player;
    row->entry = entry;
    page->lines[page->count++] = (struct rows_line){player, entry, row, fate};
    return row;
}

static bool fill_side(struct rows_page *page, Standings__ResultRow *row, const Standings__Game *game,
                      const Standings__Game__Side *side)
{
    const struct uuid event = uuid_text(game->event_id.data), side_id = uuid_text(side->side_id.data);
    row->event_id = arena_str(page->arena, event.text);
    row->side_id = arena_str(page->arena, side_id.text);
    row->won = side->won;
    row->expected = side->expected;
    row->scale = game->scale;
    row->handicap = side->side_before->mu + (side->deck_before ? side->deck_before->mu : 0);
    return row->event_id && row->side_id;
}

static bool add_results(struct rows_page *page, uint64_t seq, const Standings__Game *game, struct err *err)
{
    if (game->verdict) return true;
    for (size_t i = 0; i < game->n_players; i++) {
        const Standings__Game__Player *player = game->players[i];
        if (!player->player || !player->side) continue;
        Standings__ResultRow *row = add_line(page, player->player, seq, player->fate);
        if (!row || !fill_side(page, row, game, game->sides[player->side - 1])) return no_room(err);
        row->time_ms = game->finished_ms;
        row->before = player->before;
        row->after = player->after;
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
static bool add_claimed(struct rows_page *page, uint64_t seq, const Standings__Entry *entry, struct err *err)
{
    const Standings__GuestClaimed *claimed = entry->guest_claimed;
    const Standings__Entry *played;
    struct store_entries stored;
    if (!claimed->player) return true;
    if (!store_read(page->ai->store, STANDINGS_STREAM, claimed->game, 1, page->arena, &stored, err))
        return false;
    if (!stored.count)
        return err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of " STANDINGS_STREAM " is missing",
                        claimed->game);
    if (!unpack_entry(page, &stored.entries[0], claimed->game, &played, err)) return false;
    const Standings__Game *game = played->game;
    Standings__ResultRow *row = add_line(page, claimed->player, seq, fate_of_seat(game, &claimed->seat));
    if (!row || !fill_side(page, row, game, game->sides[claimed->side - 1])) return no_room(err);
    row->time_ms = entry->time_ms;
    row->before = claimed->before;
    row->after = claimed->after;
    row->claimed = true;
    return true;
}

static bool add_entry(struct rows_page *page, uint64_t seq, const ProtobufCBinaryData *bytes, struct err *err)
{
    const Standings__Entry *entry;
    if (!unpack_entry(page, bytes, seq, &entry, err)) return false;
    if (entry->body_case == STANDINGS__ENTRY__BODY_GAME) return add_results(page, seq, entry->game, err);
    if (entry->body_case == STANDINGS__ENTRY__BODY_GUEST_CLAIMED) return add_claimed(page, seq, entry, err);
    return true;
}

// ---- Rows

static int by_player(const void *a, const void *b)
{
    const struct rows_line *left = a, *right = b;
    if (left->player != right->player) return left->player < right->player ? -1 : 1;
    return (left->entry > right->entry) - (left->entry < right->entry);
}

// Beside the result: what tips are made of.
static void put_part(struct rows_page *page, const struct rows_line *line, const char *id)
{
    Standings__PartRow row = STANDINGS__PART_ROW__INIT;
    if (!line->fate || line->fate->role_id.len != STANDINGS_ID) return;
    const struct uuid role = uuid_text(line->fate->role_id.data);
    row.id = id;
    row.player = line->player;
    row.entry = line->entry;
    row.role_id = role.text;
    row.won = line->result->won;
    row.fate = line->fate;
    const struct store_write write = {.after = page->ticket};
    page->ticket = store_put_made(page->ai->store, &ai_tables[AI_PARTS], &row.base, line->entry, &write);
    page->queued++;
}

// The queue of writes is for others, too: it never has more than twice as many of these. Meanwhile the ones
// before are being stored.
static bool wait_for_earlier(struct rows_page *page, struct err *err)
{
    if (page->queued < QUEUED_MOST) return true;
    if (page->earlier && !store_wait(page->ai->store, page->earlier, err)) return false;
    page->earlier = page->ticket;
    page->queued = 0;
    return true;
}

static bool put_line(struct rows_page *page, const struct rows_line *line, struct err *err)
{
    char id[48];
    snprintf(id, sizeof id, "%010" PRIu32 ".%020" PRIu64, line->player, line->entry);
    put_part(page, line, id);
    line->result->id = id;
    const struct store_write write = {.after = page->ticket};
    page->ticket =
        store_put_made(page->ai->store, &ai_tables[AI_RESULTS], &line->result->base, line->entry, &write);
    page->queued++;
    return wait_for_earlier(page, err);
}

static bool put_lines(struct rows_page *page, struct err *err)
{
    if (page->count) qsort(page->lines, page->count, sizeof *page->lines, by_player);
    for (size_t i = 0; i < page->count; i++)
        if (!put_line(page, &page->lines[i], err)) return false;
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

// As many entries as are written at once.
static bool read_lines(struct rows_page *page, uint64_t *seq, bool *more, struct err *err)
{
    struct store_entries entries = {.more = true};
    while (entries.more && page->count < page->at_once && page->arena->used_bytes < ARENA / 2) {
        if (!store_read(page->ai->store, STANDINGS_STREAM, *seq + 1, PAGE, page->arena, &entries, err))
            return false;
        for (size_t i = 0; i < entries.count; i++)
            if (!add_entry(page, entries.first_seq + i, &entries.entries[i], err)) return false;
        if (!entries.count) break;
        *seq = entries.first_seq + entries.count - 1;
    }
    *more = entries.count && entries.more;
    return true;
}

// The place is stored behind what is made: who starts there again makes nothing twice that matters.
static bool make_page(struct rows_page *page, bool *more, struct err *err)
{
    Standings__PlaceRow *row;
    uint64_t version;
    if (!read_place(page, &row, &version, err)) return false;
    const uint64_t before = row->entry;
    if (!read_lines(page, &row->entry, more, err) || !put_lines(page, err)) return false;
    if (row->entry == before) return true;
    const struct store_write write = {.after = page->ticket};
    return store_wait(page->ai->store, store_put(page->ai->store, places, &row->base, version, &write), err);
}

bool rows_catch_up_by(struct ai *ai, size_t at_once, struct err *err)
{
    struct arena arena;
    bool ok = true, more = true;
    arena_init(&arena, ARENA);
    while (ok && more) {
        arena_reset(&arena);
        struct rows_page page = {.ai = ai, .arena = &arena, .at_once = at_once};
        ok = make_page(&page, &more, err);
        free(page.lines);
    }
    arena_finish(&arena);
    return ok;
}

bool rows_catch_up(struct ai *ai, struct err *err) { return rows_catch_up_by(ai, LINES, err); }

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
