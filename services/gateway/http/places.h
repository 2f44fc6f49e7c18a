// The places of one server's connections, by household (address.h). When all are taken, the household with
// most places loses the connection that has rested longest. So nobody gains by holding many, and an honest
// client's only connection goes last. The server's thread.
#ifndef GATEWAY_HTTP_PLACES_H
#define GATEWAY_HTTP_PLACES_H

#include <stdint.h>

#include "lib/base/err.h"
#include "services/gateway/address/address.h"

struct places;
struct holder; // a household with connections

struct place {                     // of one connection; its owner's memory
    struct holder *holder;         // NULL: not counted, as for trusted proxies
    struct place *next, *previous; // among those of its holder that rest, the longest first
    bool rests;
};

MUST_CHECK bool places_create(struct places **places, uint32_t most_per_household, struct err *err);
void places_destroy(struct places *places); // after all have left; NULL is fine

// A new place rests. household NULL: it never gives way.
void places_enter(struct places *places, struct place *place, const struct address *household);
void places_leave(struct places *places, struct place *place);
void place_rest(struct place *place); // between requests
void place_work(struct place *place);

// The place that gives way: it rests, and still_rests agrees. NULL: none.
struct place *places_give_way(const struct places *places, bool (*still_rests)(const struct place *place));

#endif
