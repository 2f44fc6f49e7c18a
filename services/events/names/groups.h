// Groups' present names, for the events that show them: read from the store when a group is first shown, and
// forgotten when it is edited. At most some thousands are kept. Thread-safe.
#ifndef EVENTS_NAMES_GROUPS_H
#define EVENTS_NAMES_GROUPS_H

#include "game.pb-c.h"
#include "lib/store/store.h"

struct group_names;

MUST_CHECK bool group_names_open(struct group_names **groups, struct store *store, struct err *err);
void group_names_close(struct group_names *groups); // NULL is fine

// Grows with every edit of a group: what was made of names before it may be out of date. Never 0.
uint64_t group_names_version(const struct group_names *groups);
// Fills name and image of the group that has the id, copied into the arena. False, with both empty, when its
// row can't be read.
bool group_names_fill(struct group_names *groups, Events__GroupName *group, struct arena *arena);

// What is known of the group, or of all with NULL, is read again.
void group_names_forget(struct group_names *groups, const char *id);

// For the write of a group's row: group_edit_done is its done, the edit its arg. An edit that is not written
// is given to group_edit_done with false. NULL without memory.
struct group_edit *group_edit_begin(struct group_names *groups, const char *group_id);
void group_edit_done(void *edit, bool durable);

#endif
