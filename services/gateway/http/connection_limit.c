#include "services/gateway/http/connection_limit.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct visitor {
    struct address household;
    uint32_t count;
};

struct connection_limit {
    pthread_mutex_t lock;
    void *visitors; // a balanced tree of tsearch: an attacker chooses addresses
    uint32_t count, most, most_per_address;
};

bool connection_limit_create(struct connection_limit **out, uint32_t most, uint32_t most_per_address,
                             struct err *err)
{
    struct connection_limit *connection_limit = calloc(1, sizeof *connection_limit);
    if (!connection_limit) return err_fail(err, INTERNAL_ERROR, "no memory");
    pthread_mutex_init(&connection_limit->lock, NULL);
    connection_limit->most = most;
    connection_limit->most_per_address = most_per_address;
    *out = connection_limit;
    return true;
}

void connection_limit_destroy(struct connection_limit *connection_limit)
{
    if (!connection_limit) return;
    tdestroy(connection_limit->visitors, free);
    pthread_mutex_destroy(&connection_limit->lock);
    free(connection_limit);
}

static int connection_limit_compare(const void *a, const void *b)
{
    return memcmp(&((const struct visitor *)a)->household, &((const struct visitor *)b)->household,
                  sizeof(struct address));
}

static struct visitor visitor_of(const struct address *address)
{
    return (struct visitor){.household = address_household(address)};
}

static struct visitor *connection_limit_find(struct connection_limit *connection_limit,
                                             const struct visitor *wanted)
{
    struct visitor *const *found = tfind(wanted, &connection_limit->visitors, connection_limit_compare);
    return found ? *found : NULL;
}

static enum connection_room room_for(struct connection_limit *connection_limit, const struct visitor *wanted)
{
    const struct visitor *visitor = wanted ? connection_limit_find(connection_limit, wanted) : NULL;
    if (visitor && visitor->count >= connection_limit->most_per_address) return CONNECTION_FULL_FOR_ADDRESS;
    return connection_limit->count < connection_limit->most ? CONNECTION_ROOM : CONNECTION_FULL;
}

static bool count_in(struct connection_limit *connection_limit, const struct visitor *wanted)
{
    struct visitor *visitor = connection_limit_find(connection_limit, wanted);
    if (!visitor) {
        visitor = malloc(sizeof *visitor);
        if (!visitor) return false;
        *visitor = *wanted;
        if (!tsearch(visitor, &connection_limit->visitors, connection_limit_compare))
            return free(visitor), false;
    }
    visitor->count++;
    return true;
}

static void count_out(struct connection_limit *connection_limit, const struct visitor *wanted)
{
    struct visitor *visitor = connection_limit_find(connection_limit, wanted);
    if (--visitor->count > 0) return;
    tdelete(visitor, &connection_limit->visitors, connection_limit_compare);
    free(visitor);
}

enum connection_room connection_limit_check(struct connection_limit *connection_limit,
                                            const struct address *address)
{
    struct visitor visitor = address ? visitor_of(address) : (struct visitor){.count = 0};
    pthread_mutex_lock(&connection_limit->lock);
    enum connection_room room = room_for(connection_limit, address ? &visitor : NULL);
    pthread_mutex_unlock(&connection_limit->lock);
    return room;
}

bool connection_limit_enter(struct connection_limit *connection_limit, const struct address *address)
{
    struct visitor visitor = address ? visitor_of(address) : (struct visitor){.count = 0};
    pthread_mutex_lock(&connection_limit->lock);
    bool entered = room_for(connection_limit, address ? &visitor : NULL) == CONNECTION_ROOM &&
                   (!address || count_in(connection_limit, &visitor));
    connection_limit->count += entered;
    pthread_mutex_unlock(&connection_limit->lock);
    return entered;
}

void connection_limit_leave(struct connection_limit *connection_limit, const struct address *address)
{
    struct visitor visitor = address ? visitor_of(address) : (struct visitor){.count = 0};
    pthread_mutex_lock(&connection_limit->lock);
    if (address) count_out(connection_limit, &visitor);
    connection_limit->count--;
    pthread_mutex_unlock(&connection_limit->lock);
}
