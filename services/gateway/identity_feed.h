// What the gateway needs from auth: the keys that verify tokens, fetched at start and when an unknown one is
// met, and the revocations, followed as a topic. Belongs to the loop's thread except where marked.
#ifndef GATEWAY_IDENTITY_FEED_H
#define GATEWAY_IDENTITY_FEED_H

#include "lib/err.h"

struct gateway;
struct identity_feed;

enum { IDENTITY_STALE_MS = 2000 };

MUST_CHECK bool identity_feed_start(struct identity_feed **feed, struct gateway *gateway, struct err *err);
void identity_feed_stop(struct identity_feed *feed); // before the clients are closed; NULL is fine

// True when keys are on their way and call_keys_arrived follows; false when they were fetched a moment ago.
bool identity_feed_fetch_keys(struct identity_feed *feed);
// Keys are there, and the revocations that existed at start were read. Any thread.
bool identity_feed_ready(const struct identity_feed *feed);
// The publisher was heard within the last two seconds. Any thread.
bool identity_feed_fresh(const struct identity_feed *feed);

#endif
