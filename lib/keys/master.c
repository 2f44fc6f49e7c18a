#include "lib/keys/master.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    ID_BYTES = (MASTER_ID - 1) / 2,
    PLACE_MAX = 160,
};

static void master_name(struct master *master)
{
    static const char what[] = "conse/master/1";
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)what, sizeof what - 1, master->key, KEY_BYTES);
    hex_encode(master->id, hash, ID_BYTES);
}

static bool masters_add(struct masters *masters, const char *path, struct err *err)
{
    if (masters->count == MASTERS_MOST)
        return err_field(err, INVALID_FIELD, "CONSE_MASTER_KEY_FILE",
                         "CONSE_MASTER_KEY_FILE names at most %d files", MASTERS_MOST);
    struct master *master = &masters->all[masters->count++];
    if (!key_file_read_at(path, master->key, err)) return err_wrap(err, "CONSE_MASTER_KEY_FILE");
    master_name(master);
    return true;
}

bool masters_load(struct masters *masters, const char *paths, struct err *err)
{
    char path[KEY_FILE_PATH];
    *masters = (struct masters){0};
    for (const char *at = paths ? paths : ""; *at; at += *at == ',') {
        size_t len = strcspn(at, ",");
        snprintf(path, sizeof path, "%.*s", (int)len, at);
        if (len && !masters_add(masters, path, err)) return masters_forget(masters), false;
        at += len;
    }
    return true;
}

void masters_forget(struct masters *masters) { sodium_memzero(masters, sizeof *masters); }

const struct master *master_find(const struct masters *masters, const char *id)
{
    for (size_t i = 0; i < masters->count; i++)
        if (strcmp(masters->all[i].id, id) == 0) return &masters->all[i];
    return NULL;
}

static size_t master_context(char context[PLACE_MAX], const char *place)
{
    int len = snprintf(context, PLACE_MAX, "conse/key/1 %s", place);
    return len < PLACE_MAX ? (size_t)len : PLACE_MAX - 1;
}

void master_seal(const struct master *master, const char *place, const uint8_t key[KEY_BYTES],
                 uint8_t box[MASTER_BOX])
{
    char context[PLACE_MAX];
    size_t len = master_context(context, place);
    randombytes_buf(box, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, NULL, key, KEY_BYTES, (const uint8_t *)context,
                                               len, NULL, box, master->key);
}

bool master_open(const struct master *master, const char *place, const uint8_t box[MASTER_BOX],
                 uint8_t key[KEY_BYTES])
{
    char context[PLACE_MAX];
    size_t len = master_context(context, place);
    return crypto_aead_xchacha20poly1305_ietf_decrypt(key, NULL, NULL, box + NONCE, MASTER_BOX - NONCE,
                                                      (const uint8_t *)context, len, box, master->key) == 0;
}
