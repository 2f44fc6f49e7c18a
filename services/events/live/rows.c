#include "services/events/live/rows.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "services/events/game/view/view.h"
#include "services/events/tables.h"

static void mix(uint64_t *state, const void *bytes, size_t len)
{
    const uint8_t *b = bytes;
    for (size_t i = 0; i < len; i++) *state = (*state ^ b[i]) * UINT64_C(0x100000001B3);
}

static void mix_number(uint64_t *state, int64_t number)
{
    *state = (*state ^ (uint64_t)number) * UINT64_C(0x9E3779B97F4A7C15);
    *state ^= *state >> 32;
}

// FNV-1a over the texts of what the row holds, a multiplication and a shift for each number.
uint64_t rows_state(const struct aggregate *aggregate)
{
    const struct game *game = &aggregate->game;
    const int64_t numbers[] = {game->state,
                               game->seats_taken,
                               (int64_t)game->waiting_count,
                               game->terms.starts_ms,
                               game->terms.expires_ms,
                               game->terms.max_players,
                               game->terms.min_players,
                               game->terms.waitlist,
                               game->terms.secret_ballot,
                               game->terms.spectator_delay_ms,
                               game->winners_count != 0,
                               rules_due(game, &aggregate->events->reminders)};
    uint64_t state = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) mix_number(&state, numbers[i]);
    mix(&state, game->god_id.text, UUID_LEN);
    if (game->image_type[0]) mix(&state, game->image, sizeof game->image);
    mix(&state, game->terms.title, strlen(game->terms.title));
    mix(&state, game->terms.local, strlen(game->terms.local));
    mix(&state, game->terms.zone, strlen(game->terms.zone));
    return state ? state : 1;
}

static struct store_write write_of(struct aggregate *aggregate)
{
    atomic_fetch_add(&aggregate->pending, 1);
    return (struct store_write){.done = aggregate_written, .arg = aggregate, .after = aggregate->ticket};
}

static void put_row(struct aggregate *aggregate, struct arena *arena)
{
    const struct game *game = &aggregate->game;
    Game__EventRow row = GAME__EVENT_ROW__INIT;
    row.id = game->id.text;
    row.state = game->state;
    row.group_id = game->group_id.text;
    row.god_id = game->god_id.text;
    row.starts_ms = game->terms.starts_ms;
    row.due_ms = rules_due(game, &aggregate->events->reminders);
    row.seq = game->chain.seq;
    row.summary = view_summary(game, arena);
    row.live = true;
    row.public_head = game->log.public_count;
    row.god_head = game->log.god_count;
    struct store_write write = write_of(aggregate);
    aggregate->ticket = store_put(aggregate->events->store, &events_tables[EVENTS_EVENTS], &row.base,
                                  aggregate->row_version, &write);
    aggregate->row_version++;
    aggregate->row_starts_ms = game->terms.starts_ms;
    aggregate->row_upvotes = game->upvotes;
    aggregate->row_downvotes = game->downvotes;
}

static void seat_id(char out[2 * UUID_LEN + 2], const char *event_id, const char *user_id)
{
    snprintf(out, 2 * UUID_LEN + 2, "%s/%s", event_id, user_id);
}

static void put_seat(struct aggregate *aggregate, const char *user_id)
{
    char id[2 * UUID_LEN + 2];
    seat_id(id, aggregate->id.text, user_id);
    Game__SeatRow row = GAME__SEAT_ROW__INIT;
    row.id = id;
    row.event_id = aggregate->id.text;
    row.user_id = user_id;
    row.starts_ms = aggregate->game.terms.starts_ms;
    struct store_write write = write_of(aggregate);
    aggregate->ticket =
        store_put(aggregate->events->store, &events_tables[EVENTS_SEATS], &row.base, 0, &write);
}

static void delete_seat(struct aggregate *aggregate, const char *user_id)
{
    char id[2 * UUID_LEN + 2];
    seat_id(id, aggregate->id.text, user_id);
    struct store_write write = write_of(aggregate);
    aggregate->ticket = store_delete(aggregate->events->store, &events_tables[EVENTS_SEATS], id, 1, &write);
}

// The start is in the row. Rows of seats are put and deleted, never changed: their version is always 1.
static void move_seats(struct aggregate *aggregate)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(&aggregate->game, roster);
    for (size_t i = 0; i < count; i++) {
        const char *user_id = aggregate->game.people[roster[i]].user_id.text;
        delete_seat(aggregate, user_id);
        put_seat(aggregate, user_id);
    }
}

static void put_seats_of(struct aggregate *aggregate, const struct made_entry *made, struct arena *arena)
{
    if (made->which != GAME__ENTRY__BODY_RESERVED && made->which != GAME__ENTRY__BODY_SEAT_FREED) return;
    Game__Entry *entry = game__entry__unpack(&arena->allocator, made->packed.len, made->packed.data);
    if (!entry) return; // the arena is full: the call fails, and the sweep mends the seat
    if (made->which == GAME__ENTRY__BODY_RESERVED)
        put_seat(aggregate, entry->reserved->user_id);
    else
        delete_seat(aggregate, entry->seat_freed->user_id);
}

void rows_put(struct aggregate *aggregate, const struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) put_seats_of(aggregate, &entries->made[i], entries->arena);
    if (aggregate->row_version && aggregate->row_starts_ms != aggregate->game.terms.starts_ms)
        move_seats(aggregate);
    uint64_t state = rows_state(aggregate);
    if (state == aggregate->row_state) return;
    aggregate->row_state = state;
    put_row(aggregate, entries->arena);
}

void rows_put_votes(struct aggregate *aggregate, struct arena *arena)
{
    const struct game *game = &aggregate->game;
    if (game->upvotes != aggregate->row_upvotes || game->downvotes != aggregate->row_downvotes)
        put_row(aggregate, arena);
}

static bool find_seats(struct aggregate *aggregate, struct arena *arena, struct store_rows *rows,
                       struct err *err)
{
    const struct store_query query = {.index = "by_event",
                                      .equal = {{.text = aggregate->id.text}},
                                      .equal_count = 1,
                                      .limit = 1000,
                                      .page_token = ""};
    return store_find(aggregate->events->store, &events_tables[EVENTS_SEATS], &query, arena, rows, err);
}

static bool has_row(const struct store_rows *rows, const struct game *game, const char *user_id)
{
    for (size_t i = 0; i < rows->count; i++) {
        const Game__SeatRow *row = (const Game__SeatRow *)rows->messages[i];
        if (strcmp(row->user_id, user_id) == 0) return row->starts_ms == game->terms.starts_ms;
    }
    return false;
}

static bool is_right(const Game__SeatRow *row, const struct game *game)
{
    return game_player(game, row->user_id) != GAME_NO_ONE && row->starts_ms == game->terms.starts_ms;
}

bool rows_renew(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    const struct game *game = &aggregate->game;
    struct store_rows rows;
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    if (!find_seats(aggregate, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Game__SeatRow *row = (const Game__SeatRow *)rows.messages[i];
        if (!is_right(row, game)) delete_seat(aggregate, row->user_id);
    }
    for (size_t i = 0; i < count; i++) {
        const char *user_id = game->people[roster[i]].user_id.text;
        if (!has_row(&rows, game, user_id)) put_seat(aggregate, user_id);
    }
    aggregate->row_state = rows_state(aggregate);
    put_row(aggregate, arena);
    return true;
}

bool rows_remove(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    struct store_rows rows;
    if (!find_seats(aggregate, arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++)
        delete_seat(aggregate, ((const Game__SeatRow *)rows.messages[i])->user_id);
    struct store_write write = write_of(aggregate);
    if (aggregate->row_version)
        aggregate->ticket = store_delete(aggregate->events->store, &events_tables[EVENTS_EVENTS],
                                         aggregate->id.text, aggregate->row_version, &write);
    else
        aggregate_written(aggregate, true);
    return true;
}
