#include "services/events/topics/locked.h"

#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

#define NO_GAME UINT64_C(0x100000000) // behind the numbers of all deals

// ---- The table

static bool is_called_off(const struct game *game)
{
    return game->state == EVENTS__EVENT__STATE__CANCELLED || game->state == EVENTS__EVENT__STATE__EXPIRED;
}

static bool fill_roles(Game__LockedTable *table, const struct game *game, struct arena *arena)
{
    table->roles = arena_array(arena, game->deck_roles + 1, sizeof *table->roles);
    for (size_t i = 0; table->roles && i < game->deck_roles; i++) {
        Game__RoleFacts *role = table->roles[i] = arena_new(arena, Game__RoleFacts);
        if (!role) return false;
        game__role_facts__init(role);
        role->role_id = arena_str(arena, game->roles[i].id.text);
        role->side_id = arena_str(arena, game->roles[i].side_id.text);
        role->copies = game->roles[i].copies;
        table->n_roles++;
    }
    return table->roles;
}

static bool fill_seats(Game__LockedTable *table, const struct game *game, struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    table->user_ids = arena_array(arena, count + 1, sizeof *table->user_ids);
    for (; table->user_ids && table->n_user_ids < count; table->n_user_ids++)
        table->user_ids[table->n_user_ids] =
            arena_str(arena, person_owner(&game->people[roster[table->n_user_ids]]));
    return table->user_ids;
}

static Game__LockedTable *table_of(const struct game *game, struct arena *arena)
{
    Game__LockedTable *table = arena_new(arena, Game__LockedTable);
    if (!table) return NULL;
    game__locked_table__init(table);
    table->event_id = arena_str(arena, game->id.text);
    table->k = game->k;
    table->let_go = is_called_off(game);
    if (table->let_go) return arena->failed ? NULL : table;
    table->deck_id = arena_str(arena, game->deck_id.text);
    bool ok = fill_roles(table, game, arena) && fill_seats(table, game, arena);
    return ok && !arena->failed ? table : NULL;
}

// ---- What is to be told

static bool is_locked(const struct game *game)
{
    return game->state >= EVENTS__EVENT__STATE__LOCKED && game->state <= EVENTS__EVENT__STATE__DONE;
}

static bool is_due(const struct game *game, const Game__NoticeRow *row)
{
    if (is_called_off(game)) return row->locked && !row->let_go;
    return is_locked(game) && row->locked < (uint32_t)game->k;
}

// *table is NULL when nothing is to be told.
static bool locked_look(struct events *events, const Game__NoticeRow *row, Game__LockedTable **table,
                        struct arena *arena, struct err *err)
{
    struct aggregate *aggregate;
    *table = NULL;
    if (!aggregate_enter(events, row->event_id, &aggregate, err)) return false;
    const struct game *game = &aggregate->game;
    bool due = is_due(game, row), stored = atomic_load(&aggregate->durable_seq) == game->chain.seq;
    if (due && stored) *table = table_of(game, arena);
    aggregate_leave(aggregate);
    if (due && !stored) return err_fail(err, SERVICE_BUSY, "entries are on their way to the disk");
    return *table || !due || err_fail(err, INTERNAL_ERROR, "no memory for a table");
}

// ---- Telling

// *head: of the stream, with the table.
static bool locked_tell(struct events *events, const Game__LockedTable *table, struct arena *arena,
                        uint64_t *head, struct err *err)
{
    const struct stream_name source = events_stream(table->event_id);
    ProtobufCBinaryData packed = {game__locked_table__get_packed_size(table), NULL};
    packed.data = arena_alloc(arena, packed.len);
    if (!packed.data) return err_fail(err, INTERNAL_ERROR, "no memory for a table");
    game__locked_table__pack(table, packed.data);
    const struct store_write write = {
        .source = {source.text, (uint64_t)table->k + (table->let_go ? NO_GAME : 0), 0}};
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = LOCKS_STREAM;
    if (!store_wait(events->store, store_append_next(events->store, LOCKS_STREAM, &packed, 1, &write), err) ||
        !store_head(events->store, LOCKS_STREAM, head, err))
        return false;
    notice.seq = *head;
    bus_publish(events->publisher, &notice);
    return true;
}

static bool locked_note(struct events *events, Game__NoticeRow *row, uint64_t version,
                        const Game__LockedTable *table, uint64_t head, struct err *err)
{
    row->locked = (uint32_t)table->k;
    row->lock = head;
    row->let_go = table->let_go;
    return store_wait(events->store,
                      store_put(events->store, &events_tables[EVENTS_NOTICES], &row->base, version,
                                &(struct store_write){0}),
                      err);
}

bool locked_run(struct events *events, const char *event_id, struct arena *arena, struct err *err)
{
    Game__NoticeRow *row;
    Game__LockedTable *table;
    uint64_t version, head;
    if (!store_get(events->store, &events_tables[EVENTS_NOTICES], event_id, arena, (ProtobufCMessage **)&row,
                   &version, err))
        return false;
    if (!row) return true;
    if (!locked_look(events, row, &table, arena, err)) return false;
    return !table || (locked_tell(events, table, arena, &head, err) &&
                      locked_note(events, row, version, table, head, err));
}
