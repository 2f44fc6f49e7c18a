#include "services/events/topics/finished.h"

#include <string.h>

#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { PAGE = 500, PAGE_ARENA = 32 << 20, MOST_ACTS = 256 };

// ---- What the fold knows

static Game__RoleFacts *role_of(const struct role_facts *role, struct arena *arena)
{
    Game__RoleFacts *told = arena_new(arena, Game__RoleFacts);
    if (!told) return NULL;
    game__role_facts__init(told);
    told->role_id = arena_str(arena, role->id.text);
    told->side_id = arena_str(arena, role->side_id.text);
    told->abilities = role->abilities;
    told->copies = role->copies;
    return told;
}

static bool fill_table(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    told->roles = arena_array(arena, game->roles_count + 1, sizeof *told->roles);
    told->sides = arena_array(arena, game->sides_count + 1, sizeof *told->sides);
    told->winning_side_ids = arena_array(arena, game->winners_count + 1, sizeof *told->winning_side_ids);
    told->phases = arena_array(arena, game->phases_count + 1, sizeof *told->phases);
    if (arena->failed) return false;
    while (told->n_roles < game->roles_count) {
        told->roles[told->n_roles] = role_of(&game->roles[told->n_roles], arena);
        told->n_roles++;
    }
    for (; told->n_sides < game->sides_count; told->n_sides++)
        told->sides[told->n_sides] = arena_str(arena, game->sides[told->n_sides].text);
    for (; told->n_winning_side_ids < game->winners_count; told->n_winning_side_ids++)
        told->winning_side_ids[told->n_winning_side_ids] =
            arena_str(arena, game->winners[told->n_winning_side_ids].text);
    return !arena->failed;
}

static bool fill_phases(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    for (; told->n_phases < game->phases_count; told->n_phases++) {
        Game__FinishedGame__Phase *phase = arena_new(arena, Game__FinishedGame__Phase);
        if (!phase) return false;
        game__finished_game__phase__init(phase);
        phase->day = game->phases[told->n_phases].day;
        phase->kind = game->phases[told->n_phases].kind;
        told->phases[told->n_phases] = phase;
    }
    return true;
}

static bool fill_steps(Game__FinishedGame__Player *player, const struct game *game, int person,
                       struct arena *arena)
{
    player->steps = arena_array(arena, game->phases_count + 1, sizeof *player->steps);
    for (size_t i = 0; player->steps && i < game->phases_count; i++) {
        const struct phase *phase = &game->phases[i];
        for (size_t p = 0; p < phase->players_count; p++) {
            const struct player_then *then = &phase->players[p];
            if (then->person != person) continue;
            Game__FinishedGame__Step *step = arena_new(arena, Game__FinishedGame__Step);
            if (!step) return false;
            game__finished_game__step__init(step);
            step->phase = (int32_t)i + 1;
            step->role = then->told_role;
            step->side = then->told_side;
            step->statuses = then->statuses.on;
            player->steps[player->n_steps++] = step;
        }
    }
    return player->steps;
}

static void count_polls(Game__FinishedGame__Player *player, const struct game *game, int person)
{
    for (size_t i = 0; i < game->polls_count; i++)
        for (size_t seat = 0; seat < GAME_MAX_SEATS; seat++) {
            const struct poll *poll = &game->polls[i];
            if (poll->choices[seat] == BALLOT_ABSENT || poll->voters[seat] != person) continue;
            player->polls_voted++;
            break;
        }
}

static Game__FinishedGame__Player *player_of(const struct game *game, int person, struct arena *arena)
{
    const struct person *of = &game->people[person];
    Game__FinishedGame__Player *player = arena_new(arena, Game__FinishedGame__Player);
    if (!player) return NULL;
    game__finished_game__player__init(player);
    player->user_id = arena_str(arena, person_owner(of));
    if (of->account.text[0]) player->seat_id = arena_str(arena, of->user_id.text);
    player->seat = of->seat;
    player->dealt_role = of->card;
    player->role = of->role;
    player->side = of->side;
    player->statuses = of->statuses.on;
    player->abilities_left = of->abilities_left;
    player->score = of->score;
    player->scored = of->scored;
    player->guest = of->guest;
    player->attendance = of->attendance;
    count_polls(player, game, person);
    return fill_steps(player, game, person, arena) ? player : NULL;
}

static bool fill_players(Game__FinishedGame *told, const struct game *game, struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    told->players = arena_array(arena, count + 1, sizeof *told->players);
    for (size_t i = 0; told->players && i < count; i++) {
        told->players[i] = player_of(game, roster[i], arena);
        if (!told->players[i]) return false;
        told->n_players++;
    }
    return told->players;
}

static Game__FinishedGame *game_of(const struct game *game, struct arena *arena)
{
    Game__FinishedGame *told = arena_new(arena, Game__FinishedGame);
    if (!told) return NULL;
    game__finished_game__init(told);
    told->event_id = arena_str(arena, game->id.text);
    told->group_id = arena_str(arena, game->group_id.text);
    told->god_id = arena_str(arena, game->god_id.text);
    told->deck_id = arena_str(arena, game->deck_id.text);
    told->deck_version = game->deck_version;
    told->rules_version = game->rules_version;
    told->polls = (int32_t)game->polls_count;
    bool ok =
        fill_table(told, game, arena) && fill_phases(told, game, arena) && fill_players(told, game, arena);
    return ok && !arena->failed ? told : NULL;
}

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
    if (done && stored) *told = game_of(game, arena);
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
    return scan_all(events, event_id, &scan, err) && finished_tell(events, scan.told, arena, err) &&
           finished_note(events, row, version, err);
}
