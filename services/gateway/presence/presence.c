#include "services/gateway/presence/presence.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/thread/periodic.h"
#include "services/gateway/presence/place.h"

// So long who is there now was there when the night began.
enum { BEGINS_MS = 5000, FIRST_MS = 100 };

uint64_t presence_tab(const char *name)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    uint64_t tab;
    if (!*name) return 0;
    crypto_generichash(hash, sizeof hash, (const uint8_t *)name, strlen(name), NULL, 0);
    memcpy(&tab, hash, sizeof tab);
    return tab ? tab : 1;
}

// ---- Places, under the lock

static uint64_t hash_event(const struct presence *presence, const char *event_id)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, (const uint8_t *)event_id, strlen(event_id), presence->key);
    return hash;
}

struct place *place_find(struct presence *presence, const char *event_id)
{
    return (struct place *)names_find(&presence->names, event_id, hash_event(presence, event_id));
}

static struct place *place_make(struct presence *presence, const char *event_id, struct err *err)
{
    struct place *place = place_find(presence, event_id);
    if (place) return place;
    place = calloc(1, sizeof *place);
    if (!place) return err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
    snprintf(place->event_id, sizeof place->event_id, "%s", event_id);
    place->name = (struct name){.hash = hash_event(presence, event_id), .text = place->event_id};
    place->board.visitors = &presence->visitors;
    place->known = !presence->gathering;
    if (!names_add(&presence->names, &place->name))
        return free(place), err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
    place->next = presence->places;
    place->link = &presence->places;
    if (place->next) place->next->link = &place->next;
    presence->places = place;
    return place;
}

void place_drop(struct presence *presence, struct place *place)
{
    names_remove(&presence->names, &place->name);
    *place->link = place->next;
    if (place->next) place->next->link = place->link;
    board_finish(&place->board);
    board_people_free(&place->people);
    board_people_free(&place->frozen);
    free(place);
}

static void place_changes(struct presence *presence, struct place *place)
{
    place->changed = true;
    if (presence->thread) periodic_wake(presence->thread);
}

// ---- Coming and going

bool presence_come(struct presence *presence, const char *event_id, const char *user_id, uint64_t tab,
                   struct err *err)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_make(presence, event_id, err);
    bool ok = place && board_come(&place->board, user_id, tab, err);
    if (ok) place_changes(presence, place);
    pthread_mutex_unlock(&presence->lock);
    return ok;
}

void presence_go(struct presence *presence, const char *event_id, const char *user_id, uint64_t tab,
                 bool at_once)
{
    int64_t since_ms = clock_mono_ms() - (at_once ? BOARD_LEAVES_MS : 0);
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, event_id);
    if (place) board_go(&place->board, user_id, tab, since_ms);
    if (place) place_changes(presence, place);
    pthread_mutex_unlock(&presence->lock);
}

bool presence_has(struct presence *presence, const char *event_id, const char *user_id)
{
    pthread_mutex_lock(&presence->lock);
    const struct place *place = place_find(presence, event_id);
    bool has = place && board_has(&place->board, user_id);
    pthread_mutex_unlock(&presence->lock);
    return has;
}

bool presence_say(struct presence *presence, const char *event_id, const char *user_id, uint64_t tab,
                  bool away, struct err *err)
{
    const struct board_saying saying = {user_id, tab, away, clock_unix_ms()};
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_make(presence, event_id, err);
    bool ok = place && board_say(&place->board, &saying, clock_mono_ms(), err);
    if (ok) place_changes(presence, place);
    pthread_mutex_unlock(&presence->lock);
    return ok;
}

// ---- Watching

bool presence_watch(struct presence *presence, const char *event_id, struct err *err)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_make(presence, event_id, err);
    if (place) place->watchers++;
    if (place) place_changes(presence, place);
    pthread_mutex_unlock(&presence->lock);
    return place;
}

void presence_unwatch(struct presence *presence, const char *event_id)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, event_id);
    if (place) place->watchers--;
    pthread_mutex_unlock(&presence->lock);
}

bool presence_is_known(struct presence *presence, const char *event_id)
{
    pthread_mutex_lock(&presence->lock);
    const struct place *place = place_find(presence, event_id);
    bool known = !place || place->known;
    pthread_mutex_unlock(&presence->lock);
    return known;
}

// ---- Nights

// Who is there now stands for who was there when it began, if that is a moment ago and all are known.
static void place_freeze(struct place *place, uint32_t age_ms)
{
    board_people_free(&place->frozen);
    place->frozen_known = age_ms < BEGINS_MS && place->known && board_people(&place->board, &place->frozen);
}

bool presence_night(struct presence *presence, const char *event_id, uint64_t night_ms, uint32_t age_ms)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, event_id);
    if (place && place->night_ms != night_ms) {
        place->night_ms = night_ms;
        place->night_heard_ms = clock_mono_ms();
        place->frozen_known = place->tried = false;
        if (night_ms) place_freeze(place, age_ms);
        place->keeps = night_ms && presence->gathering;
        place->hints = true;
        place_changes(presence, place);
    }
    bool comes = place && place->keeps && !place->frozen_known && !place->tried;
    pthread_mutex_unlock(&presence->lock);
    return !comes;
}

// ---- What is known

static Events__Present **fill_people(const struct board_people *people, struct arena *arena)
{
    Events__Present **list = arena_array(arena, people->count + 1, sizeof *list);
    for (size_t i = 0; list && i < people->count; i++) {
        Events__Present *present = list[i] = arena_new(arena, Events__Present);
        if (!present) abort();
        events__present__init(present);
        present->user_id = arena_str(arena, people->list[i].user_id.text);
        present->state = (Events__Presence__State)people->list[i].state;
    }
    if (!list) abort();
    return list;
}

static void fill_from(const struct place *place, Events__FollowPresenceRequest *request, struct arena *arena)
{
    struct board_people people;
    if (!board_people(&place->board, &people)) abort();
    request->people = fill_people(&people, arena);
    request->n_people = people.count;
    board_people_free(&people);
    if (!place->night_ms || !place->frozen_known) return;
    request->night_ms = place->night_ms;
    request->frozen = fill_people(&place->frozen, arena);
    request->n_frozen = place->frozen.count;
}

void presence_fill(struct presence *presence, Events__FollowPresenceRequest *request, struct arena *arena)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, request->event_id);
    if (place) fill_from(place, request, arena);
    // Who asks now is told what the thread may never see, because it is as before by then.
    if (place && (place->changed || place->looking)) place->hints = true;
    pthread_mutex_unlock(&presence->lock);
}

// ---- Life

bool presence_open(struct presence **out, const struct presence_options *options, struct err *err)
{
    struct presence *presence = *out = calloc(1, sizeof *presence);
    if (!presence) return err_fail(err, INTERNAL_ERROR, "no memory");
    presence->options = *options;
    pthread_mutex_init(&presence->lock, NULL);
    crypto_shorthash_keygen(presence->key);
    crypto_shorthash_keygen(presence->visitors.key);
    bool shared = strcmp(options->url, "memory:") != 0;
    if (shared && !gathering_open(&presence->gathering, options->url, options->key, err)) return false;
    return periodic_start(&presence->thread, "presence thread", FIRST_MS, presence_work, presence, err);
}

void presence_stop(struct presence *presence)
{
    if (!presence) return;
    periodic_stop(presence->thread);
    presence->thread = NULL;
}

void presence_destroy(struct presence *presence)
{
    if (!presence) return;
    while (presence->places) place_drop(presence, presence->places);
    names_finish(&presence->names);
    visitors_finish(&presence->visitors);
    gathering_close(presence->gathering);
    pthread_mutex_destroy(&presence->lock);
    free(presence);
}
