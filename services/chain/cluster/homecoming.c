#include "services/chain/cluster/homecoming.h"

#include <string.h>

#include "lib/base/base58.h"
#include "lib/base/clock.h"
#include "lib/names/names.h"
#include "services/chain/cluster/cluster.h"
#include "services/chain/minting/flow.h"

// What is asked of the node.
struct looking {
    const struct mintings_look *look;
    struct arena *arena;
    bool opened;  // the list
    bool waiting; // cards for whose wallets there was nobody yet
    struct solana_key list;
    struct homecoming_seen now;
    struct solana_key *mints; // that are there
    size_t count;
    struct solana_programs programs;
};

static bool begin_own(const struct looking *looking, struct book_call *b, bool fresh, struct err *err)
{
    *b = (struct book_call){.chain = looking->look->chain, .arena = looking->arena};
    return book_begin_own(b, clock_unix_ms(), fresh, err);
}

// ---- Which were burned

static bool homecoming_gather(struct looking *looking, struct err *err)
{
    AUTO_BOOK struct book_call b;
    if (!begin_own(looking, &b, false, err)) return false;
    const struct card_mints *mints = &b.book->exchange.mints;
    looking->opened = b.book->lists.cards_opened;
    memcpy(looking->list.bytes, b.book->lists.cards_address, sizeof looking->list.bytes);
    looking->waiting = mints->burned;
    looking->now.there = mints->there;
    looking->now.known = mints->burned + mints->back;
    looking->mints = arena_array(looking->arena, (size_t)mints->there + 1, sizeof *looking->mints);
    for (const struct card_mint *mint = NULL; looking->mints && (mint = mints_next(mints, mint));)
        if (mint->state == MINT_THERE)
            memcpy(looking->mints[looking->count++].bytes, mint->address, MINT_KEY_BYTES);
    return book_filled(looking->mints, err);
}

static bool read_accounts(const struct looking *looking, const struct solana_key *keys, size_t count,
                          struct reading *reading, struct err *err)
{
    struct solana_fault fault;
    return reading_accounts(looking->look->rpc, keys, count, looking->look->slot, reading, &fault) ||
           err_fail(err, CLUSTER_AWAY, "%s", fault.message);
}

static bool read_list(struct looking *looking, struct err *err)
{
    struct reading *reading = arena_new(looking->arena, struct reading);
    struct solana_list list;
    if (!reading) return book_filled(NULL, err);
    if (!read_accounts(looking, &looking->list, 1, reading, err)) return false;
    bool there = solana_list_read(&list, &reading->accounts[0], &looking->programs);
    looking->now.burned = there ? list.burned : 0;
    reading_finish(reading);
    return true;
}

void homecoming_enter(struct book_call *b, const struct solana_burned *burned)
{
    const struct lists *lists = &b->book->lists;
    const struct card_mint *mint = mints_at(&b->book->exchange.mints, burned->mint.bytes);
    bool ours = lists->cards_opened &&
                memcmp(lists->cards_address, burned->list.bytes, sizeof lists->cards_address) == 0;
    if (ours && mint && mint->state == MINT_THERE) minting_burn(b, mint, &burned->owner);
}

static bool enter_some(const struct looking *looking, const struct reading *reading, size_t count,
                       struct err *err)
{
    AUTO_BOOK struct book_call b;
    struct solana_burned burned;
    if (!begin_own(looking, &b, true, err)) return false;
    for (size_t i = 0; i < count && !b.failed; i++)
        if (solana_burned_read(&burned, &reading->accounts[i], &looking->programs))
            homecoming_enter(&b, &burned);
    return book_commit(&b, NULL, err);
}

static bool look_at_some(const struct looking *looking, size_t from, size_t count, struct err *err)
{
    struct reading *reading = arena_new(looking->arena, struct reading);
    struct solana_key keys[READING_KEYS_MAX];
    if (!reading) return book_filled(NULL, err);
    for (size_t i = 0; i < count; i++)
        solana_burned_address(&keys[i], &looking->programs, &looking->list, &looking->mints[from + i]);
    if (!read_accounts(looking, keys, count, reading, err)) return false;
    bool ok = enter_some(looking, reading, count, err);
    reading_finish(reading);
    return ok;
}

static bool look_at_burns(struct looking *looking, struct homecoming_seen *seen, struct err *err)
{
    bool ok = read_list(looking, err);
    if (!ok || memcmp(&looking->now, seen, sizeof *seen) == 0) return ok;
    for (size_t from = 0; ok && from < looking->count; from += READING_KEYS_MAX) {
        size_t left = looking->count - from;
        ok = look_at_some(looking, from, left < READING_KEYS_MAX ? left : READING_KEYS_MAX, err);
    }
    if (ok) *seen = looking->now;
    return ok;
}

// ---- Whose they are

struct burned_card {
    struct card_mint mint; // a copy
    struct ledger_owner owner;
};

static bool find_owner(const struct book *book, struct names *names, const struct card_mint *mint,
                       struct ledger_owner *owner)
{
    char text[NAME_WALLET];
    struct name_told told;
    bool known = base58_encode(text, sizeof text, mint->wallet, sizeof mint->wallet) &&
                 names_by_wallet(names, text, &told);
    if (known) *owner = book_user(told.user_id.text);
    return known && !book_is_leaving(book, owner);
}

void homecoming_give(struct book_call *b)
{
    const struct card_mints *mints = &b->book->exchange.mints;
    struct burned_card *all = arena_array(b->arena, (size_t)mints->burned + 1, sizeof *all);
    size_t count = 0;
    b->failed |= !all;
    if (b->failed || !mints->burned) return;
    for (const struct card_mint *mint = NULL; (mint = mints_next(mints, mint));)
        if (mint->state == MINT_BURNED && find_owner(b->book, b->chain->names, mint, &all[count].owner))
            all[count++].mint = *mint;
    for (size_t i = 0; i < count && !b->failed && b->count < BOOK_ENTRIES_AT_ONCE; i++) {
        uint32_t account = book_account(b, &all[i].owner);
        if (!b->failed) minting_give_back(b, &all[i].mint, account);
    }
}

static bool give_all(const struct looking *looking, struct err *err)
{
    AUTO_BOOK struct book_call b;
    if (!names_are_fresh(looking->look->chain->names)) return true; // nobody knows whose a wallet is now
    if (!begin_own(looking, &b, true, err)) return false;
    homecoming_give(&b);
    return book_commit(&b, NULL, err);
}

// ---- All

bool homecoming_look(const struct mintings_look *look, struct homecoming_seen *seen, struct arena *arena,
                     struct err *err)
{
    struct looking looking = {.look = look, .arena = arena};
    struct cluster_now now;
    cluster_now(look->chain->cluster, &now);
    looking.programs = now.programs;
    if (!homecoming_gather(&looking, err)) return false;
    if (looking.opened && looking.count && !look_at_burns(&looking, seen, err)) return false;
    return !looking.waiting || give_all(&looking, err);
}
