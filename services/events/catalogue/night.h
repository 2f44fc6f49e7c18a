// What a role does at night.
#ifndef EVENTS_CATALOGUE_NIGHT_H
#define EVENTS_CATALOGUE_NIGHT_H

#include "lib/base/err.h"
#include "events.pb-c.h"

// Whether what is said of the role's nights fits together: a role that wakes has its place in the night,
// EVERY_N its n, and other roles nothing of it. INVALID_FIELD, with the field that is missing or too much.
MUST_CHECK bool night_check(const Events__Role *role, struct err *err);

#endif
