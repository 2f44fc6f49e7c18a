// Sides, roles and last-move cards, kept in memory and in the store. They are seeded at first start; in a row
// that exists a seed fills in what the program that made it did not know, and changes nothing else.
// Thread-safe: readers copy under a lock.
#ifndef EVENTS_CATALOGUE_CATALOGUE_H
#define EVENTS_CATALOGUE_CATALOGUE_H

#include "lib/audit/audit.h"
#include "services/events/events.h"
#include "services/events/tables.h"

struct catalogue;

// audit: where edits are told; NULL: nowhere.
MUST_CHECK bool catalogue_open(struct catalogue **catalogue, struct store *store, struct audit *audit,
                               struct err *err);
void catalogue_close(struct catalogue *catalogue);

// Copies of the rows in the arena, by slug or number; returns how many. A NULL list means that the arena is
// full.
size_t catalogue_list(struct catalogue *catalogue, enum events_table table, bool include_disabled,
                      struct arena *arena, ProtobufCMessage ***rows);
// A copy; NULL when absent. On a shared store a row that is not known yet is looked for there.
ProtobufCMessage *catalogue_find(struct catalogue *catalogue, enum events_table table, const char *id,
                                 struct arena *arena);
// Where the title of a row belongs in a reply, and what else is wanted of it, or NULL.
struct title_place {
    enum events_table table;
    const char *id;
    Events__Title **title;
    const char **side_id; // of a role
    int32_t *number;      // of a last-move card
};
// Puts the titles there, made in the arena and with the ids that are given, which must live as long; that of
// an unknown row has no names. False when the arena is full.
bool catalogue_titles(struct catalogue *catalogue, const struct title_place *places, size_t count,
                      struct arena *arena);
uint64_t catalogue_version(const struct catalogue *catalogue); // another one after a change; never 0
// Adds the row with the write, or replaces the one with its id, waiting until it is durable. SLUG_TAKEN. act:
// what the audit is told of it, stored with the row; or NULL.
MUST_CHECK bool catalogue_save(struct catalogue *catalogue, enum events_table table,
                               const ProtobufCMessage *row, const Audit__Entry *act,
                               const struct store_write *write, struct err *err);

// Reads a row again, or all of them: another process may have edited it.
MUST_CHECK bool catalogue_refresh(struct catalogue *catalogue, enum events_table table, const char *id,
                                  struct err *err);
MUST_CHECK bool catalogue_refresh_all(struct catalogue *catalogue, struct err *err);

struct catalogue_change {
    enum events_table table;
    const char *id;
    struct arena *arena;
    // Changes a copy of the row, and returns the write to make with it; NULL: none, *err says why.
    const struct store_write *(*edit)(void *arg, ProtobufCMessage *row, struct err *err);
    void *arg;
    const Audit__Entry *act; // as of catalogue_save
};

// Under the catalogue's writer lock, durable. NOT_FOUND, and the reasons of catalogue_save and of the edit.
MUST_CHECK bool catalogue_update(struct catalogue *catalogue, const struct catalogue_change *change,
                                 struct err *err);

// The seed (seed.c): rows that a fresh catalogue has, with ids that follow from their slugs.
typedef bool seed_visit(void *arg, enum events_table table, const ProtobufCMessage *row, struct err *err);
MUST_CHECK bool seed_each(seed_visit *visit, void *arg, struct err *err);

#endif
