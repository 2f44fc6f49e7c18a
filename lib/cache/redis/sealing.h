// How values are kept in a Redis that is to learn nothing: under names that are hashed, and sealed; without a
// key under a plain hash, and open. Any thread.
#ifndef LIB_CACHE_REDIS_SEALING_H
#define LIB_CACHE_REDIS_SEALING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEALING_KEY = 32, SEALING_NAME = 64, SEALING_MORE = 40 };

struct sealing {
    uint8_t key[SEALING_KEY];
    bool keyed;
};

// key: of this use alone, or NULL.
void sealing_init(struct sealing *sealing, const uint8_t *key);
void sealing_forget(struct sealing *sealing);
void sealing_name(const struct sealing *sealing, char out[SEALING_NAME], const char *prefix,
                  const char *name);
// out: room for SEALING_MORE bytes more. Returns the length.
size_t sealing_close(const struct sealing *sealing, uint8_t *out, const void *value, size_t len);
// -1: it is not ours, or more than size bytes.
long sealing_open(const struct sealing *sealing, const void *sealed, size_t len, void *value, size_t size);

#endif
