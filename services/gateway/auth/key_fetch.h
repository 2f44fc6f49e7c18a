// Asks auth for the keys that verify tokens, on one loop: at start, from time to time, and when a token has
// an unknown key; no oftener than once a second, however many such tokens come. The loop's thread.
#ifndef GATEWAY_AUTH_KEY_FETCH_H
#define GATEWAY_AUTH_KEY_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/net/loop.h"

struct access;
struct asks;
struct auth_feed;

struct key_fetch {
    struct loop *loop;
    struct asks *asks;
    size_t auth;                                           // its place among the services
    struct access *access;                                 // gets the keys
    struct auth_feed *feed;                                // is told when keys have come
    void (*arrived)(void *arg, const struct err *failure); // failure NULL: the keys are there
    void *arg;
    struct loop_timer due; // for the next time that asking is allowed
    bool on_its_way, is_due;
    int64_t asked_ms;
};

// `arrived` follows, at once or within a second; perhaps with keys that were asked for before this.
void key_fetch_begin(struct key_fetch *fetch);
// Whether the keys that are here were asked for after wanted_ms (monotonic): a token that was there then, and
// whose key is not among them, has a key that is not published.
bool key_fetch_answers(const struct key_fetch *fetch, int64_t wanted_ms);

#endif
