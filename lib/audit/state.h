// What an audit consists of, for its own files.
#ifndef LIB_AUDIT_STATE_H
#define LIB_AUDIT_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/audit/audit.h"
#include "lib/base/hash_chain.h"
#include "lib/base/metrics.h"

enum { AUDIT_KINDS = 64 };

// How far the chain was checked, by the one thread that does it.
struct audit_check {
    struct hash_chain chain; // to the last entry that was
    int64_t next_ms;         // monotonic
    bool broken;             // so found the last time
    struct metric *gauge;
};

struct audit {
    struct audit_options options;
    char stream[AUDIT_STREAM_BYTES];
    pthread_mutex_t adding; // one of this process adds at a time
    atomic_bool owed;       // a row could not be settled
    struct audit_check check;
    struct metric *counts[AUDIT_KINDS];
};

#endif
