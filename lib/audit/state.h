// What an audit consists of, for its own files.
#ifndef LIB_AUDIT_STATE_H
#define LIB_AUDIT_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/audit/audit.h"
#include "lib/base/metrics.h"

enum { AUDIT_KINDS = 64 };

struct audit {
    struct audit_options options;
    char stream[AUDIT_STREAM_BYTES];
    pthread_mutex_t adding; // one of this process adds at a time
    atomic_bool owed;       // a row could not be settled
    struct metric *counts[AUDIT_KINDS];
};

#endif
