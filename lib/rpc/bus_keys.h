// The keys that seal what our programs say to each other: one or two, of which the first seals and both open.
// A process has one set, which everything that listens or dials shares; it may be replaced while it is used.
// Any thread.
#ifndef LIB_RPC_BUS_KEYS_H
#define LIB_RPC_BUS_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

enum { BUS_KEY_BYTES = 32, BUS_KEYS_MOST = 2 };

struct bus_key_list {
    size_t count;
    uint8_t keys[BUS_KEYS_MOST][BUS_KEY_BYTES];
};

// Wipes it; every copy of a list is its holder's to forget.
void bus_key_list_forget(struct bus_key_list *list);
// One or two lines of 64 hex digits; INVALID_FIELD otherwise.
MUST_CHECK bool bus_key_list_parse(struct bus_key_list *list, const char *text, struct err *err);

struct bus_keys;

struct bus_keys *bus_keys_create(const struct bus_key_list *list); // NULL without memory
void bus_keys_set(struct bus_keys *keys, const struct bus_key_list *list);
void bus_keys_destroy(struct bus_keys *keys); // NULL is fine

// Counts the replacements, from 1.
unsigned bus_keys_version(const struct bus_keys *keys);
// Keys for one use alone, which the context names, in the order of the list. Returns the version that they
// belong to.
unsigned bus_keys_derive(struct bus_keys *keys, const char *context, struct bus_key_list *derived);

#endif
