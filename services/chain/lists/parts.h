// Parts of the lists. Private to the room.
#ifndef CHAIN_LISTS_PARTS_H
#define CHAIN_LISTS_PARTS_H

#include "services/chain/lists/lists.h"

enum { LIST_PLACE_BYTES = 4 + LIST_KEY_BYTES };

// A list's name, filled up with zeros.
struct list_name {
    uint64_t hash;
    char name[LIST_NAME_MAX];
    struct list *list; // owned
};
// A mint that is on a list.
struct list_place {
    uint64_t hash;
    uint8_t key[LIST_PLACE_BYTES];
    struct list_owner *owner;
};

// Each makes room, so that adding can't fail. False without memory.
bool lists_reserve_list(struct lists *lists);
bool list_reserve_mints(struct list *list, uint32_t more);
bool lists_reserve_marks(struct lists *lists, struct list *list, const uint8_t wallet[LIST_KEY_BYTES],
                         uint32_t more);

struct list *lists_add(struct lists *lists, const char *name); // there is none of that name
void list_want(struct list *list, const uint8_t mint[LIST_KEY_BYTES], uint32_t points);
// The wallet's; a new one when it is not on the list.
struct list_owner *lists_owner(struct lists *lists, struct list *list, const uint8_t wallet[LIST_KEY_BYTES]);
// A mint that is not on the list. The owner's leaf is not made anew.
void lists_mark(struct lists *lists, struct list *list, struct list_owner *owner,
                const struct list_mark *mark);

#endif
