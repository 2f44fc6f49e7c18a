#include "services/gateway/presence/presence.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/cache/redis/gathering.h"
#include "lib/thread/periodic.h"
#include "services/gateway/presence/board.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/names.h"
#include "services/gateway/stream/topics.h"

enum {
    CONFLATE_MS = 100,
    ASK_MS = 500,         // of what is watched
    RENEW_MS = 15 * 1000, // of what is not
    IDLE_MS = 1000,
    BEGINS_MS = 5000, // so long who is there now was there when the night began
    NIGHT_MS = 12 * 3600 * 1000,
};

// An event that somebody follows, watches, or said something of.
struct place {
    struct name name;
    struct place *next, **link; // all
    char event_id[UUID_LEN + 1];
    struct board board;
    unsigned watchers;
    bool changed;               // since it was looked at
    bool hints;                 // something else than people is another
    bool known;                 // others were asked, or there are none, or they can't be
    int64_t due_ms, asked_ms;   // to be looked at; when others were asked. Monotonic
    struct board_people people; // as it was hinted at
    uint64_t night_ms;
    int64_t night_heard_ms;
    struct board_people frozen;
    bool frozen_known, keeps; // to be kept for all, or asked for
    bool tried;               // that was, in vain
};

struct presence {
    struct presence_options options;
    struct gathering *gathering; // of the thread; NULL: not shared
    struct periodic *thread;
    bool away;            // the cache, for the log
    pthread_mutex_t lock; // of what follows
    struct names names;
    struct place *places;
    size_t count;
    uint8_t key[crypto_shorthash_KEYBYTES];
    int64_t worked_ms; // of the thread
};

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

static struct place *place_find(struct presence *presence, const char *event_id)
{
    return (struct place *)names_find(&presence->names, event_id, hash_event(presence, event_id));
}

static struct place *place_make(struct presence *presence, const char *event_id, struct err *err)
{
    struct place *place = place_find(presence, event_id);
    if (place) return place;
    if (presence->count == PRESENCE_EVENTS)
        return err_fail(err, LIMIT_REACHED, "too many events are followed"), NULL;
    place = calloc(1, sizeof *place);
    if (!place) return err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
    snprintf(place->event_id, sizeof place->event_id, "%s", event_id);
    place->name = (struct name){.hash = hash_event(presence, event_id), .text = place->event_id};
    place->known = !presence->gathering;
    if (!names_add(&presence->names, &place->name))
        return free(place), err_fail(err, INTERNAL_ERROR, "no memory"), NULL;
    place->next = presence->places;
    place->link = &presence->places;
    if (place->next) place->next->link = &place->next;
    presence->places = place;
    presence->count++;
    return place;
}

static void place_drop(struct presence *presence, struct place *place)
{
    names_remove(&presence->names, &place->name);
    *place->link = place->next;
    if (place->next) place->next->link = place->link;
    presence->count--;
    board_finish(&place->board);
    board_people_free(&place->people);
    board_people_free(&place->frozen);
    free(place);
}

static bool place_is_idle(const struct place *place, int64_t now_ms)
{
    bool night = place->night_ms && now_ms - place->night_heard_ms < NIGHT_MS;
    return !place->watchers && board_is_empty(&place->board) && !night;
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

void presence_go(struct presence *presence, const char *event_id, const char *user_id, uint64_t tab)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, event_id);
    if (place) board_go(&place->board, user_id, tab, clock_mono_ms());
    if (place) place_changes(presence, place);
    pthread_mutex_unlock(&presence->lock);
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
    const struct place *place = place_find(presence, request->event_id);
    if (place) fill_from(place, request, arena);
    pthread_mutex_unlock(&presence->lock);
}

// ---- With the other gateways, on the thread

// What is told of a place, while the lock is not held.
struct telling {
    char event_id[UUID_LEN + 1];
    uint8_t *part, *night;
    size_t part_len, night_len;
    uint64_t night_ms;
    bool keeps;
};

static void note_cache(struct presence *presence, bool away, const struct err *err)
{
    if (away && !presence->away) log_err(LOG_WARN, "presence is not shared", err);
    if (!away && presence->away) log_info("presence is shared again");
    presence->away = away;
}

struct heard_part {
    uint8_t *bytes;
    size_t len;
    struct heard_part *next;
};

static void hear_part(void *arg, const void *bytes, size_t len)
{
    struct heard_part **first = arg, *part = malloc(sizeof *part);
    uint8_t *copy = malloc(len + 1);
    if (!part || !copy) return free(part), free(copy);
    memcpy(copy, bytes, len);
    *part = (struct heard_part){copy, len, *first};
    *first = part;
}

static void place_hear(struct presence *presence, const char *event_id, struct heard_part *parts, bool told)
{
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, event_id);
    if (place && told) board_hear_begin(&place->board, clock_mono_ms());
    for (struct heard_part *part = parts, *next; part; part = next) {
        next = part->next;
        if (place && told) board_hear(&place->board, part->bytes, part->len);
        free(part->bytes);
        free(part);
    }
    if (place && !place->known) place->known = place->hints = true;
    pthread_mutex_unlock(&presence->lock);
}

static void tell_part(struct presence *presence, const struct telling *telling)
{
    const struct gathering_part own = {telling->part, telling->part_len, BOARD_LIFE_MS};
    struct heard_part *parts = NULL;
    struct err err;
    bool told = gathering_tell(presence->gathering, telling->event_id, &own, hear_part, &parts, &err);
    note_cache(presence, !told, &err);
    place_hear(presence, telling->event_id, parts, told);
}

static void place_take_night(struct presence *presence, const struct telling *telling, const uint8_t *bytes,
                             long len, bool told)
{
    struct board_people people = {.list = NULL};
    bool found = told && len >= 0 && board_people_unpack(&people, bytes, (size_t)len);
    pthread_mutex_lock(&presence->lock);
    struct place *place = place_find(presence, telling->event_id);
    bool same = place && place->night_ms == telling->night_ms;
    if (same && told) place->keeps = false;
    if (same && !place->tried) place->tried = place->hints = true;
    if (same && found) {
        board_people_free(&place->frozen);
        place->frozen = people;
        people.list = NULL;
        place->frozen_known = place->hints = true;
    }
    pthread_mutex_unlock(&presence->lock);
    free(people.list);
}

static void keep_night(struct presence *presence, const struct telling *telling)
{
    static uint8_t kept[GATHERING_PART]; // of the one thread
    const struct gathering_part own = {telling->night, telling->night_len, NIGHT_MS};
    char name[UUID_LEN + 32];
    struct err err;
    long len;
    snprintf(name, sizeof name, "%s/%llu", telling->event_id, (unsigned long long)telling->night_ms);
    bool told = gathering_keep(presence->gathering, name, &own, kept, sizeof kept, &len, &err);
    note_cache(presence, !told, &err);
    place_take_night(presence, telling, kept, len, told);
}

static bool asks_others(const struct presence *presence, const struct place *place, int64_t now_ms)
{
    int64_t every_ms = place->watchers ? ASK_MS : RENEW_MS;
    return presence->gathering &&
           (place->changed || place->keeps || !place->known || now_ms - place->asked_ms >= every_ms);
}

// ---- Looking at a place

static void hint_at(const struct presence *presence, const char *event_id)
{
    char stream[UUID_LEN + 16];
    Bus__Notice notice = BUS__NOTICE__INIT;
    snprintf(stream, sizeof stream, "presence.%s", event_id);
    notice.stream = stream;
    notice.kind = NEWS_HINT;
    topics_publish(presence->options.topics, &notice);
}

// Under the lock. Whether it is another than it was hinted at.
static bool place_differs(struct place *place)
{
    struct board_people people;
    if (!board_people(&place->board, &people)) return true;
    bool same = board_people_equal(&people, &place->people);
    board_people_free(&place->people);
    place->people = people;
    return !same;
}

static void place_pack(struct place *place, struct telling *telling)
{
    snprintf(telling->event_id, sizeof telling->event_id, "%s", place->event_id);
    telling->part = board_pack(&place->board, &telling->part_len);
    telling->keeps = place->keeps;
    telling->night_ms = place->night_ms;
    if (place->keeps && place->frozen_known)
        telling->night = board_people_pack(&place->frozen, &telling->night_len);
}

static void tell_others(struct presence *presence, struct place *place, int64_t now_ms)
{
    struct telling telling = {.part = NULL};
    place_pack(place, &telling);
    place->asked_ms = now_ms;
    pthread_mutex_unlock(&presence->lock);
    if (telling.part) tell_part(presence, &telling);
    if (telling.keeps) keep_night(presence, &telling);
    free(telling.part);
    free(telling.night);
    pthread_mutex_lock(&presence->lock);
}

// Under the lock, which is let go in between; the place stays, because only this thread drops places.
static void look_at_place(struct presence *presence, struct place *place, int64_t now_ms)
{
    bool expired;
    int64_t next_ms = board_expire(&place->board, now_ms, &expired);
    place->changed |= expired;
    bool asks = asks_others(presence, place, now_ms);
    place->changed = false;
    if (asks) tell_others(presence, place, now_ms);
    if (place_differs(place) || place->hints) hint_at(presence, place->event_id);
    place->hints = false;
    int64_t every_ms = place->watchers ? ASK_MS : RENEW_MS;
    place->due_ms = presence->gathering ? now_ms + every_ms : 0;
    if (next_ms && (!place->due_ms || next_ms < place->due_ms)) place->due_ms = next_ms;
}

static int64_t presence_work(void *arg)
{
    struct presence *presence = arg;
    int64_t now_ms = clock_mono_ms(), next_ms = now_ms + IDLE_MS;
    if (now_ms - presence->worked_ms < CONFLATE_MS) return CONFLATE_MS - (now_ms - presence->worked_ms);
    presence->worked_ms = now_ms;
    pthread_mutex_lock(&presence->lock);
    for (struct place *place = presence->places, *next; place; place = next) {
        if (place->changed || (place->due_ms && place->due_ms <= now_ms))
            look_at_place(presence, place, now_ms);
        next = place->next;
        if (place->due_ms && place->due_ms < next_ms) next_ms = place->due_ms;
        if (place->changed) next_ms = now_ms;
        if (place_is_idle(place, now_ms)) place_drop(presence, place);
    }
    pthread_mutex_unlock(&presence->lock);
    int64_t left_ms = next_ms - clock_mono_ms();
    return left_ms > CONFLATE_MS ? left_ms : CONFLATE_MS;
}

// ---- Life

bool presence_open(struct presence **out, const struct presence_options *options, struct err *err)
{
    struct presence *presence = *out = calloc(1, sizeof *presence);
    if (!presence) return err_fail(err, INTERNAL_ERROR, "no memory");
    presence->options = *options;
    pthread_mutex_init(&presence->lock, NULL);
    crypto_shorthash_keygen(presence->key);
    bool shared = strcmp(options->url, "memory:") != 0;
    if (shared && !gathering_open(&presence->gathering, options->url, options->key, err)) return false;
    return periodic_start(&presence->thread, "presence thread", CONFLATE_MS, presence_work, presence, err);
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
    gathering_close(presence->gathering);
    pthread_mutex_destroy(&presence->lock);
    free(presence);
}
