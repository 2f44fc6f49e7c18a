#include "services/gateway/graphql/text/names.h"

#include <sodium.h>
#include <string.h>

_Static_assert(GQL_NAMES_KEY == crypto_shorthash_KEYBYTES, "the key of the hash");

enum { FIRST_ROOM = 64 };

void gql_names_init(struct gql_names *names, const struct gql_names *under, struct arena *arena)
{
    *names = (struct gql_names){
        .under = under, .key = under->key, .arena = arena, .first = gql_names_count(under)};
}

void gql_names_init_first(struct gql_names *names, const uint8_t key[GQL_NAMES_KEY], struct arena *arena)
{
    *names = (struct gql_names){.key = key, .arena = arena};
}

static uint32_t names_hash(const uint8_t *key, const char *text, size_t len)
{
    uint8_t hash[crypto_shorthash_BYTES];
    uint32_t low;
    crypto_shorthash(hash, (const uint8_t *)text, len, key);
    memcpy(&low, hash, sizeof low);
    return low;
}

static uint32_t names_look(const struct gql_names *names, struct gql_name name)
{
    if (!names->slots) return GQL_NO_NAME;
    for (uint32_t at = name.hash & names->mask; names->slots[at]; at = (at + 1) & names->mask) {
        const struct gql_name *known = &names->names[names->slots[at] - 1];
        if (known->hash == name.hash && known->len == name.len &&
            memcmp(known->text, name.text, name.len) == 0)
            return names->first + names->slots[at] - 1;
    }
    return GQL_NO_NAME;
}

static void names_place(struct gql_names *names, uint32_t place)
{
    uint32_t at = names->names[place].hash & names->mask;
    while (names->slots[at]) at = (at + 1) & names->mask;
    names->slots[at] = place + 1;
}

// Twice the room, with slots for twice as many again.
static bool names_grow(struct gql_names *names)
{
    uint32_t room = names->room ? names->room * 2 : FIRST_ROOM;
    struct gql_name *grown = arena_array(names->arena, room, sizeof *grown);
    uint32_t *slots = arena_array(names->arena, room * 2, sizeof *slots);
    if (!grown || !slots) return false;
    if (names->count) memcpy(grown, names->names, names->count * sizeof *grown);
    names->names = grown;
    names->slots = slots;
    names->room = room;
    names->mask = room * 2 - 1;
    for (uint32_t i = 0; i < names->count; i++) names_place(names, i);
    return true;
}

static uint32_t names_search(const struct gql_names *names, struct gql_name name)
{
    uint32_t id = names->under ? names_look(names->under, name) : GQL_NO_NAME;
    return id == GQL_NO_NAME ? names_look(names, name) : id;
}

uint32_t gql_names_find(const struct gql_names *names, const char *text, size_t len)
{
    return names_search(names, (struct gql_name){text, (uint32_t)len, names_hash(names->key, text, len)});
}

uint32_t gql_names_add(struct gql_names *names, const char *text, size_t len)
{
    struct gql_name name = {text, (uint32_t)len, names_hash(names->key, text, len)};
    uint32_t id = names_search(names, name);
    if (id != GQL_NO_NAME) return id;
    if (names->count == names->room && !names_grow(names)) return GQL_NO_NAME;
    names->names[names->count] = name;
    names_place(names, names->count);
    return names->first + names->count++;
}

const struct gql_name *gql_names_get(const struct gql_names *names, uint32_t id)
{
    return id < names->first ? &names->under->names[id] : &names->names[id - names->first];
}

uint32_t gql_names_count(const struct gql_names *names) { return names->first + names->count; }
