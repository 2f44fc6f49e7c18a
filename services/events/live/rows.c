#include "services/events/live/rows.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "services/events/game/join.h"
#include "services/events/game/view/view.h"
#include "services/events/live/fingerprint.h"
#include "services/events/live/secrets.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { ARENA = 8 << 20, SEAT_ID = 2 * UUID_LEN + 2 };

// Whose list of games has the seat.
static const char *seat_owner_of(const struct game *game, const char *user_id)
{
    int person = game_person(game, user_id);
    return person == GAME_NO_ONE ? user_id : person_owner(&game->people[person]);
}

static bool is_done(const struct game *game) { return game->state == EVENTS__EVENT__STATE__DONE; }

// ---- Writes

// Rows are made from entries, in whichever process: the later one counts, and of the same the later form.
static uint64_t version_of(const struct aggregate *aggregate)
{
    return aggregate->game.chain.seq << 8 | ROWS_FORM;
}

#define FOR_GOOD INT64_MAX // of rows of a deleted event: none comes back

static void mend_later(struct aggregate *aggregate)
{
    atomic_store(&aggregate->rows.stale, true);
    aggregate->events->hooks->behind(aggregate->events, aggregate->live.id.text, false);
}

void rows_leave_quota(struct aggregate *aggregate)
{
    atomic_uint *place = atomic_exchange(&aggregate->rows.quota_place, NULL);
    if (place) quota_done(place, true);
}

// For the store's done. A refused row is rebuilt, and fails nothing else.
static void row_written(void *arg, bool durable)
{
    struct aggregate *aggregate = arg;
    if (!durable) mend_later(aggregate);
    rows_leave_quota(aggregate);
    atomic_fetch_sub(&aggregate->rows.pending, 1);
    atomic_fetch_sub(&aggregate->live.pending, 1); // from here on it may be gone
}

// A row rests on the rows before it, and these, or the row itself, on the entries they are made from.
static struct store_write write_of(struct aggregate *aggregate)
{
    uint64_t entries = aggregate->live.ticket, rows = aggregate->rows.ticket;
    atomic_fetch_add(&aggregate->live.pending, 1);
    atomic_fetch_add(&aggregate->rows.pending, 1);
    return (struct store_write){
        .done = row_written, .arg = aggregate, .after = rows > entries ? rows : entries};
}

static void note_write(struct aggregate *aggregate, uint64_t ticket)
{
    aggregate->rows.ticket = aggregate->live.newest = ticket;
}

// The event's row goes last: when it is stored, so are the seats up to its sequence.
static void put_row(struct aggregate *aggregate, struct arena *arena)
{
    const struct game *game = &aggregate->game;
    struct aggregate_rows *rows = &aggregate->rows;
    char image_id[2 * sizeof game->image + 1];
    const struct join_code code = join_code_of(game->id.text);
    Game__EventRow row = GAME__EVENT_ROW__INIT;
    row.join_code = code.text;
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
    if (!game_over(game)) row.opener_id = game->opener_id.text;
    row.made_from = rows_fingerprint(aggregate);
    if (game->image_type[0]) {
        hex_encode(image_id, game->image, sizeof game->image);
        row.image_id = image_id;
    }
    if (!row.summary) {
        mend_later(aggregate);
        return;
    }
    struct store_write write = write_of(aggregate);
    note_write(aggregate, store_put_made(aggregate->events->store, &events_tables[EVENTS_EVENTS], &row.base,
                                         version_of(aggregate), &write));
    rows->seq = row.seq;
    rows->made_from = row.made_from;
    rows->starts_ms = game->terms.starts_ms;
    rows->done = is_done(game);
    rows->upvotes = game->upvotes;
    rows->downvotes = game->downvotes;
}

static void seat_id(char out[SEAT_ID], const char *event_id, const char *user_id)
{
    snprintf(out, SEAT_ID, "%s/%s", event_id, user_id);
}

static void put_seat(struct aggregate *aggregate, const char *user_id)
{
    char id[SEAT_ID];
    seat_id(id, aggregate->live.id.text, user_id);
    Game__SeatRow row = GAME__SEAT_ROW__INIT;
    row.id = id;
    row.event_id = aggregate->live.id.text;
    row.user_id = user_id;
    row.starts_ms = aggregate->game.terms.starts_ms;
    row.done = is_done(&aggregate->game);
    struct store_write write = write_of(aggregate);
    note_write(aggregate, store_put_made(aggregate->events->store, &events_tables[EVENTS_SEATS], &row.base,
                                         version_of(aggregate), &write));
}

static void delete_seat(struct aggregate *aggregate, const char *id)
{
    struct store_write write = write_of(aggregate);
    note_write(aggregate, store_delete_made(aggregate->events->store, &events_tables[EVENTS_SEATS], id,
                                            version_of(aggregate), &write));
}

static void free_seat(struct aggregate *aggregate, const char *user_id)
{
    char id[SEAT_ID];
    seat_id(id, aggregate->live.id.text, user_id);
    delete_seat(aggregate, id);
}

// What a seat's row has of the event: its start, and whether the game was played to its end.
static void move_seats(struct aggregate *aggregate)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(&aggregate->game, roster);
    for (size_t i = 0; i < count; i++) put_seat(aggregate, person_owner(&aggregate->game.people[roster[i]]));
}

// ---- After an append

static bool moves_a_seat(Game__Entry__BodyCase which)
{
    return which == GAME__ENTRY__BODY_RESERVED || which == GAME__ENTRY__BODY_SEAT_HELD ||
           which == GAME__ENTRY__BODY_SEAT_FREED || which == GAME__ENTRY__BODY_GUEST_CLAIMED ||
           which == GAME__ENTRY__BODY_GUEST_UNCLAIMED;
}

static void put_seats_of(struct aggregate *aggregate, const struct made_entry *made, struct arena *arena)
{
    if (!moves_a_seat(made->which)) return;
    Game__Entry *entry = game__entry__unpack(&arena->allocator, made->packed.len, made->packed.data);
    if (!entry)
        mend_later(aggregate);
    else if (made->which == GAME__ENTRY__BODY_RESERVED)
        put_seat(aggregate, entry->reserved->user_id);
    else if (made->which == GAME__ENTRY__BODY_SEAT_HELD)
        put_seat(aggregate, entry->seat_held->user_id);
    else if (made->which == GAME__ENTRY__BODY_SEAT_FREED)
        free_seat(aggregate, seat_owner_of(&aggregate->game, entry->seat_freed->user_id));
    else if (made->which == GAME__ENTRY__BODY_GUEST_CLAIMED)
        free_seat(aggregate, entry->guest_claimed->guest_id),
            put_seat(aggregate, entry->guest_claimed->user_id);
    else
        free_seat(aggregate, entry->guest_unclaimed->user_id),
            put_seat(aggregate, entry->guest_unclaimed->guest_id);
}

static void put_changed(struct aggregate *aggregate, const struct entries *entries, struct arena *arena)
{
    struct aggregate_rows *rows = &aggregate->rows;
    for (size_t i = 0; i < entries->count; i++) put_seats_of(aggregate, &entries->made[i], arena);
    bool others =
        rows->starts_ms != aggregate->game.terms.starts_ms || rows->done != is_done(&aggregate->game);
    if (rows->seq && others) move_seats(aggregate);
    bool seats_changed = rows->ticket > aggregate->live.ticket;
    if (!atomic_load(&rows->stale) && (seats_changed || rows_fingerprint(aggregate) != rows->made_from))
        put_row(aggregate, arena);
}

static bool make_anew(struct aggregate *aggregate, const struct entries *entries, struct arena *arena,
                      struct err *err);

static void rows_mend(struct aggregate *aggregate, const struct entries *entries, struct arena *arena)
{
    struct err err;
    if (atomic_load(&aggregate->rows.pending) || !make_anew(aggregate, entries, arena, &err))
        mend_later(aggregate);
}

void rows_put(struct aggregate *aggregate, const struct entries *entries)
{
    struct arena arena; // not the call's arena: what is already stored is not refused for want of memory
    arena_init(&arena, ARENA);
    if (atomic_load(&aggregate->rows.stale))
        rows_mend(aggregate, entries, &arena);
    else
        put_changed(aggregate, entries, &arena);
    arena_finish(&arena);
}

// The event's row goes behind it, so that a row that stays is found by the next start.
static void remove_secrets(struct aggregate *aggregate)
{
    struct arena arena;
    struct err err;
    uint64_t ticket = aggregate->live.ticket;
    arena_init(&arena, ARENA);
    if (!secrets_remove_row(aggregate->events, aggregate->live.id.text, &arena, &ticket, &err))
        mend_later(aggregate);
    else if (ticket != aggregate->live.ticket)
        note_write(aggregate, ticket);
    arena_finish(&arena);
}

static void remove_seats(struct aggregate *aggregate)
{
    uint16_t roster[GAME_MAX_SEATS];
    char id[SEAT_ID];
    size_t count = game_roster(&aggregate->game, roster);
    for (size_t i = 0; i < count; i++) {
        seat_id(id, aggregate->live.id.text, person_owner(&aggregate->game.people[roster[i]]));
        struct store_write write = write_of(aggregate);
        note_write(aggregate, store_delete_made(aggregate->events->store, &events_tables[EVENTS_SEATS], id,
                                                FOR_GOOD, &write));
    }
}

void rows_remove(struct aggregate *aggregate)
{
    remove_secrets(aggregate);
    remove_seats(aggregate);
    struct store_write write = write_of(aggregate);
    note_write(aggregate, store_delete_made(aggregate->events->store, &events_tables[EVENTS_EVENTS],
                                            aggregate->live.id.text, FOR_GOOD, &write));
}

// ---- What is stored

static void take_in(struct aggregate_rows *rows, const Game__EventRow *row)
{
    bool whole = row && row->summary;
    rows->seq = whole ? row->seq : 0;
    rows->made_from = whole ? row->made_from : 0;
    rows->starts_ms = whole ? row->starts_ms : 0;
    rows->done = whole && row->state == EVENTS__EVENT__STATE__DONE;
    rows->upvotes = whole ? row->summary->upvotes : 0;
    rows->downvotes = whole ? row->summary->downvotes : 0;
}

bool rows_load(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    struct aggregate_rows *rows = &aggregate->rows;
    ProtobufCMessage *found = NULL;
    uint64_t version;
    rows->ticket = 0;
    bool exists = aggregate->game.state;
    if (exists &&
        !store_get(aggregate->events->store, &events_tables[EVENTS_EVENTS], aggregate->live.id.text, arena,
                   &found, &version, err) &&
        !err_is(err, STORE_CORRUPT)) // then it is rebuilt
        return false;
    take_in(rows, (const Game__EventRow *)found);
    atomic_store(&rows->stale, exists && rows->made_from != rows_fingerprint(aggregate));
    return true;
}

static bool find_seats(struct events *events, const char *event_id, struct arena *arena,
                       struct store_rows *rows, struct err *err)
{
    const struct store_query query = {.index = "by_event",
                                      .equal = {{.text = event_id}},
                                      .equal_count = 1,
                                      .limit = 1000,
                                      .page_token = ""};
    return store_find(events->store, &events_tables[EVENTS_SEATS], &query, arena, rows, err);
}

static bool is_right(const Game__SeatRow *row, const struct game *game)
{
    int player = game_player(game, row->user_id);
    return player != GAME_NO_ONE && strcmp(person_owner(&game->people[player]), row->user_id) == 0 &&
           row->starts_ms == game->terms.starts_ms && row->done == is_done(game);
}

static bool has_row(const struct store_rows *rows, const struct game *game, const char *user_id)
{
    for (size_t i = 0; i < rows->count; i++) {
        const Game__SeatRow *row = (const Game__SeatRow *)rows->messages[i];
        if (strcmp(row->user_id, user_id) == 0 && is_right(row, game)) return true;
    }
    return false;
}

// The event's row and all its seats, whatever was there. Seats of the entries, which may be NULL, are written
// even when they look right: what another process sent of them before may still be on its way.
static bool make_anew(struct aggregate *aggregate, const struct entries *entries, struct arena *arena,
                      struct err *err)
{
    const struct game *game = &aggregate->game;
    struct store_rows rows;
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    if (!find_seats(aggregate->events, aggregate->live.id.text, arena, &rows, err) ||
        !rows_load(aggregate, arena, err))
        return false;
    atomic_store(&aggregate->rows.stale, false);
    for (size_t i = 0; entries && i < entries->count; i++) put_seats_of(aggregate, &entries->made[i], arena);
    for (size_t i = 0; i < rows.count; i++) {
        const Game__SeatRow *row = (const Game__SeatRow *)rows.messages[i];
        if (!is_right(row, game)) delete_seat(aggregate, row->id);
    }
    for (size_t i = 0; i < count; i++) {
        const char *user_id = person_owner(&game->people[roster[i]]);
        if (!has_row(&rows, game, user_id)) put_seat(aggregate, user_id);
    }
    put_row(aggregate, arena);
    return true;
}

bool rows_renew(struct aggregate *aggregate, struct arena *arena, struct err *err)
{
    return make_anew(aggregate, NULL, arena, err);
}

bool rows_refresh(struct aggregate *aggregate, bool seq_too, struct arena *arena, struct err *err)
{
    const struct game *game = &aggregate->game;
    const struct aggregate_rows *rows = &aggregate->rows;
    if (atomic_load(&rows->stale)) {
        if (atomic_load(&rows->pending)) return err_fail(err, SERVICE_BUSY, "rows are on their way");
        return rows_renew(aggregate, arena, err);
    }
    bool behind = seq_too && rows->seq != game->chain.seq;
    if (behind || game->upvotes != rows->upvotes || game->downvotes != rows->downvotes)
        put_row(aggregate, arena);
    return true;
}

// An end that is seen is one; that no entries are seen may come from a server that is behind.
static bool forget_secrets(struct events *events, const char *event_id, struct arena *arena, uint64_t *ticket,
                           struct err *err)
{
    struct store_entries entries;
    return store_read(events->store, events_stream(event_id).text, 1, 1, arena, &entries, err) &&
           (!entries.ended || secrets_remove_row(events, event_id, arena, ticket, err));
}

bool rows_forget(struct events *events, const char *event_id, struct arena *arena, struct err *err)
{
    struct store *store = events->store;
    struct store_rows seats;
    ProtobufCMessage *row;
    uint64_t head, version, ticket = 0;
    if (!store_head(store, events_stream(event_id).text, &head, err)) return false;
    if (head) return err_fail(err, SERVICE_BUSY, "the event's end is on its way to the disk");
    if (!find_seats(events, event_id, arena, &seats, err)) return false;
    if (!store_get(store, &events_tables[EVENTS_EVENTS], event_id, arena, &row, &version, err) &&
        !err_is(err, STORE_CORRUPT))
        return false;
    for (size_t i = 0; i < seats.count; i++) {
        const struct store_write write = {.after = ticket};
        ticket = store_delete_made(store, &events_tables[EVENTS_SEATS],
                                   ((const Game__SeatRow *)seats.messages[i])->id, FOR_GOOD, &write);
    }
    if (!forget_secrets(events, event_id, arena, &ticket, err)) return false;
    const struct store_write write = {.after = ticket};
    if (version) ticket = store_delete_made(store, &events_tables[EVENTS_EVENTS], event_id, FOR_GOOD, &write);
    return !ticket || store_wait(store, ticket, err);
}
