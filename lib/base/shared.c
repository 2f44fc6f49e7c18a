#include "lib/base/shared.h"

#include <stdlib.h>
#include <string.h>

struct shared *shared_create(const void *bytes, size_t len)
{
    struct shared *shared = malloc(sizeof *shared + len);
    if (!shared) return NULL;
    atomic_init(&shared->holders, 1);
    shared->len = len;
    shared->gone = NULL;
    shared->arg = NULL;
    if (len) memcpy(shared->bytes, bytes, len);
    return shared;
}

struct shared *shared_hold(struct shared *shared)
{
    atomic_fetch_add_explicit(&shared->holders, 1, memory_order_relaxed);
    return shared;
}

void shared_drop(struct shared *shared)
{
    if (!shared || atomic_fetch_sub_explicit(&shared->holders, 1, memory_order_acq_rel) > 1) return;
    if (shared->gone) shared->gone(shared->arg, shared->len);
    free(shared);
}
