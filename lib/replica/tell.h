// Tells auth every three seconds that this process lives, and what it is. Nothing waits for that: while auth
// is away, the process is not listed.
#ifndef LIB_REPLICA_TELL_H
#define LIB_REPLICA_TELL_H

#include "lib/base/err.h"
#include "lib/replica/health.h"
#include "rpc.pb-c.h"

struct bus_keys;
struct replica_tell;

struct replica_tell_options {
    const char *service;      // of this process
    const char *id;           // replica_id; NULL: the service has no store, and an id is drawn
    Conse__Asker__Value self; // as the id: which program calls
    const char *auth;         // where it is asked
    struct bus_keys *bus_keys;
    struct health_source health; // what is told of how it does
};

// Starts a thread.
MUST_CHECK bool replica_tell_start(struct replica_tell **tell, const struct replica_tell_options *options,
                                   struct err *err);
// Returns when the call under way has ended, within half a second. NULL is fine.
void replica_tell_stop(struct replica_tell *tell);
// The agreed clock (0: not known) came in the reply to a call that took so long, at now_ms of ours: notes how
// far ours is off, and logs when that begins to count and when it ends.
void replica_tell_compare(int64_t agreed_ms, int64_t took_ms, int64_t now_ms);

#endif
