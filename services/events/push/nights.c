#include "services/events/push/nights.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/events/live/aggregates.h"
#include "services/events/tables.h"

enum {
    ARENA = 4 << 20,
    PAGE = 50,
    SEATS_MOST = 2000,
    TOKEN = 512,
    AFTER_MS = 2000, // clocks of processes differ
};

// ---- Whether it is night

static bool is_night_for(const struct game *game, const char *user_id)
{
    const struct phase *phase = game_open_phase(game);
    int person = game_person(game, user_id);
    return phase && phase->kind == EVENTS__PHASE__KIND__NIGHT && person != GAME_NO_ONE &&
           game_takes_part(game, person);
}

// By a copy that is as the event is now.
static bool look_at_game(struct events *events, const Game__SeatRow *seat, bool *night, struct err *err)
{
    struct live_need need = {.fresh_from_ns = clock_mono_ns()};
    struct aggregate *aggregate;
    if (!aggregate_enter_fresh(events, seat->event_id, &need, &aggregate, err)) return err_is(err, NOT_FOUND);
    *night |= is_night_for(&aggregate->game, seat->user_id);
    aggregate_leave(aggregate);
    return true;
}

// Its row is a moment behind at most; so what is not locked yet has no night.
static bool may_have_nights(struct events *events, const char *event_id, struct arena *arena, bool *may,
                            struct err *err)
{
    const Game__EventRow *row;
    uint64_t version;
    if (!store_get(events->store, &events_tables[EVENTS_EVENTS], event_id, arena, (ProtobufCMessage **)&row,
                   &version, err))
        return false;
    *may = !row || row->state != EVENTS__EVENT__STATE__OPEN;
    return true;
}

static bool look_at_seats(struct events *events, const struct store_rows *rows, struct arena *arena,
                          bool *night, struct err *err)
{
    for (size_t i = 0; i < rows->count && !*night; i++) {
        const Game__SeatRow *seat = (const Game__SeatRow *)rows->messages[i];
        bool may = false;
        if (!seat || seat->done) continue;
        if (!may_have_nights(events, seat->event_id, arena, &may, err)) return false;
        if (may && !look_at_game(events, seat, night, err)) return false;
    }
    return true;
}

static bool look_at_page(struct events *events, const char *user_id, char token[TOKEN], bool *night,
                         struct err *err)
{
    const struct store_query query = {.index = "by_user",
                                      .equal = {{.text = user_id}},
                                      .equal_count = 1,
                                      .descending = true,
                                      .limit = PAGE,
                                      .page_token = token};
    struct store_rows rows;
    struct arena arena;
    arena_init(&arena, ARENA);
    bool ok = store_find(events->store, &events_tables[EVENTS_SEATS], &query, &arena, &rows, err) &&
              look_at_seats(events, &rows, &arena, night, err);
    if (ok) snprintf(token, TOKEN, "%s", rows.next_page_token);
    arena_finish(&arena);
    return ok;
}

// All seats are looked at: others give somebody seats in as many later events as they like.
bool nights_now(struct events *events, const char *user_id, bool *night, struct err *err)
{
    char token[TOKEN] = "";
    *night = false;
    for (size_t looked = 0; looked < SEATS_MOST; looked += PAGE) {
        if (!look_at_page(events, user_id, token, night, err)) return false;
        if (*night || !*token) return true;
    }
    return *night = true;
}

// ---- What was told in a night

static void add_spans(struct nights *nights, const struct game *game, const char *user_id)
{
    if (game_person(game, user_id) == GAME_NO_ONE) return;
    for (size_t i = 0; i < game->phases_count; i++) {
        const struct phase *phase = &game->phases[i];
        if (phase->kind != EVENTS__PHASE__KIND__NIGHT) continue;
        nights->spans[nights->count++] =
            (struct night_span){phase->opened_ms, phase->closed_ms ? phase->closed_ms + AFTER_MS : INT64_MAX};
    }
}

static bool nights_load(const struct nights_asker *asker, struct nights *nights, struct err *err)
{
    struct live_need need = {.fresh_from_ns = clock_mono_ns()};
    struct aggregate *aggregate;
    if (!aggregate_enter_fresh(asker->events, nights->event_id, &need, &aggregate, err))
        return err_is(err, NOT_FOUND);
    nights->spans = arena_array(asker->arena, aggregate->game.phases_count + 1, sizeof *nights->spans);
    if (nights->spans) add_spans(nights, &aggregate->game, asker->user_id);
    aggregate_leave(aggregate);
    return nights->spans || err_fail(err, INTERNAL_ERROR, "no memory for nights");
}

// NULL: see err.
static const struct nights *nights_of(struct nights_asker *asker, const char *event_id, struct err *err)
{
    struct nights *nights = asker->known;
    while (nights && strcmp(nights->event_id, event_id) != 0) nights = nights->next;
    if (nights) return nights;
    nights = arena_new(asker->arena, struct nights);
    if (!nights) return err_fail(err, INTERNAL_ERROR, "no memory for nights"), NULL;
    *nights = (struct nights){.next = asker->known, .event_id = event_id};
    if (!nights_load(asker, nights, err)) return NULL;
    return asker->known = nights;
}

static bool ends_event(const char *kind)
{
    return strcmp(kind, "FINISHED") == 0 || strcmp(kind, "CANCELLED") == 0 || strcmp(kind, "EXPIRED") == 0;
}

bool nights_told_in(struct nights_asker *asker, const Events__MeEntry *entry, bool *told, struct err *err)
{
    int64_t time_ms = stamp_ms(entry->time);
    *told = false;
    if (!*entry->event_id || ends_event(entry->kind)) return true;
    const struct nights *nights = nights_of(asker, entry->event_id, err);
    if (!nights) return false;
    for (size_t i = 0; i < nights->count; i++)
        *told |= time_ms >= nights->spans[i].from_ms && time_ms <= nights->spans[i].until_ms;
    return true;
}
