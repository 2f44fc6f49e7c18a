// What an entry does to the lists: whether it may follow, then that it does.
#include <string.h>

#include "services/chain/lists/parts.h"

static bool is_key(const ProtobufCBinaryData *bytes) { return bytes->len == LIST_KEY_BYTES; }

static bool is_mint(const Ledger__ListMint *mint)
{
    return is_key(&mint->mint) && mint->points && mint->points <= LIST_POINTS_MOST;
}

static bool has_twice(Ledger__ListMint *const *mints, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (memcmp(mints[i]->mint.data, mints[k]->mint.data, LIST_KEY_BYTES) == 0) return true;
    return false;
}

// ---- A new list

static const char *check_made(struct lists *lists, const struct ledger_accounts *accounts,
                              const Ledger__ListMade *made)
{
    if (made->list != lists->count + 1 || made->list > LISTS_MOST) return "it makes no list";
    if (!lists_is_name(made->name) || lists_find(lists, made->name)) return "a list can't have its name";
    if (made->account >= accounts->count) return "nobody makes the list";
    return lists_reserve_list(lists) ? NULL : "there is no memory for it";
}

static void apply_made(struct lists *lists, const Ledger__Entry *entry, uint64_t seq)
{
    struct list *list = lists_add(lists, entry->list_made->name);
    list->account = entry->list_made->account;
    list->made_ms = list->changed_ms = entry->time_ms;
    list->changed = seq;
}

// ---- What a list takes

static const char *check_wanted(struct lists *lists, const Ledger__ListWanted *wanted)
{
    struct list *list = lists_get(lists, wanted->list);
    uint32_t more = 0;
    if (!list) return "there is no such list";
    if (!wanted->n_mints || wanted->n_mints > LIST_AT_ONCE) return "it wants nothing, or too much";
    for (size_t i = 0; i < wanted->n_mints; i++) {
        const Ledger__ListMint *mint = wanted->mints[i];
        if (!is_mint(mint)) return "it wants no mint";
        more += !list_find_mint(list, mint->mint.data, NULL);
    }
    if (has_twice(wanted->mints, wanted->n_mints)) return "it wants a mint twice";
    if (list->wanted + more > LIST_WANTED_MOST) return "the list wants too many";
    return list_reserve_mints(list, more) ? NULL : "there is no memory for it";
}

static void apply_wanted(struct lists *lists, const Ledger__ListWanted *wanted)
{
    struct list *list = lists_get(lists, wanted->list);
    for (size_t i = 0; i < wanted->n_mints; i++)
        list_want(list, wanted->mints[i]->mint.data, wanted->mints[i]->points);
}

// ---- What a wallet gets

static bool is_way(const Ledger__ListEntered *entered)
{
    bool burned = entered->way == LIST_BURNED;
    return (burned || entered->way == LIST_APPROVED) &&
           entered->signature.len == (burned ? (size_t)LIST_SIGNATURE_BYTES : 0) && entered->at_ms >= 0;
}

static const char *check_mints(const struct lists *lists, const struct list *list,
                               const Ledger__ListEntered *entered)
{
    if (!entered->n_mints || entered->n_mints > LIST_AT_ONCE) return "it enters nothing, or too much";
    for (size_t i = 0; i < entered->n_mints; i++) {
        const Ledger__ListMint *mint = entered->mints[i];
        if (!is_mint(mint)) return "it enters no mint";
        if (lists_marked(lists, list, mint->mint.data)) return "a mint is on the list";
    }
    return has_twice(entered->mints, entered->n_mints) ? "it enters a mint twice" : NULL;
}

static bool has_place(const struct lists *lists, const struct list *list, const Ledger__ListEntered *entered)
{
    const struct list_owner *owner = list_find_owner(list, entered->wallet.data, NULL);
    return list->marks + entered->n_mints <= LIST_MARKS_MOST &&
           lists->marks_count + entered->n_mints <= LISTS_MARKS_MOST &&
           (owner ? owner->count : 0) + entered->n_mints <= LIST_OWNER_MARKS_MOST;
}

static const char *check_entered(struct lists *lists, const Ledger__ListEntered *entered)
{
    struct list *list = lists_get(lists, entered->list);
    if (!list) return "there is no such list";
    if (!is_key(&entered->wallet) || !is_way(entered)) return "it enters nobody";
    const char *wrong = check_mints(lists, list, entered);
    if (wrong) return wrong;
    if (!has_place(lists, list, entered)) return "the list is full";
    bool reserved = lists_reserve_marks(lists, list, entered->wallet.data, (uint32_t)entered->n_mints);
    return reserved ? NULL : "there is no memory for it";
}

static void apply_entered(struct lists *lists, const Ledger__Entry *entry, uint64_t seq)
{
    const Ledger__ListEntered *entered = entry->list_entered;
    struct list *list = lists_get(lists, entered->list);
    struct list_owner *owner = lists_owner(lists, list, entered->wallet.data);
    for (size_t i = 0; i < entered->n_mints; i++) {
        struct list_mark mark = {.way = (uint8_t)entered->way,
                                 .points = entered->mints[i]->points,
                                 .time_ms = entered->way == LIST_BURNED ? entered->at_ms : entry->time_ms};
        memcpy(mark.mint, entered->mints[i]->mint.data, sizeof mark.mint);
        if (entered->signature.len) memcpy(mark.signature, entered->signature.data, sizeof mark.signature);
        lists_mark(lists, list, owner, &mark);
    }
    owner->leaf = list_leaf(owner->wallet, owner->score, owner->marks, owner->count);
    list->changed = seq;
    list->changed_ms = entry->time_ms;
}

// ---- On the cluster

static const char *check_opened(const struct lists *lists, const Ledger__ListOpened *opened)
{
    const struct list *list = lists_get(lists, opened->list);
    bool opens = opened->list ? list && !list->opened : !lists->cards_opened;
    if (!opens) return "it opens no list";
    return is_key(&opened->address) ? NULL : "it has no address";
}

static void apply_opened(struct lists *lists, const Ledger__ListOpened *opened)
{
    struct list *list = lists_get(lists, opened->list);
    if (!list) {
        lists->cards_opened = true;
        memcpy(lists->cards_address, opened->address.data, sizeof lists->cards_address);
        return;
    }
    list->opened = true;
    memcpy(list->address, opened->address.data, sizeof list->address);
}

// ---- All

const char *lists_check(struct lists *lists, const struct ledger_accounts *accounts,
                        const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_LIST_MADE:
        return check_made(lists, accounts, entry->list_made);
    case LEDGER__ENTRY__BODY_LIST_WANTED:
        return check_wanted(lists, entry->list_wanted);
    case LEDGER__ENTRY__BODY_LIST_ENTERED:
        return check_entered(lists, entry->list_entered);
    case LEDGER__ENTRY__BODY_LIST_OPENED:
        return check_opened(lists, entry->list_opened);
    default:
        return NULL;
    }
}

void lists_apply(struct lists *lists, const Ledger__Entry *entry, uint64_t seq)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_LIST_MADE:
        apply_made(lists, entry, seq);
        break;
    case LEDGER__ENTRY__BODY_LIST_WANTED:
        apply_wanted(lists, entry->list_wanted);
        break;
    case LEDGER__ENTRY__BODY_LIST_ENTERED:
        apply_entered(lists, entry, seq);
        break;
    case LEDGER__ENTRY__BODY_LIST_OPENED:
        apply_opened(lists, entry->list_opened);
        break;
    default:
        break;
    }
}
