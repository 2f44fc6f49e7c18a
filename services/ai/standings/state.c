#include "services/ai/standings/state.h"

#include <stdlib.h>
#include <string.h>

#include "services/ai/standings/lists.h"

enum { FORM = 3 };

// ---- Saving

Standings__Belief *standings_stored(struct arena *arena, struct rating belief)
{
    Standings__Belief *row = arena_new(arena, Standings__Belief);
    if (!row) return NULL;
    standings__belief__init(row);
    row->mu = belief.mu;
    row->sigma = belief.sigma;
    return row;
}

static bool save_players(const struct standings *standings, struct arena *arena,
                         Standings__Snapshot *snapshot)
{
    Standings__Snapshot__Player *rows =
        list_of_messages(arena, standings->player_count, sizeof *rows, (void ***)&snapshot->players);
    for (size_t i = 0; rows && i < standings->player_count; i++) {
        const struct standings_player *player = &standings->players[i];
        standings__snapshot__player__init(&rows[i]);
        if (player->known) rows[i].user_id = (ProtobufCBinaryData){STANDINGS_ID, (uint8_t *)player->id};
        rows[i].belief = standings_stored(arena, player->belief);
        rows[i].games = player->games;
        rows[i].won = player->won;
        rows[i].day = player->day;
        rows[i].met = player->met;
    }
    snapshot->n_players = standings->player_count;
    return rows != NULL;
}

static bool save_games(const struct standings *standings, struct arena *arena, Standings__Snapshot *snapshot)
{
    Standings__Snapshot__Known *rows =
        list_of_messages(arena, standings->game_count, sizeof *rows, (void ***)&snapshot->games);
    for (size_t i = 0; rows && i < standings->game_count; i++) {
        standings__snapshot__known__init(&rows[i]);
        rows[i].event_id = (ProtobufCBinaryData){STANDINGS_ID, standings->games[i].event};
        rows[i].finished_ms = standings->games[i].finished_ms;
    }
    snapshot->n_games = standings->game_count;
    return rows != NULL;
}

static bool save_guests(const struct standings *standings, struct arena *arena, Standings__Snapshot *snapshot)
{
    Standings__Snapshot__Guest *rows =
        list_of_messages(arena, standings->guest_count, sizeof *rows, (void ***)&snapshot->guests);
    for (size_t i = 0; rows && i < standings->guest_count; i++) {
        if (standings->guests[i].taken) continue;
        Standings__Snapshot__Guest *row = snapshot->guests[snapshot->n_guests++] = &rows[i];
        standings__snapshot__guest__init(row);
        row->seat = (ProtobufCBinaryData){STANDINGS_ID, standings->guests[i].seat};
        row->game = standings->guests[i].game;
    }
    return rows != NULL;
}

static bool save_eases(const struct standings *standings, struct arena *arena, Standings__Snapshot *snapshot)
{
    Standings__Snapshot__Ease *rows =
        list_of_messages(arena, standings->ease_count, sizeof *rows, (void ***)&snapshot->eases);
    for (size_t i = 0; rows && i < standings->ease_count; i++) {
        standings__snapshot__ease__init(&rows[i]);
        rows[i].key = (ProtobufCBinaryData){STANDINGS_ID, standings->eases[i].key};
        rows[i].belief = standings_stored(arena, standings->eases[i].belief);
        rows[i].games = standings->eases[i].games;
    }
    snapshot->n_eases = standings->ease_count;
    return rows != NULL;
}

static bool save_classes(const struct standings *standings, struct arena *arena,
                         Standings__Snapshot *snapshot)
{
    const struct classes *classes = &standings->classes;
    snapshot->marks = arena_array(arena, classes->count + 1, COINS_FEATURES * sizeof *snapshot->marks);
    for (size_t i = 0; snapshot->marks && i < classes->count; i++, snapshot->n_marks += COINS_FEATURES)
        memcpy(snapshot->marks + snapshot->n_marks, classes_row(classes, i),
               COINS_FEATURES * sizeof *snapshot->marks);
    if (!classes->version) return snapshot->marks;
    snapshot->model = classes_stored(&classes->model, arena);
    if (!snapshot->model) return false;
    snapshot->model->version = classes->version;
    snapshot->model->count = classes->fitted;
    return snapshot->marks;
}

bool standings_save(const struct standings *standings, struct arena *arena, ProtobufCBinaryData *bytes,
                    struct err *err)
{
    Standings__Snapshot snapshot = STANDINGS__SNAPSHOT__INIT;
    Standings__Reached reached = STANDINGS__REACHED__INIT, locks = STANDINGS__REACHED__INIT;
    snapshot.form = FORM;
    snapshot.seq = standings->seq;
    snapshot.contests = standings->contests;
    snapshot.slope = standings->slope;
    reached.generation = standings->generation;
    reached.seq = standings->followed;
    snapshot.reached = &reached;
    locks.generation = standings->locks_generation;
    locks.seq = standings->locks;
    snapshot.locks = &locks;
    bool ok = save_players(standings, arena, &snapshot) && save_games(standings, arena, &snapshot) &&
              save_guests(standings, arena, &snapshot) && save_eases(standings, arena, &snapshot) &&
              outcomes_save(&standings->outcomes, arena, &snapshot) &&
              save_classes(standings, arena, &snapshot);
    if (!ok || arena->failed) return err_fail(err, INTERNAL_ERROR, "no memory for a snapshot");
    bytes->len = standings__snapshot__get_packed_size(&snapshot);
    bytes->data = arena_alloc(arena, bytes->len);
    if (!bytes->data) return err_fail(err, INTERNAL_ERROR, "no memory for a snapshot");
    standings__snapshot__pack(&snapshot, bytes->data);
    return true;
}

// ---- Loading

static bool is_id(const ProtobufCBinaryData *bytes) { return bytes->len == STANDINGS_ID; }

static bool load_place(struct idmap *map, const ProtobufCBinaryData *id, size_t place)
{
    const struct uuid text = uuid_text(id->data);
    uint32_t *at = idmap_add(map, text.text);
    if (at) *at = (uint32_t)place;
    return at;
}

static bool load_players(struct standings *standings, const Standings__Snapshot *snapshot)
{
    standings->players = calloc(snapshot->n_players + 1, sizeof *standings->players);
    if (!standings->players) return false;
    standings->player_room = snapshot->n_players + 1;
    for (size_t i = 0; i < snapshot->n_players; i++) {
        const Standings__Snapshot__Player *row = snapshot->players[i];
        struct standings_player *player = &standings->players[standings->player_count++];
        if (!row->belief || (row->user_id.len && !is_id(&row->user_id))) return false;
        *player = (struct standings_player){.known = row->user_id.len > 0,
                                            .belief = {row->belief->mu, row->belief->sigma},
                                            .games = row->games,
                                            .won = row->won,
                                            .day = row->day,
                                            .met = row->met};
        if (!player->known) continue;
        memcpy(player->id, row->user_id.data, STANDINGS_ID);
        if (!load_place(&standings->by_user, &row->user_id, standings->player_count)) return false;
    }
    return true;
}

static bool load_games(struct standings *standings, const Standings__Snapshot *snapshot)
{
    standings->games = calloc(snapshot->n_games + 1, sizeof *standings->games);
    if (!standings->games) return false;
    standings->game_room = snapshot->n_games + 1;
    for (size_t i = 0; i < snapshot->n_games; i++) {
        const Standings__Snapshot__Known *row = snapshot->games[i];
        struct standings_game *game = &standings->games[standings->game_count++];
        if (!is_id(&row->event_id)) return false;
        game->finished_ms = row->finished_ms;
        memcpy(game->event, row->event_id.data, STANDINGS_ID);
        if (!load_place(&standings->by_event, &row->event_id, standings->game_count)) return false;
    }
    return true;
}

static bool load_guests(struct standings *standings, const Standings__Snapshot *snapshot)
{
    standings->guests = calloc(snapshot->n_guests + 1, sizeof *standings->guests);
    if (!standings->guests) return false;
    standings->guest_room = snapshot->n_guests + 1;
    for (size_t i = 0; i < snapshot->n_guests; i++) {
        const Standings__Snapshot__Guest *row = snapshot->guests[i];
        struct standings_guest *guest = &standings->guests[standings->guest_count++];
        if (!is_id(&row->seat)) return false;
        guest->game = row->game;
        memcpy(guest->seat, row->seat.data, STANDINGS_ID);
        if (!load_place(&standings->by_seat, &row->seat, standings->guest_count)) return false;
    }
    return true;
}

static bool load_eases(struct standings *standings, const Standings__Snapshot *snapshot)
{
    standings->eases = calloc(snapshot->n_eases + 1, sizeof *standings->eases);
    if (!standings->eases) return false;
    standings->ease_room = snapshot->n_eases + 1;
    for (size_t i = 0; i < snapshot->n_eases; i++) {
        const Standings__Snapshot__Ease *row = snapshot->eases[i];
        struct standings_ease *ease = &standings->eases[standings->ease_count++];
        if (!is_id(&row->key) || !row->belief) return false;
        *ease = (struct standings_ease){.belief = {row->belief->mu, row->belief->sigma}, .games = row->games};
        memcpy(ease->key, row->key.data, STANDINGS_ID);
        if (!load_place(&standings->by_ease, &row->key, standings->ease_count)) return false;
    }
    return true;
}

static bool load_classes(struct standings *standings, const Standings__Snapshot *snapshot)
{
    struct classes *classes = &standings->classes;
    if (snapshot->n_marks % COINS_FEATURES || snapshot->n_marks > CLASSES_ROWS * COINS_FEATURES) return false;
    for (size_t i = 0; i < snapshot->n_marks; i += COINS_FEATURES)
        if (!classes_note(classes, snapshot->marks + i, COINS_FEATURES)) return false;
    return !snapshot->model || classes_set(classes, snapshot->model);
}

bool standings_load(struct standings *standings, ProtobufCBinaryData bytes, struct arena *arena)
{
    const Standings__Snapshot *snapshot =
        standings__snapshot__unpack(&arena->allocator, bytes.len, bytes.data);
    if (!snapshot || snapshot->form != FORM || !snapshot->reached || !snapshot->locks) return false;
    if (!load_players(standings, snapshot) || !load_games(standings, snapshot) ||
        !load_guests(standings, snapshot) || !load_eases(standings, snapshot) ||
        !outcomes_load(&standings->outcomes, snapshot) || !load_classes(standings, snapshot)) {
        standings_finish(standings);
        return false;
    }
    standings->seq = snapshot->seq;
    standings->generation = snapshot->reached->generation;
    standings->followed = snapshot->reached->seq;
    standings->locks_generation = snapshot->locks->generation;
    standings->locks = snapshot->locks->seq;
    standings->contests = snapshot->contests;
    standings->slope = snapshot->slope;
    return true;
}
