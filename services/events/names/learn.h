// The memory of names.c, for learn.c, which takes in what auth publishes.
#ifndef EVENTS_NAMES_LEARN_H
#define EVENTS_NAMES_LEARN_H

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "services/events/names/names.h"

struct bearer;

struct names {
    struct store *store;
    struct bus_consumer *consumer; // NULL until it follows
    pthread_rwlock_t lock;         // guards the fields below
    struct bearer *bearers;
    size_t count, room;
    struct idmap by_user; // places of bearers
    struct idmap by_name; // places + 1 by the hash of a name without case; 0: no bearer
    struct bus_place place;
    uint8_t key[crypto_generichash_KEYBYTES];
    atomic_uint_fast64_t version; // grows when a shown name changes
};

bool names_row_is_good(const Game__NameRow *row);
// Called with the lock held for writing; false without memory.
bool names_set(struct names *names, const Game__NameRow *row);

#endif
