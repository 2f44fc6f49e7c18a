// What a replica consists of, for its own files and its test.
#ifndef LIB_REPLICA_STATE_H
#define LIB_REPLICA_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/replica/beats.h"
#include "lib/replica/clocks.h"
#include "lib/replica/lease.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"

struct replica {
    bool alone; // on an exclusive store: nothing of the rest changes
    struct lease leases[REPLICA_LEASES_MOST];
    size_t leases_count;
    pthread_mutex_t mutex; // guards beats and clocks
    struct beats beats;
    struct clocks clocks;
    _Atomic uint32_t least_format;
    atomic_bool apart;        // its clock and another's
    _Atomic int64_t ahead_ms; // its clock, of the slowest one
    _Atomic int64_t seen_ms;  // monotonic: when that was last looked at
    struct periodic *thread;
};

// One look after everything; what the thread does.
void replica_tend(struct replica *replica);

#endif
