// How many names may be asked for at once: in all, and of one domain, since its name servers may never
// answer. Thread-safe.
#ifndef LIB_NET_NAME_PLACES_H
#define LIB_NET_NAME_PLACES_H

#include <pthread.h>
#include <stdbool.h>

#include "lib/net/outside_url.h"

enum { NAME_PLACES = 32, NAME_PLACES_OF_ONE = 6 };

struct name_places {
    pthread_mutex_t mutex;
    char domains[NAME_PLACES][OUTSIDE_HOST]; // "": free
};

#define NAME_PLACES_INIT                                                                                     \
    {                                                                                                        \
        .mutex = PTHREAD_MUTEX_INITIALIZER                                                                   \
    }

// False: there is none.
bool name_places_take(struct name_places *places, const char *host, unsigned *place);
void name_places_give(struct name_places *places, unsigned place);

#endif
