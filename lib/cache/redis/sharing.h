// What processes share of things that each of them counts by itself, through one Redis: in rounds each tells
// what changed here, by a script of one key a thing, and hears what it is with all that others told. While
// Redis is away each goes by its own; what could not be told is told later. When an answer is lost, what it
// was about may be told twice.
#ifndef LIB_CACHE_REDIS_SHARING_H
#define LIB_CACHE_REDIS_SHARING_H

#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/metrics.h"

enum { SHARING_WORDS = 3, SHARING_WORD = 32 };

struct sharing;

struct sharing_kind {             // a constant
    const char *what;             // "limits", for the metric
    const char *apart, *together; // "limits are not shared", "limits are shared again"; for the log
    const char *prefix;           // of the names in Redis
    // Gets KEYS, and SHARING_WORDS of ARGV for each; returns as many texts.
    const char *script;
    size_t item;                                            // bytes
    size_t (*collect)(void *arg, void *items, size_t most); // what is to be told; it counts as told
    const char *(*name)(const void *item);
    void (*words)(void *arg, const void *item, char words[SHARING_WORDS][SHARING_WORD]);
    void (*settle)(void *arg, const void *item, const char *answer);
    void (*again)(void *arg, const void *item); // it was not told
};

struct sharing_options {
    const struct sharing_kind *kind;
    void *arg;          // of its functions, which are called on the sharing's thread
    const char *url;    // place.h
    const uint8_t *key; // 32 bytes of this use alone, which hash the names; NULL: a plain hash
    struct metrics *metrics;
};

// Starts a thread. INVALID_FIELD when the URL is none; a Redis that is away is no error.
MUST_CHECK bool sharing_start(struct sharing **sharing, const struct sharing_options *options,
                              struct err *err);
void sharing_stop(struct sharing *sharing); // NULL is fine

#endif
