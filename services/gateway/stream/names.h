// Things found by the name of a stream: a table of nodes embedded in the things. Not thread-safe. A client
// may choose names, so the table's owner keys their hash.
#ifndef GATEWAY_STREAM_NAMES_H
#define GATEWAY_STREAM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
    struct name *next; // in its bucket
    uint64_t hash;
    const char *text;
};

struct names {
    struct name **buckets;
    size_t size, count; // of buckets: a power of two; of names
    bool still;         // it does not grow now, because it is being walked
};

struct name *names_find(const struct names *names, const char *text, uint64_t hash); // may be absent
bool names_add(struct names *names, struct name *name); // a new one; false without memory
void names_remove(struct names *names, struct name *name);
void names_finish(struct names *names); // when all are removed

#endif
