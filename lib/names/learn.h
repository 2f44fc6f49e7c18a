// The memory of names.c, for learn.c, which takes in what auth publishes. Private to the room.
#ifndef LIB_NAMES_LEARN_H
#define LIB_NAMES_LEARN_H

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "lib/base/idmap.h"
#include "lib/names/names.h"

struct names {
    struct store *store;
    const struct store_table *table, *consumed;
    bool wallets;
    struct bus_consumer *consumer; // NULL until it follows
    names_forget *forget;          // or NULL
    void *forget_arg;
    pthread_rwlock_t lock; // guards the fields below
    struct bearer *bearers;
    size_t count, room;
    struct idmap by_user;   // places of bearers
    struct idmap by_name;   // places + 1 by the hash of a name without case; 0: no bearer
    struct idmap by_wallet; // the same by the hash of a wallet
    struct bus_place place;
    uint8_t key[crypto_generichash_KEYBYTES];
    atomic_uint_fast64_t changes, rating_changes;
};

bool names_row_is_good(const Names__Row *row);
// Called with the lock held for writing; false without memory.
bool names_set(struct names *names, const Names__Row *row);
void names_set_leaving(struct names *names, const char *user_id); // takes the lock

#endif
