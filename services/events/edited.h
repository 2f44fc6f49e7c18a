// Edits of rows of which every process keeps a copy: the catalogue, and groups' names. On a shared store each
// is told on the stream "catalogue", which the other processes read five times a second; every five minutes
// they look at all, because a process may end between an edit and telling of it.
#ifndef EVENTS_EDITED_H
#define EVENTS_EDITED_H

#include "services/events/events.h"

struct edited;

// Queued behind `after`, the edit's ticket; version: the row's new one. Nothing on an exclusive store. Never
// blocks.
void edited_tell(struct store *store, const struct store_table *table, const char *id, uint64_t version,
                 uint64_t after);

// Before the copies are made: what is told later is followed. NULL on an exclusive store.
MUST_CHECK bool edited_open(struct edited **edited, struct events *events, struct err *err);
MUST_CHECK bool edited_start(struct edited *edited, struct err *err); // NULL is fine, here and below
// One look: what was told since the last one.
MUST_CHECK bool edited_look(struct edited *edited, struct err *err);
void edited_stop(struct edited *edited);

#endif
