// Names as numbers, so that they are compared and looked up without their letters. The schema's names are
// made at start and then constant; a document's stand over them, in the document's arena, and go with it.
// Names come from outside, so their hash has a secret key.
#ifndef GATEWAY_GRAPHQL_TEXT_NAMES_H
#define GATEWAY_GRAPHQL_TEXT_NAMES_H

#include "lib/base/arena.h"

enum { GQL_NAMES_KEY = 16, GQL_NO_NAME = 0xffffffff };

struct gql_name {
    const char *text; // not ended by a NUL
    uint32_t len, hash;
};

struct gql_names {
    const struct gql_names *under; // its names come first; NULL: none
    const uint8_t *key;            // GQL_NAMES_KEY bytes, borrowed
    struct arena *arena;
    struct gql_name *names;
    uint32_t first, count, room; // the number of the first; how many; for how many there is memory
    uint32_t *slots, mask;       // 0: free, else place in names, from 1
};

// Over other names, which stay as they are and lend their key; both outlive these.
void gql_names_init(struct gql_names *names, const struct gql_names *under, struct arena *arena);
// With a key of random bytes and nothing under it.
void gql_names_init_first(struct gql_names *names, const uint8_t key[GQL_NAMES_KEY], struct arena *arena);

// The text is borrowed. GQL_NO_NAME when the arena has no room.
uint32_t gql_names_add(struct gql_names *names, const char *text, size_t len);
uint32_t gql_names_find(const struct gql_names *names, const char *text, size_t len); // or GQL_NO_NAME
const struct gql_name *gql_names_get(const struct gql_names *names, uint32_t id);
uint32_t gql_names_count(const struct gql_names *names); // every id is below it

#endif
