// The secret keys of one service, by name ("refresh", "token/689"). The first key of a name is made when it
// is first asked for. Rotating adds another: it makes new things as soon as every process has read it, and
// the ones before still check what they made. Without a master key they are files (lib/keys/key_file.h) and
// are not rotated. With one they are rows of the store, sealed: the process that inserts a row first wins,
// and all read the same. Thread-safe.
#ifndef LIB_KEYS_KEYRING_H
#define LIB_KEYS_KEYRING_H

#include "keys.pb-c.h"
#include "lib/audit/audit.h"
#include "lib/keys/key_file.h"
#include "lib/store/store.h"

enum { KEYS_MOST = 8, KEY_CERTIFICATE = 64 };

struct key {
    uint32_t number;  // among those of its name, from 1
    int64_t made_ms;  // unix; 0: of a file
    int64_t ready_ms; // on the monotonic clock: every process has read it by then
    bool certified;
    bool alone; // what the ones before it made is void
    uint8_t bytes[KEY_BYTES];
    uint8_t certificate[KEY_CERTIFICATE];
};

// Keys of one name, the newest first.
struct key_set {
    size_t count;
    struct key keys[KEYS_MOST];
};

// The key that makes new things. The set must not be empty.
const struct key *key_in_use(const struct key_set *set);
// Whether a key of the set may still check what it made, when that lives for life_ms at most.
bool key_serves(const struct key_set *set, size_t at, int64_t life_ms, int64_t now_ms);
void key_set_forget(struct key_set *set);
void key_forget(struct key *key);
#define AUTO_KEYS __attribute__((cleanup(key_set_forget)))
#define AUTO_KEY __attribute__((cleanup(key_forget)))

struct keyring;

// An entry of the service's list of tables.
#define KEYRING_TABLE                                                                                        \
    {                                                                                                        \
        .name = "keys", .type = &keys__row__descriptor, .key = "id", .version = 2, .indexes = { AUDIT_OWED } \
    }

struct keyring_options {
    const char *service; // "auth"
    const char *folder;  // CONSE_DATA/keys
    const char *masters; // CONSE_MASTER_KEY_FILE; "" or NULL: none
    struct store *store; // must be open for as long
    const struct store_table *table;
    bool shared; // other processes have the store open too: a master key is needed
};

// Reads the rows. Fails with one line when the master key is missing or is not the one that the rows are
// sealed with, or a key is in a file and, otherwise, in the store.
MUST_CHECK bool keyring_open(struct keyring **ring, const struct keyring_options *options, struct err *err);
void keyring_close(struct keyring *ring); // NULL is fine
// Reads every two seconds what other processes have changed, on a thread of its own; only of a shared store.
MUST_CHECK bool keyring_follow(struct keyring *ring, struct err *err);
void keyring_unfollow(struct keyring *ring); // NULL is fine
// Reads what other processes have changed; blocks.
MUST_CHECK bool keyring_read(struct keyring *ring, struct err *err);
bool keyring_has_rows(const struct keyring *ring); // rather than files
// Grows when a key comes or goes.
uint64_t keyring_changes(const struct keyring *ring);

// STORE_CORRUPT when the name has no key although stored data needs it, as `what` says ("open sessions rest
// on it"): a new key in its place would hide the loss.
MUST_CHECK bool keyring_expect(struct keyring *ring, const char *name, const char *what, struct err *err);
// The name's keys; the first is made when there is none. Files are read again. Blocks.
MUST_CHECK bool keyring_load(struct keyring *ring, const char *name, struct key_set *set, struct err *err);
// Of a name that was loaded before. Never blocks.
void keyring_get(struct keyring *ring, const char *name, struct key_set *set);
void keyring_in_use(struct keyring *ring, const char *name, struct key *key); // the one that makes new things
// One of a name's keys, which another process may have made just now; blocks then. NOT_FOUND.
MUST_CHECK bool keyring_find(struct keyring *ring, const char *name, uint32_t number, struct key *key,
                             struct err *err);

struct rotation {
    int64_t now_ms;          // unix
    int64_t life_ms;         // keys whose successor is older go; 0: none does
    bool at_once;            // all before go, and with them what they made: a key was stolen
    const Audit__Entry *act; // what the new key owes the audit, but for id and target; or NULL
};

// Makes another key of the name and writes its id.
MUST_CHECK bool keyring_rotate(struct keyring *ring, const char *name, const struct rotation *rotation,
                               char id[64], struct err *err);
// Removes the keys of prefix ("token/") whose name goes on with a number below least.
MUST_CHECK bool keyring_drop_below(struct keyring *ring, const char *prefix, int64_t least, struct err *err);
// Keeps a signing key's certificate with it.
MUST_CHECK bool keyring_certify(struct keyring *ring, const char *name, uint32_t number,
                                const uint8_t certificate[KEY_CERTIFICATE], struct err *err);
// Seals every row with the first master key; each key that it seals owes the audit the act, as of a rotation.
MUST_CHECK bool keyring_rewrap(struct keyring *ring, const Audit__Entry *act, uint32_t *count,
                               struct err *err);
MUST_CHECK bool keyring_status(struct keyring *ring, struct arena *arena, Keys__Status *status,
                               struct err *err);

#endif
