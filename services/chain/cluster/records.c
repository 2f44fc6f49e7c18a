#include "services/chain/cluster/records.h"

#include <string.h>

#include "lib/base/log.h"
#include "services/chain/burn/burn.h"
#include "services/chain/cluster/history.h"

// ---- Which

struct records_list *records_lists(const struct book *book, struct arena *arena, size_t *count)
{
    const struct lists *lists = &book->lists;
    struct records_list *all = arena_array(arena, (size_t)lists->count + 1, sizeof *all);
    *count = 0;
    for (uint32_t i = 0; all && i < lists->count; i++) {
        const struct list *list = lists->all[i];
        if (!list->opened) continue;
        struct records_list *of = &all[(*count)++];
        *of = (struct records_list){.number = list->number, .burned = list->burned, .wanted = list->wanted};
        memcpy(of->address.bytes, list->address, sizeof of->address.bytes);
    }
    return all;
}

bool records_fill(struct records_list *list, const struct book *book, struct arena *arena)
{
    const struct list *of = lists_get(&book->lists, list->number);
    list->mints = arena_array(arena, (size_t)of->wanted + 1, sizeof *list->mints);
    list->mints_count = 0;
    list->wanted = of->wanted;
    for (uint32_t i = 0; list->mints && i < of->wanted; i++) {
        if (lists_marked(&book->lists, of, of->mints[i].mint)) continue;
        memcpy(list->mints[list->mints_count++].bytes, of->mints[i].mint, LIST_KEY_BYTES);
    }
    return list->mints;
}

// ---- Who burned

struct burned_at {
    const struct solana_programs *programs;
    const struct solana_key *record;
};

static bool is_burned_by(const void *arg, const struct solana_landed *landed)
{
    const struct burned_at *at = arg;
    return burn_made(landed, at->programs, at->record);
}

// ---- Reading

static bool read_record(const struct records_search *search, const struct solana_account *account,
                        const struct solana_key *address, struct records *records)
{
    struct record *record = &records->all[records->count];
    bool found;
    if (!solana_burned_read(&record->burned, account, search->programs)) return true;
    const struct burned_at at = {search->programs, address};
    const struct history_search of = {search->rpc, *address, is_burned_by, &at};
    if (!history_find(&of, records->page, &record->signature, &found)) return false;
    records->count += found;
    records->whole &= found;
    return true;
}

bool records_read(const struct records_search *search, size_t from, struct records *records)
{
    const struct records_list *list = search->list;
    size_t left = list->mints_count - from, count = left < RECORDS_AT_ONCE ? left : RECORDS_AT_ONCE;
    struct reading *reading = &records->reading;
    struct solana_key keys[RECORDS_AT_ONCE] = {{{0}}};
    struct solana_fault fault;
    records->count = 0;
    records->whole = true;
    for (size_t i = 0; i < count; i++)
        solana_burned_address(&keys[i], search->programs, &list->address, &list->mints[from + i]);
    if (!reading_accounts(search->rpc, keys, count, search->min_slot, reading, &fault)) return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = read_record(search, &reading->accounts[i], &keys[i], records);
    reading_finish(reading);
    return ok;
}

// ---- Entering

static bool has_room(const struct book *book, const struct list *list, const struct solana_burned *burned)
{
    const struct list_owner *owner = list_find_owner(list, burned->owner.bytes, NULL);
    bool room = list->marks < LIST_MARKS_MOST && book->lists.marks_count < LISTS_MARKS_MOST &&
                (!owner || owner->count < LIST_OWNER_MARKS_MOST);
    if (!room) log_warn("chain.burns", F_STR("no room on the whitelist", list->name));
    return room;
}

void records_enter(struct book_call *b, const struct records_list *list, const struct record *record)
{
    const struct solana_burned *burned = &record->burned;
    const struct list *of = lists_get(&b->book->lists, list->number);
    const struct list_mint *wanted = list_find_mint(of, burned->mint.bytes, NULL);
    bool ours = wanted && memcmp(of->address, burned->list.bytes, sizeof of->address) == 0;
    if (!ours || lists_marked(&b->book->lists, of, burned->mint.bytes) || !has_room(b->book, of, burned))
        return;
    Ledger__ListMint mint = LEDGER__LIST_MINT__INIT, *mints[] = {&mint};
    Ledger__ListEntered entered = LEDGER__LIST_ENTERED__INIT;
    mint.mint = (ProtobufCBinaryData){LIST_KEY_BYTES, (uint8_t *)burned->mint.bytes};
    mint.points = wanted->points;
    entered.list = of->number;
    entered.wallet = (ProtobufCBinaryData){LIST_KEY_BYTES, (uint8_t *)burned->owner.bytes};
    entered.mints = mints;
    entered.n_mints = 1;
    entered.way = LIST_BURNED;
    entered.at_ms = burned->since_s * 1000;
    entered.signature = (ProtobufCBinaryData){LIST_SIGNATURE_BYTES, (uint8_t *)record->signature.bytes};
    book_add(b, LEDGER__ENTRY__BODY_LIST_ENTERED, &entered.base, NULL, 0);
}
