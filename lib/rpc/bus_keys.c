#include "lib/rpc/bus_keys.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ids.h"

enum { DIGITS = 2 * BUS_KEY_BYTES };

struct bus_keys {
    atomic_uint version;
    pthread_mutex_t mutex; // guards the list
    struct bus_key_list list;
};

void bus_key_list_forget(struct bus_key_list *list) { sodium_memzero(list, sizeof *list); }

static bool parse_line(struct bus_key_list *list, const char *line, size_t len)
{
    char digits[DIGITS + 1];
    if (len != DIGITS || list->count == BUS_KEYS_MOST) return false;
    memcpy(digits, line, DIGITS);
    digits[DIGITS] = 0;
    bool ok = hex_decode(list->keys[list->count++], BUS_KEY_BYTES, digits);
    sodium_memzero(digits, sizeof digits);
    return ok;
}

bool bus_key_list_parse(struct bus_key_list *list, const char *text, struct err *err)
{
    *list = (struct bus_key_list){0};
    for (const char *at = text; *at; at += strspn(at, "\r\n")) {
        size_t len = strcspn(at, "\r\n");
        if (!parse_line(list, at, len)) {
            bus_key_list_forget(list);
            return err_fail(err, INVALID_FIELD, "must be 64 hex digits, or two such lines");
        }
        at += len;
    }
    return list->count > 0 || err_fail(err, INVALID_FIELD, "has no key");
}

struct bus_keys *bus_keys_create(const struct bus_key_list *list)
{
    struct bus_keys *keys = calloc(1, sizeof *keys);
    if (!keys) return NULL;
    pthread_mutex_init(&keys->mutex, NULL);
    bus_keys_set(keys, list);
    return keys;
}

void bus_keys_set(struct bus_keys *keys, const struct bus_key_list *list)
{
    pthread_mutex_lock(&keys->mutex);
    keys->list = *list;
    atomic_fetch_add(&keys->version, 1);
    pthread_mutex_unlock(&keys->mutex);
}

void bus_keys_destroy(struct bus_keys *keys)
{
    if (!keys) return;
    pthread_mutex_destroy(&keys->mutex);
    sodium_memzero(keys, sizeof *keys);
    free(keys);
}

unsigned bus_keys_version(const struct bus_keys *keys) { return atomic_load(&keys->version); }

unsigned bus_keys_derive(struct bus_keys *keys, const char *context, struct bus_key_list *derived)
{
    pthread_mutex_lock(&keys->mutex);
    derived->count = keys->list.count;
    for (size_t i = 0; i < derived->count; i++)
        crypto_generichash(derived->keys[i], BUS_KEY_BYTES, (const uint8_t *)context, strlen(context),
                           keys->list.keys[i], BUS_KEY_BYTES);
    unsigned version = atomic_load(&keys->version);
    pthread_mutex_unlock(&keys->mutex);
    return version;
}
