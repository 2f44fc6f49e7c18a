// What the thread of presence does: forgets who has gone, tells and asks the other gateways, and hints.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/gateway/presence/place.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/topics.h"

enum {
    CONFLATE_MS = 100,
    ASK_MS = 500,         // of what is watched
    RENEW_MS = 15 * 1000, // of what is not
    IDLE_MS = 1000,
    NIGHT_MS = 12 * 3600 * 1000,
};

// ---- With the other gateways

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
    place->looking = asks;
    if (asks) tell_others(presence, place, now_ms);
    place->looking = false;
    if (place_differs(place) || place->hints) hint_at(presence, place->event_id);
    place->hints = false;
    int64_t every_ms = place->watchers ? ASK_MS : RENEW_MS;
    place->due_ms = presence->gathering ? now_ms + every_ms : 0;
    if (next_ms && (!place->due_ms || next_ms < place->due_ms)) place->due_ms = next_ms;
}

static bool place_is_idle(const struct place *place, int64_t now_ms)
{
    bool night = place->night_ms && now_ms - place->night_heard_ms < NIGHT_MS;
    return !place->watchers && board_is_empty(&place->board) && !night;
}

int64_t presence_work(void *arg)
{
    struct presence *presence = arg;
    int64_t now_ms = clock_mono_ms(), next_ms = now_ms + IDLE_MS;
    if (now_ms - presence->worked_ms < CONFLATE_MS) return CONFLATE_MS - (now_ms - presence->worked_ms);
    presence->worked_ms = now_ms;
    pthread_mutex_lock(&presence->lock);
    for (struct place *place = presence->places, *next; place; place = next) {
        if (place->changed || place->board.gave_way || (place->due_ms && place->due_ms <= now_ms))
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
