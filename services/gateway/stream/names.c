#include "services/gateway/stream/names.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 16 };

static struct name **bucket_of(const struct names *names, uint64_t hash)
{
    return &names->buckets[hash & (names->size - 1)];
}

struct name *names_find(const struct names *names, const char *text, uint64_t hash)
{
    struct name *name = names->size ? *bucket_of(names, hash) : NULL;
    while (name && (name->hash != hash || strcmp(name->text, text) != 0)) name = name->next;
    return name;
}

static void names_put(struct names *names, struct name *name)
{
    struct name **bucket = bucket_of(names, name->hash);
    name->next = *bucket;
    *bucket = name;
}

// Without memory for more the buckets become longer.
static void names_grow(struct names *names)
{
    struct names bigger = {.size = names->size ? names->size * 2 : FIRST_SIZE};
    bigger.buckets = calloc(bigger.size, sizeof *bigger.buckets);
    if (!bigger.buckets) return;
    for (size_t i = 0; i < names->size; i++)
        for (struct name *name = names->buckets[i], *next; name; name = next) {
            next = name->next;
            names_put(&bigger, name);
        }
    free(names->buckets);
    names->buckets = bigger.buckets;
    names->size = bigger.size;
}

bool names_add(struct names *names, struct name *name)
{
    if (names->count >= names->size && !(names->still && names->size)) names_grow(names);
    if (!names->size) return false;
    names_put(names, name);
    names->count++;
    return true;
}

void names_remove(struct names *names, struct name *name)
{
    struct name **at = bucket_of(names, name->hash);
    while (*at != name) at = &(*at)->next;
    *at = name->next;
    names->count--;
}

void names_finish(struct names *names)
{
    free(names->buckets);
    *names = (struct names){0};
}
