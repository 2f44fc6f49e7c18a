// The files that a service has a use for while it runs, from its settings: what its guard leaves to it.
#ifndef LIB_SERVICE_PLACES_H
#define LIB_SERVICE_PLACES_H

#include "lib/guard/guard.h"
#include "lib/service/settings.h"

enum { PLACES_MOST = 48 };

// Texts live until places_finish.
struct places {
    struct guard_place all[PLACES_MOST];
    size_t count;
    bool failed; // memory, or more than PLACES_MOST
};

// After service_settings_load. The files may be replaced later, so their folders are places.
MUST_CHECK bool places_find(struct places *places, const struct service_settings *settings,
                            const struct service *service, struct err *err);
void places_finish(struct places *places);

#endif
