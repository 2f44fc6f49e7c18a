// What the gateway needs from auth: the keys that verify tokens, and the revocations, followed as a topic.
// One for all loops; it works on the first one, and any thread may ask it.
#ifndef GATEWAY_ACCESS_AUTH_FEED_H
#define GATEWAY_ACCESS_AUTH_FEED_H

#include "lib/base/err.h"

struct gateway;
struct auth_feed;

enum { IDENTITY_STALE_MS = 2000 };

// Before the loops run.
MUST_CHECK bool auth_feed_start(struct auth_feed **feed, struct gateway *gateway, struct err *err);
// After the loops have ended and their clients are closed, which may still call back; NULL is fine.
void auth_feed_stop(struct auth_feed *feed);

// Keys have come, on any loop.
void auth_feed_note_keys(struct auth_feed *feed, int64_t now_ms);
int64_t auth_feed_keys_age_ms(const struct auth_feed *feed, int64_t now_ms); // INT64_MAX: never came
// Keys are there, and the revocations that existed at start were read.
bool auth_feed_ready(const struct auth_feed *feed);
// The publisher was heard within the last two seconds.
bool auth_feed_fresh(const struct auth_feed *feed);

#endif
