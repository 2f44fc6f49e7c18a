// The memory of names.c, for learn.c, which takes in what auth publishes, and show.c, which shows it.
#ifndef EVENTS_NAMES_LEARN_H
#define EVENTS_NAMES_LEARN_H

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "services/events/names/names.h"

enum { NAME_CHARS = 32 };

// Of one user.
struct bearer {
    struct uuid user_id;
    char name[NAME_CHARS + 1];
    bool outdone; // another user had this name later; this user's new name is still to come
    bool deleted; // the account: games that are over show the name, and nothing else finds it
    uint32_t level;
    uint64_t generation;        // of auth's store when it said so
    int64_t suspended_until_ms; // 0: not suspended; INT64_MAX: without end
    // The look of the name; 0 until somebody has looked.
    atomic_uint_least64_t large, small;
};

struct names {
    struct store *store;
    struct bus_consumer *consumer; // NULL until it follows
    names_forget *forget;          // or NULL
    void *forget_arg;
    pthread_rwlock_t lock; // guards the fields below
    struct bearer *bearers;
    size_t count, room;
    struct idmap by_user; // places of bearers
    struct idmap by_name; // places + 1 by the hash of a name without case; 0: no bearer
    struct bus_place place;
    uint8_t key[crypto_generichash_KEYBYTES];
    atomic_uint_fast64_t version; // grows when a shown name changes
};

// By id, and by the present name in any case; NULL when nobody is known by that. Called with the lock held.
struct bearer *bearer_find(const struct names *names, const char *user_id);
struct bearer *holder_find(const struct names *names, const char *name);

bool names_row_is_good(const Game__NameRow *row);
// Called with the lock held for writing; false without memory.
bool names_set(struct names *names, const Game__NameRow *row);

#endif
