// Two processes of events at one shared store in memory, asked without sockets: each has its own copies.
#ifndef EVENTS_TESTING_TWO_H
#define EVENTS_TESTING_TWO_H

#include "lib/store/testing/shared.h"
#include "services/events/testing/table.h"

static struct service_world *one, *two;

// The second one is told the names that the first one knows by two_know_the_same.
static inline void two_open(const char *url)
{
    shared_store_register();
    one = service_world_at(url);
    two = service_world_at(url);
}

static inline void two_know_the_same(void)
{
    for (size_t i = 0; i < one->names_count; i++)
        service_remember(two, one->names[i].name, one->names[i].text);
}

static inline void two_close(const char *url)
{
    service_world_close(two);
    service_world_close(one);
    shared_store_drop(url);
}

#endif
