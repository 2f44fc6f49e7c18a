#include "services/chain/lists/lists.h"

#include <stdlib.h>
#include <string.h>

#include "services/chain/lists/parts.h"

void lists_init(struct lists *lists, const uint8_t seed[16])
{
    *lists = (struct lists){.count = 0};
    ledger_map_init(&lists->names, sizeof(struct list_name), LIST_NAME_MAX, LISTS_MOST, seed);
    ledger_map_init(&lists->marks, sizeof(struct list_place), LIST_PLACE_BYTES, LISTS_MARKS_MOST, seed);
}

static void free_list(struct list *list)
{
    for (uint32_t i = 0; i < list->owners_count; i++) {
        free(list->owners[i]->marks);
        free(list->owners[i]);
    }
    free(list->owners);
    free(list->mints);
    list_nodes_release(list->nodes);
    free(list);
}

void lists_finish(struct lists *lists)
{
    for (uint32_t i = 0; i < lists->count; i++) free_list(lists->all[i]);
    free(lists->all);
    free(lists->spare_list);
    if (lists->spare_owner) free(lists->spare_owner->marks);
    free(lists->spare_owner);
    ledger_map_finish(&lists->names);
    ledger_map_finish(&lists->marks);
    *lists = (struct lists){.count = 0};
}

// ---- Finding

bool lists_is_name(const char *name)
{
    size_t len = strlen(name);
    return len && len <= LIST_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static void name_key(const char *name, char key[LIST_NAME_MAX])
{
    memset(key, 0, LIST_NAME_MAX);
    memcpy(key, name, strlen(name));
}

struct list *lists_find(const struct lists *lists, const char *name)
{
    char key[LIST_NAME_MAX];
    if (!lists->count || !lists_is_name(name)) return NULL;
    name_key(name, key);
    const struct list_name *found = ledger_map_find(&lists->names, key);
    return found ? found->list : NULL;
}

const char LISTS_CARDS_NAME[] = "Role cards";

struct list *lists_get(const struct lists *lists, uint32_t number)
{
    return number && number <= lists->count ? lists->all[number - 1] : NULL;
}

uint32_t lists_of(const struct lists *lists, uint32_t account)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < lists->count; i++) count += lists->all[i]->account == account;
    return count;
}

struct list_owner *list_find_owner(const struct list *list, const uint8_t wallet[LIST_KEY_BYTES],
                                   uint32_t *place)
{
    uint32_t from = 0, to = list->owners_count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (memcmp(list->owners[middle]->wallet, wallet, LIST_KEY_BYTES) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (place) *place = from;
    bool found = from < list->owners_count && memcmp(list->owners[from]->wallet, wallet, LIST_KEY_BYTES) == 0;
    return found ? list->owners[from] : NULL;
}

struct list_mint *list_find_mint(const struct list *list, const uint8_t mint[LIST_KEY_BYTES], uint32_t *place)
{
    uint32_t from = 0, to = list->wanted;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (memcmp(list->mints[middle].mint, mint, LIST_KEY_BYTES) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (place) *place = from;
    bool found = from < list->wanted && memcmp(list->mints[from].mint, mint, LIST_KEY_BYTES) == 0;
    return found ? &list->mints[from] : NULL;
}

uint32_t list_points(const struct list *list, const uint8_t mint[LIST_KEY_BYTES])
{
    const struct list_mint *found = list_find_mint(list, mint, NULL);
    if (found) return found->points;
    return list->wanted ? 0 : 1;
}

static void place_key(const struct list *list, const uint8_t mint[LIST_KEY_BYTES],
                      uint8_t key[LIST_PLACE_BYTES])
{
    struct fields_writer writer = {key};
    fields_put_uint(&writer, list->number, 4);
    fields_put(&writer, mint, LIST_KEY_BYTES);
}

const struct list_owner *lists_marked(const struct lists *lists, const struct list *list,
                                      const uint8_t mint[LIST_KEY_BYTES])
{
    uint8_t key[LIST_PLACE_BYTES];
    place_key(list, mint, key);
    const struct list_place *place = lists->marks.count ? ledger_map_find(&lists->marks, key) : NULL;
    return place ? place->owner : NULL;
}

// ---- The tree

struct list_nodes *list_hold_nodes(const struct list *list)
{
    bool current = list->nodes && list->nodes->version == list->changed;
    return current ? list_nodes_hold(list->nodes) : NULL;
}

// An append that failed had the same number as the one that came in its place.
static bool is_tree_of(const struct list_nodes *nodes, const struct list *list)
{
    bool same = nodes->version == list->changed && nodes->leaves == list->owners_count;
    for (uint32_t i = 0; same && i < list->owners_count; i++)
        same = merkle_hash_equal(&nodes->nodes[i], &list->owners[i]->leaf);
    return same;
}

void list_keep_nodes(struct list *list, struct list_nodes *nodes)
{
    if (list->nodes == nodes || !is_tree_of(nodes, list)) return;
    list_nodes_release(list->nodes);
    list->nodes = list_nodes_hold(nodes);
}

// ---- Room

static bool reserve_room(void **items, size_t size, uint32_t *room, uint32_t wanted)
{
    uint32_t larger = *room ? *room : 4;
    if (wanted <= *room) return true;
    while (larger < wanted) larger *= 2;
    void *grown = realloc(*items, larger * size);
    if (!grown) return false;
    *items = grown;
    *room = larger;
    return true;
}

bool lists_reserve_list(struct lists *lists)
{
    void *all = lists->all;
    bool grown = reserve_room(&all, sizeof *lists->all, &lists->room, lists->count + 1);
    lists->all = all;
    if (!lists->spare_list) lists->spare_list = calloc(1, sizeof *lists->spare_list);
    return grown && lists->spare_list && ledger_map_reserve(&lists->names, 1);
}

bool list_reserve_mints(struct list *list, uint32_t more)
{
    void *mints = list->mints;
    bool grown = reserve_room(&mints, sizeof *list->mints, &list->wanted_room, list->wanted + more);
    list->mints = mints;
    return grown;
}

static bool reserve_owner(struct lists *lists, struct list *list)
{
    void *owners = list->owners;
    bool grown = reserve_room(&owners, sizeof *list->owners, &list->owners_room, list->owners_count + 1);
    list->owners = owners;
    if (!lists->spare_owner) lists->spare_owner = calloc(1, sizeof *lists->spare_owner);
    return grown && lists->spare_owner;
}

bool lists_reserve_marks(struct lists *lists, struct list *list, const uint8_t wallet[LIST_KEY_BYTES],
                         uint32_t more)
{
    struct list_owner *owner = list_find_owner(list, wallet, NULL);
    if (!owner && !reserve_owner(lists, list)) return false;
    if (!owner) owner = lists->spare_owner;
    void *marks = owner->marks;
    bool grown = reserve_room(&marks, sizeof *owner->marks, &owner->room, owner->count + more);
    owner->marks = marks;
    return grown && ledger_map_reserve(&lists->marks, more);
}

// ---- Adding

struct list *lists_add(struct lists *lists, const char *name)
{
    struct list *list = lists->spare_list;
    char key[LIST_NAME_MAX];
    lists->spare_list = NULL;
    lists->all[lists->count++] = list;
    list->number = lists->count;
    strcpy(list->name, name);
    name_key(name, key);
    struct list_name *named = ledger_map_put(&lists->names, key);
    named->list = list;
    return list;
}

void list_want(struct list *list, const uint8_t mint[LIST_KEY_BYTES], uint32_t points)
{
    uint32_t place;
    struct list_mint *found = list_find_mint(list, mint, &place);
    if (!found) {
        found = &list->mints[place];
        memmove(found + 1, found, (list->wanted++ - place) * sizeof *found);
        memcpy(found->mint, mint, sizeof found->mint);
    }
    found->points = points;
}

struct list_owner *lists_owner(struct lists *lists, struct list *list, const uint8_t wallet[LIST_KEY_BYTES])
{
    uint32_t place;
    struct list_owner *owner = list_find_owner(list, wallet, &place);
    if (owner) return owner;
    owner = lists->spare_owner;
    lists->spare_owner = NULL;
    memcpy(owner->wallet, wallet, sizeof owner->wallet);
    memmove(&list->owners[place + 1], &list->owners[place],
            (list->owners_count - place) * sizeof *list->owners);
    list->owners[place] = owner;
    list->owners_count++;
    return owner;
}

void lists_mark(struct lists *lists, struct list *list, struct list_owner *owner,
                const struct list_mark *mark)
{
    uint8_t key[LIST_PLACE_BYTES];
    place_key(list, mark->mint, key);
    struct list_place *place = ledger_map_put(&lists->marks, key);
    place->owner = owner;
    owner->marks[owner->count++] = *mark;
    owner->score += mark->points;
    list->marks++;
    list->burned += mark->way == LIST_BURNED;
    lists->marks_count++;
}
