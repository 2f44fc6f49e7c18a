// Asks auth for the keys that verify tokens, on one loop: at start, from time to time, and when a token has
// an unknown key. The loop's thread.
#ifndef GATEWAY_AUTH_KEY_FETCH_H
#define GATEWAY_AUTH_KEY_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

struct access;
struct asks;
struct auth_feed;
struct loop;

struct key_fetch {
    struct loop *loop;
    struct asks *asks;
    size_t auth;                                           // its place among the services
    struct access *access;                                 // gets the keys
    struct auth_feed *feed;                                // is told when keys have come
    void (*arrived)(void *arg, const struct err *failure); // failure NULL: the keys are there
    void *arg;
    bool on_its_way;
};

// True when keys are on their way and `arrived` follows; false when they came a moment ago, to this loop or
// another.
bool key_fetch_begin(struct key_fetch *fetch);

#endif
