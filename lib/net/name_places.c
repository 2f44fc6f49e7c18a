#include "lib/net/name_places.h"

#include <string.h>

bool name_places_take(struct name_places *places, const char *host, unsigned *place)
{
    const char *domain = outside_domain(host);
    unsigned free_one = NAME_PLACES, same = 0;
    pthread_mutex_lock(&places->mutex);
    for (unsigned i = NAME_PLACES; i-- > 0;) {
        if (!places->domains[i][0]) free_one = i;
        same += strcmp(places->domains[i], domain) == 0;
    }
    bool taken =
        free_one < NAME_PLACES && same < NAME_PLACES_OF_ONE && strlen(domain) < OUTSIDE_HOST && *domain;
    if (taken) memcpy(places->domains[free_one], domain, strlen(domain) + 1);
    pthread_mutex_unlock(&places->mutex);
    *place = free_one;
    return taken;
}

void name_places_give(struct name_places *places, unsigned place)
{
    pthread_mutex_lock(&places->mutex);
    places->domains[place][0] = 0;
    pthread_mutex_unlock(&places->mutex);
}
