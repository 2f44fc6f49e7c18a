// Who follows which event, at all gateways that share a cache. A thread forgets who has gone, tells the other
// gateways, hears of theirs, and hints at the stream "presence.<event id>" when something is another than
// before, at most every 100 ms. During a night it keeps who was there when the night began: the first gateway
// that hears of the night says so for all. While the cache is away each knows its own. Any thread.
#ifndef GATEWAY_PRESENCE_PRESENCE_H
#define GATEWAY_PRESENCE_PRESENCE_H

#include "events.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

struct presence;
struct topics;

struct presence_options {
    const char *url;       // "memory:", or of a Redis
    const uint8_t *key;    // 32 bytes of this use alone, or NULL
    struct topics *topics; // for hints
};

enum { PRESENCE_TAB = 128 };

MUST_CHECK bool presence_open(struct presence **presence, const struct presence_options *options,
                              struct err *err);
void presence_stop(struct presence *presence);    // its thread: before the topics. NULL is fine
void presence_destroy(struct presence *presence); // when nobody follows any more. NULL is fine

// The name that a page gives itself, as a number; 0 for "".
uint64_t presence_tab(const char *name);
// A connection of a user that follows the event, and may see it; each that came goes. LIMIT_REACHED: it is
// not counted. Of too many events, or tabs, of one user the oldest is forgotten.
MUST_CHECK bool presence_come(struct presence *presence, const char *event_id, const char *user_id,
                              uint64_t tab, struct err *err);
// at_once: they do not come back in a moment.
void presence_go(struct presence *presence, const char *event_id, const char *user_id, uint64_t tab,
                 bool at_once);
// Whether that was found out already: they came, or said something of it, a moment ago.
bool presence_has(struct presence *presence, const char *event_id, const char *user_id);
// Somebody who may see the event says that nobody looks at what they follow by this tab, or somebody does
// again.
MUST_CHECK bool presence_say(struct presence *presence, const char *event_id, const char *user_id,
                             uint64_t tab, bool away, struct err *err);

// As long as somebody watches, what others know is asked for twice a second. Fails without memory alone.
MUST_CHECK bool presence_watch(struct presence *presence, const char *event_id, struct err *err);
void presence_unwatch(struct presence *presence, const char *event_id);
// Whether the other gateways were asked since it is watched.
bool presence_is_known(struct presence *presence, const char *event_id);
// An answer says that it is night since then, or (0) that it is none. False: who was there when it began is
// being asked for; a hint will say when that is known.
bool presence_night(struct presence *presence, const char *event_id, uint64_t night_ms, uint32_t age_ms);
// Fills people, night and frozen; aborts without memory.
void presence_fill(struct presence *presence, Events__FollowPresenceRequest *request, struct arena *arena);

#endif
