// Users that a request names, by what auth has told of them. Private to the room.
#ifndef EVENTS_HANDLERS_NAMED_H
#define EVENTS_HANDLERS_NAMED_H

#include "lib/names/names.h"
#include "services/events/events.h"

// Whether the user is named by username. INVALID_FIELD unless either that or what id_field has is given.
MUST_CHECK bool named_once(const char *id, const char *id_field, const char *username, bool *by_name,
                           struct err *err);
// NOT_FOUND when nobody has the username.
MUST_CHECK bool named_find(struct events *events, const char *username, struct name_told *told,
                           struct err *err);
// PERSON_SUSPENDED while they are; field is what named them.
MUST_CHECK bool named_check_open(const struct name_told *told, int64_t now_ms, const char *field,
                                 struct err *err);

#endif
