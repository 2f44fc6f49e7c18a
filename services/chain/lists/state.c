// The lists as bytes, for the ledger's snapshots.
#include <string.h>

#include "services/chain/lists/parts.h"

enum {
    LIST_BYTES =
        LIST_NAME_MAX + 4 + 8 + 8 + 8 + 1 + LIST_KEY_BYTES + 4 + 4, // without its owners and what it wants
    WANTED_BYTES = LIST_KEY_BYTES + 4,
    OWNER_BYTES = LIST_KEY_BYTES + 4,
    MARK_BYTES = LIST_KEY_BYTES + 1 + 4 + 8 + LIST_SIGNATURE_BYTES
};

// ---- Writing

size_t lists_size(const struct lists *lists)
{
    size_t size = 4 + 1 + LIST_KEY_BYTES + lists->marks_count * MARK_BYTES;
    for (uint32_t i = 0; i < lists->count; i++)
        size += LIST_BYTES + (size_t)lists->all[i]->wanted * WANTED_BYTES +
                (size_t)lists->all[i]->owners_count * OWNER_BYTES;
    return size;
}

static void write_wanted(const struct list *list, struct fields_writer *writer)
{
    fields_put_uint(writer, list->wanted, 4);
    for (uint32_t i = 0; i < list->wanted; i++) {
        fields_put(writer, list->mints[i].mint, LIST_KEY_BYTES);
        fields_put_uint(writer, list->mints[i].points, 4);
    }
}

static void write_owner(const struct list_owner *owner, struct fields_writer *writer)
{
    fields_put(writer, owner->wallet, sizeof owner->wallet);
    fields_put_uint(writer, owner->count, 4);
    for (uint32_t i = 0; i < owner->count; i++) {
        const struct list_mark *mark = &owner->marks[i];
        fields_put(writer, mark->mint, sizeof mark->mint);
        fields_put_uint(writer, mark->way, 1);
        fields_put_uint(writer, mark->points, 4);
        fields_put_uint(writer, (uint64_t)mark->time_ms, 8);
        fields_put(writer, mark->signature, sizeof mark->signature);
    }
}

static void write_list(const struct list *list, struct fields_writer *writer)
{
    char name[LIST_NAME_MAX] = "";
    memcpy(name, list->name, strlen(list->name));
    fields_put(writer, name, sizeof name);
    fields_put_uint(writer, list->account, 4);
    fields_put_uint(writer, (uint64_t)list->made_ms, 8);
    fields_put_uint(writer, (uint64_t)list->changed_ms, 8);
    fields_put_uint(writer, list->changed, 8);
    fields_put_uint(writer, list->opened, 1);
    fields_put(writer, list->address, sizeof list->address);
    write_wanted(list, writer);
    fields_put_uint(writer, list->owners_count, 4);
    for (uint32_t i = 0; i < list->owners_count; i++) write_owner(list->owners[i], writer);
}

void lists_write(const struct lists *lists, struct fields_writer *writer)
{
    fields_put_uint(writer, lists->cards_opened, 1);
    fields_put(writer, lists->cards_address, sizeof lists->cards_address);
    fields_put_uint(writer, lists->count, 4);
    for (uint32_t i = 0; i < lists->count; i++) write_list(lists->all[i], writer);
}

// ---- Reading

static bool read_wanted(struct list *list, struct fields_reader *reader)
{
    uint8_t mint[LIST_KEY_BYTES];
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (count > LIST_WANTED_MOST || !list_reserve_mints(list, count)) return false;
    for (uint32_t i = 0; i < count; i++) {
        fields_get(reader, mint, sizeof mint);
        uint32_t points = (uint32_t)fields_get_uint(reader, 4);
        if (!points || points > LIST_POINTS_MOST || list_find_mint(list, mint, NULL)) return false;
        list_want(list, mint, points);
    }
    return !reader->failed;
}

static bool read_mark(struct list_mark *mark, struct fields_reader *reader)
{
    fields_get(reader, mark->mint, sizeof mark->mint);
    mark->way = (uint8_t)fields_get_uint(reader, 1);
    mark->points = (uint32_t)fields_get_uint(reader, 4);
    mark->time_ms = (int64_t)fields_get_uint(reader, 8);
    fields_get(reader, mark->signature, sizeof mark->signature);
    return !reader->failed && (mark->way == LIST_APPROVED || mark->way == LIST_BURNED) && mark->points &&
           mark->points <= LIST_POINTS_MOST;
}

static bool read_owner(struct lists *lists, struct list *list, struct fields_reader *reader)
{
    uint8_t wallet[LIST_KEY_BYTES];
    struct list_mark mark;
    fields_get(reader, wallet, sizeof wallet);
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    bool fits = count && count <= LIST_OWNER_MARKS_MOST && list->marks + count <= LIST_MARKS_MOST &&
                !list_find_owner(list, wallet, NULL);
    if (!fits || !lists_reserve_marks(lists, list, wallet, count)) return false;
    struct list_owner *owner = lists_owner(lists, list, wallet);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_mark(&mark, reader) || lists_marked(lists, list, mark.mint)) return false;
        lists_mark(lists, list, owner, &mark);
    }
    owner->leaf = list_leaf(wallet, owner->score, owner->marks, owner->count);
    return true;
}

static bool read_list(struct lists *lists, struct fields_reader *reader)
{
    char name[LIST_NAME_MAX + 1] = "";
    fields_get(reader, name, LIST_NAME_MAX);
    if (!lists_is_name(name) || lists_find(lists, name) || !lists_reserve_list(lists)) return false;
    struct list *list = lists_add(lists, name);
    list->account = (uint32_t)fields_get_uint(reader, 4);
    list->made_ms = (int64_t)fields_get_uint(reader, 8);
    list->changed_ms = (int64_t)fields_get_uint(reader, 8);
    list->changed = fields_get_uint(reader, 8);
    list->opened = fields_get_uint(reader, 1);
    fields_get(reader, list->address, sizeof list->address);
    if (!read_wanted(list, reader)) return false;
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    for (uint32_t i = 0; i < count; i++)
        if (!read_owner(lists, list, reader)) return false;
    return !reader->failed;
}

bool lists_read(struct lists *lists, struct fields_reader *reader)
{
    lists->cards_opened = fields_get_uint(reader, 1);
    fields_get(reader, lists->cards_address, sizeof lists->cards_address);
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (reader->failed || count > LISTS_MOST) return false;
    for (uint32_t i = 0; i < count; i++)
        if (!read_list(lists, reader)) return false;
    return true;
}
