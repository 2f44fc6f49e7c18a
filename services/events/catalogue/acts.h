// What a stored row tells the audit of its newest edit: behind the row's own fields, whose type is what
// clients get, so it is part of the same write and nobody is shown it.
#ifndef EVENTS_CATALOGUE_ACTS_H
#define EVENTS_CATALOGUE_ACTS_H

#include "lib/audit/audit.h"

// The row with the act, in the arena.
MUST_CHECK bool act_row(const ProtobufCMessage *row, const Audit__Entry *act, struct arena *arena,
                        const ProtobufCMessage **stored, struct err *err);
// Adds the act of a stored row to the audit, once. Blocks. audit may be NULL: then it is left where it is.
MUST_CHECK bool act_settle(struct audit *audit, const struct store_table *table, const ProtobufCMessage *row,
                           struct err *err);
// Takes it out of a row that was unpacked without an allocator.
void act_strip(ProtobufCMessage *row);

#endif
