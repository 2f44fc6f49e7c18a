// Master keys: they seal the keys that a store has as rows. The first of those given seals, all of them open.
// Whoever has the store alone has no key.
#ifndef LIB_KEYS_MASTER_H
#define LIB_KEYS_MASTER_H

#include <sodium.h>

#include "lib/keys/key_file.h"

enum {
    MASTERS_MOST = 4,
    MASTER_ID = 17, // 16 hex digits
    MASTER_BOX =
        crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + KEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

struct masters {
    size_t count; // 0: none are given
    struct master {
        char id[MASTER_ID]; // says nothing of the key
        uint8_t key[KEY_BYTES];
    } all[MASTERS_MOST];
};

// paths: of key files, by commas; "" or NULL: none. Files are read as lib/keys/key_file.h says.
MUST_CHECK bool masters_load(struct masters *masters, const char *paths, struct err *err);
void masters_forget(struct masters *masters);
const struct master *master_find(const struct masters *masters, const char *id); // NULL: not given

// place says what the key is ("auth/refresh"): a box that is put into another place does not open.
void master_seal(const struct master *master, const char *place, const uint8_t key[KEY_BYTES],
                 uint8_t box[MASTER_BOX]);
MUST_CHECK bool master_open(const struct master *master, const char *place, const uint8_t box[MASTER_BOX],
                            uint8_t key[KEY_BYTES]);

#endif
