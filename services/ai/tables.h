// The tables that ai keeps; tables.c has their indexes.
#ifndef AI_TABLES_H
#define AI_TABLES_H

#include "lib/store/store.h"

enum ai_table {
    AI_PLACES, // before what is made, so that a dump of a store in use has no place ahead of it
    AI_RESULTS,
    AI_SPENT,
    AI_PARTS,
    AI_JUDGEMENTS,
    AI_JOBS,
    AI_CODES,
    AI_LINKS,
    AI_TICKETS,
    AI_OFFERS,
    AI_HIDDEN,
    AI_CONSUMED, // before the names, likewise
    AI_NAMES,
    AI_LEASES,
    AI_BEATS,
    AI_TABLES
};
extern const struct store_table ai_tables[]; // by enum ai_table, ended by a NULL name

// Removes what a table with an index by_user has of somebody, and returns when that is durable.
MUST_CHECK bool tables_forget(struct store *store, enum ai_table table, const char *user_id, struct err *err);

#endif
