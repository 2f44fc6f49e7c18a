// Bytes with one maker and several holders, such as a body that goes to many connections. The last holder's
// drop frees them. The bytes never change once they are shared. Any thread.
#ifndef LIB_BASE_SHARED_H
#define LIB_BASE_SHARED_H

#include <stdatomic.h>
#include <stddef.h>

struct shared {
    atomic_uint holders;
    size_t len;
    void (*gone)(void *arg,
                 size_t len); // called when they are freed, by the thread of the last drop; may be NULL
    void *arg;
    char bytes[];
};

// A copy of the bytes, held once by the caller; NULL without memory.
struct shared *shared_create(const void *bytes, size_t len);
struct shared *shared_hold(struct shared *shared); // returns its argument
void shared_drop(struct shared *shared);           // NULL is fine

#endif
