#include "services/gateway/http/places.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES_OF_A_HOLDER = 8, MOST_HOLDERS = 64 }; // that are looked at for one that gives way

struct holder {
    struct address household;
    uint32_t held;
    struct place *first, *last;  // that rest
    struct holder *next, **link; // among those that hold as many
};

struct places {
    void *holders; // a balanced tree of tsearch: an attacker chooses addresses
    struct holder **by_held;
    uint32_t most, top; // the largest index; the largest in use
};

bool places_create(struct places **out, uint32_t most_per_household, struct err *err)
{
    struct places *places = calloc(1, sizeof *places);
    struct holder **by_held = calloc((size_t)most_per_household + 1, sizeof(struct holder *));
    if (!places || !by_held) return free(places), free(by_held), err_fail(err, INTERNAL_ERROR, "no memory");
    places->by_held = by_held;
    places->most = most_per_household;
    *out = places;
    return true;
}

void places_destroy(struct places *places)
{
    if (!places) return;
    tdestroy(places->holders, free);
    free(places->by_held);
    free(places);
}

// ---- Holders, by what they hold

static void places_unlist(struct holder *holder)
{
    *holder->link = holder->next;
    if (holder->next) holder->next->link = holder->link;
}

static void places_list(struct places *places, struct holder *holder)
{
    uint32_t at = holder->held < places->most ? holder->held : places->most;
    holder->link = &places->by_held[at];
    holder->next = *holder->link;
    if (holder->next) holder->next->link = &holder->next;
    *holder->link = holder;
    if (at > places->top) places->top = at;
    while (places->top > 0 && !places->by_held[places->top]) places->top--;
}

static int places_compare(const void *a, const void *b)
{
    return memcmp(&((const struct holder *)a)->household, &((const struct holder *)b)->household,
                  sizeof(struct address));
}

static struct holder *find_or_add(struct places *places, const struct address *household)
{
    struct holder wanted = {.household = *household};
    struct holder *const *found = tfind(&wanted, &places->holders, places_compare);
    if (found) return *found;
    struct holder *holder = calloc(1, sizeof *holder);
    if (!holder) abort();
    holder->household = *household;
    if (!tsearch(holder, &places->holders, places_compare)) abort();
    places_list(places, holder);
    return holder;
}

// ---- Places

void places_enter(struct places *places, struct place *place, const struct address *household)
{
    *place = (struct place){0};
    if (!household) return;
    place->holder = find_or_add(places, household);
    places_unlist(place->holder);
    place->holder->held++;
    places_list(places, place->holder);
    place_rest(place);
}

void places_leave(struct places *places, struct place *place)
{
    struct holder *holder = place->holder;
    if (!holder) return;
    place_work(place);
    place->holder = NULL;
    places_unlist(holder);
    if (--holder->held > 0) return places_list(places, holder);
    tdelete(holder, &places->holders, places_compare);
    free(holder);
}

void place_rest(struct place *place)
{
    struct holder *holder = place->holder;
    if (!holder || place->rests) return;
    place->rests = true;
    place->next = NULL;
    place->previous = holder->last;
    *(holder->last ? &holder->last->next : &holder->first) = place;
    holder->last = place;
}

void place_work(struct place *place)
{
    struct holder *holder = place->holder;
    if (!place->rests) return;
    place->rests = false;
    *(place->previous ? &place->previous->next : &holder->first) = place->next;
    *(place->next ? &place->next->previous : &holder->last) = place->previous;
}

static struct place *resting_of(const struct holder *holder, bool (*still_rests)(const struct place *place))
{
    int tries = TRIES_OF_A_HOLDER;
    for (struct place *place = holder->first; place && tries > 0; place = place->next, tries--)
        if (still_rests(place)) return place;
    return NULL;
}

struct place *places_give_way(const struct places *places, bool (*still_rests)(const struct place *place))
{
    int holders = MOST_HOLDERS;
    for (uint32_t held = places->top; held > 0; held--)
        for (const struct holder *holder = places->by_held[held]; holder; holder = holder->next) {
            struct place *place = resting_of(holder, still_rests);
            if (place) return place;
            if (--holders == 0) return NULL;
        }
    return NULL;
}
