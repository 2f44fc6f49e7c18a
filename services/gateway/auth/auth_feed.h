// What the gateway needs from auth: the keys that verify tokens, and the revocations, followed as a topic.
// One for all loops; it works on the first one, and any thread may query it.
#ifndef GATEWAY_AUTH_AUTH_FEED_H
#define GATEWAY_AUTH_AUTH_FEED_H

#include <stdint.h>

#include "lib/base/err.h"

struct access;
struct asks;
struct auth_feed;
struct bus_keys;
struct key_fetch;
struct loop;

struct auth_feed_options {
    struct loop *loop; // the one it works on; the fields below are that loop's
    struct asks *asks;
    size_t auth; // its place among the services
    struct key_fetch *keys;
    const char *bus, *listen;  // auth's addresses: where it publishes, and where it is asked
    struct bus_keys *bus_keys; // NULL: none
};

enum { IDENTITY_STALE_MS = 2000 };

// Revocations are passed to access.
MUST_CHECK bool auth_feed_create(struct auth_feed **feed, struct access *access, struct err *err);
// Before the loops run.
MUST_CHECK bool auth_feed_start(struct auth_feed *feed, const struct auth_feed_options *options,
                                struct err *err);
// After the loops have ended and their clients are closed, because closing calls back; NULL is fine.
void auth_feed_stop(struct auth_feed *feed);
void auth_feed_destroy(struct auth_feed *feed); // after the loops are closed; NULL is fine

// Reports that keys have come, on any loop, and when they were asked for.
void auth_feed_note_keys(struct auth_feed *feed, int64_t asked_ms);
int64_t auth_feed_keys_ms(const struct auth_feed *feed); // when they were asked for; 0: never came
int64_t auth_feed_keys_age_ms(const struct auth_feed *feed, int64_t now_ms); // INT64_MAX: never came
// Whether keys are there, and the revocations that existed at start were read.
bool auth_feed_ready(const struct auth_feed *feed);
// How long ago the revocations that are here were those of the store; INT64_MAX: never yet.
int64_t auth_feed_age_ms(const struct auth_feed *feed);
// Whether the revocations are here that the store had within the last two seconds.
bool auth_feed_fresh(const struct auth_feed *feed);

#endif
