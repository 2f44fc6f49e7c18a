// The ring's inside, for keyring.c, ring_rows.c and key_care.c: what is known of the keys, and the rows they
// come from.
#ifndef LIB_KEYS_RING_H
#define LIB_KEYS_RING_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/keys/keyring.h"
#include "lib/keys/master.h"

enum { RING_ID = 64, RING_NAME = 48, RING_ARENA = 4 << 20 };

struct kept {
    char id[RING_ID], name[RING_NAME], master[MASTER_ID];
    uint64_t version; // of the row; 0: a file
    bool closed;      // its master key is not given
    struct key key;
};

struct kept_list {
    struct kept *all;
    size_t count, room;
};

struct keyring {
    char service[32], folder[KEY_FILE_PATH];
    struct masters masters;
    struct store *store;
    const struct store_table *table;
    bool shared;
    struct periodic *thread;
    pthread_mutex_t writing; // one reads or changes rows at a time; taken before `lock`
    pthread_rwlock_t lock;   // guards kept
    struct kept_list kept;
    atomic_uint_fast64_t changes;
    int64_t read_ms; // monotonic: the last time for keyring_find's sake; guarded by `writing`
};

// "refresh", "refresh/2". False when the name is too long.
MUST_CHECK bool ring_id_of(char id[RING_ID], const char *name, uint32_t number, struct err *err);

void kept_list_forget(struct kept_list *list);
MUST_CHECK bool kept_list_add(struct kept_list *list, const struct kept *kept, struct err *err);
struct kept *kept_list_find(const struct kept_list *list, const char *id);

// Takes `lock`.
MUST_CHECK bool ring_keep(struct keyring *ring, const struct kept *kept, struct err *err);
void ring_set_of(struct keyring *ring, const char *name, struct key_set *set);

// ---- Rows; the caller holds `writing`. They block.

MUST_CHECK bool ring_read_rows(struct keyring *ring, struct err *err);
// *kept has id "" when there is no such row.
MUST_CHECK bool ring_read_row(struct keyring *ring, const char *id, struct kept *kept, struct err *err);
// Inserts it; CONFLICT when another process was quicker. act: as of struct rotation.
MUST_CHECK bool ring_insert(struct keyring *ring, const char *name, const struct key *key,
                            const Audit__Entry *act, struct err *err);
// Writes a row again, sealed by the first master key.
MUST_CHECK bool ring_put(struct keyring *ring, const struct kept *kept, const Audit__Entry *act,
                         struct err *err);
MUST_CHECK bool ring_remove(struct keyring *ring, const char *id, struct err *err);
// That the rows are sealed with a master key that is given; notes the first one's fingerprint when there is
// none.
MUST_CHECK bool ring_check_master(struct keyring *ring, struct err *err);

#endif
