#include "services/gateway/http/turnstile.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct visitor {
    struct address household;
    uint32_t count;
};

struct turnstile {
    pthread_mutex_t lock;
    void *visitors; // a balanced tree of tsearch: addresses are chosen by who attacks
    uint32_t count, most, most_per_address;
};

bool turnstile_create(struct turnstile **out, uint32_t most, uint32_t most_per_address, struct err *err)
{
    struct turnstile *turnstile = calloc(1, sizeof *turnstile);
    if (!turnstile) return err_fail(err, INTERNAL_ERROR, "no memory");
    pthread_mutex_init(&turnstile->lock, NULL);
    turnstile->most = most;
    turnstile->most_per_address = most_per_address;
    *out = turnstile;
    return true;
}

void turnstile_destroy(struct turnstile *turnstile)
{
    if (!turnstile) return;
    tdestroy(turnstile->visitors, free);
    pthread_mutex_destroy(&turnstile->lock);
    free(turnstile);
}

static int compare(const void *a, const void *b)
{
    return memcmp(&((const struct visitor *)a)->household, &((const struct visitor *)b)->household,
                  sizeof(struct address));
}

static struct visitor visitor_of(const struct address *address)
{
    return (struct visitor){.household = address_household(address)};
}

static struct visitor *find(struct turnstile *turnstile, const struct visitor *wanted)
{
    struct visitor *const *found = tfind(wanted, &turnstile->visitors, compare);
    return found ? *found : NULL;
}

static bool has_room(struct turnstile *turnstile, const struct visitor *wanted)
{
    const struct visitor *visitor = wanted ? find(turnstile, wanted) : NULL;
    return turnstile->count < turnstile->most && (!visitor || visitor->count < turnstile->most_per_address);
}

static bool count_in(struct turnstile *turnstile, const struct visitor *wanted)
{
    struct visitor *visitor = find(turnstile, wanted);
    if (!visitor) {
        visitor = malloc(sizeof *visitor);
        if (!visitor) return false;
        *visitor = *wanted;
        if (!tsearch(visitor, &turnstile->visitors, compare)) return free(visitor), false;
    }
    visitor->count++;
    return true;
}

static void count_out(struct turnstile *turnstile, const struct visitor *wanted)
{
    struct visitor *visitor = find(turnstile, wanted);
    if (--visitor->count > 0) return;
    tdelete(visitor, &turnstile->visitors, compare);
    free(visitor);
}

bool turnstile_check(struct turnstile *turnstile, const struct address *address)
{
    struct visitor visitor = address ? visitor_of(address) : (struct visitor){.count = 0};
    pthread_mutex_lock(&turnstile->lock);
    bool room = has_room(turnstile, address ? &visitor : NULL);
    pthread_mutex_unlock(&turnstile->lock);
    return room;
}

bool turnstile_enter(struct turnstile *turnstile, const struct address *address)
{
    struct visitor visitor = address ? visitor_of(address) : (struct visitor){.count = 0};
    pthread_mutex_lock(&turnstile->lock);
    bool entered =
        has_room(turnstile, address ? &visitor : NULL) && (!address || count_in(turnstile, &visitor));
    turnstile->count += entered;
    pthread_mutex_unlock(&turnstile->lock);
    return entered;
}

void turnstile_leave(struct turnstile *turnstile, const struct address *address)
{
    struct visitor visitor = address ? visitor_of(address) : (struct visitor){.count = 0};
    pthread_mutex_lock(&turnstile->lock);
    if (address) count_out(turnstile, &visitor);
    turnstile->count--;
    pthread_mutex_unlock(&turnstile->lock);
}
