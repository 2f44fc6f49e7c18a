#include "services/chain/cluster/mintings.h"

#include <string.h>

#include "lib/base/clock.h"
#include "services/chain/minting/card.h"
#include "services/chain/minting/flow.h"

// Copies of those that may land.
struct sent_mints {
    struct card_mint *all;
    size_t count;
};

static bool mintings_gather(const struct mintings_look *look, struct sent_mints *sent, struct arena *arena,
                            struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = look->chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    const struct card_mints *mints = &b.book->exchange.mints;
    sent->all = arena_array(arena, mints->sent.count + 1, sizeof *sent->all);
    for (const struct card_mint *mint = NULL; sent->all && (mint = mints_next_sent(mints, mint));)
        sent->all[sent->count++] = *mint;
    return book_filled(sent->all, err);
}

// Another process may have judged it, and its account begun another one.
static const struct card_mint *find_same(const struct book *book, const struct card_mint *mint)
{
    const struct card_mint *now = mints_find(&book->exchange.mints, mint->asset, mint->card);
    bool same = now && now->state == MINT_SENT && now->last_valid_height == mint->last_valid_height &&
                memcmp(now->address, mint->address, sizeof now->address) == 0;
    return same ? now : NULL;
}

void mintings_judge(struct book_call *b, const struct card_mint *mint, const struct solana_account *account,
                    uint64_t height)
{
    const struct card_mint *now = find_same(b->book, mint);
    if (!now) return;
    if (card_is_there(account))
        minting_move(b, now, MINT_THERE);
    else if (height > now->last_valid_height)
        minting_move(b, now, MINT_DEAD);
}

static bool judge_some(const struct mintings_look *look, const struct card_mint *mints, size_t count,
                       const struct reading *reading, struct arena *arena, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = look->chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    for (size_t i = 0; i < count && !b.failed; i++)
        mintings_judge(&b, &mints[i], &reading->accounts[i], look->height);
    return book_commit(&b, NULL, err);
}

static bool look_at_some(const struct mintings_look *look, const struct card_mint *mints, size_t count,
                         struct arena *arena, struct err *err)
{
    struct reading *reading = arena_new(arena, struct reading);
    struct solana_key keys[READING_KEYS_MAX];
    struct solana_fault fault;
    if (!reading) return book_filled(NULL, err);
    for (size_t i = 0; i < count; i++) memcpy(keys[i].bytes, mints[i].address, sizeof keys[i].bytes);
    if (!reading_accounts(look->rpc, keys, count, look->slot, reading, &fault))
        return err_fail(err, CLUSTER_AWAY, "%s", fault.message);
    bool ok = judge_some(look, mints, count, reading, arena, err);
    reading_finish(reading);
    return ok;
}

bool mintings_look(const struct mintings_look *look, struct arena *arena, struct err *err)
{
    struct sent_mints sent = {.count = 0};
    bool ok = mintings_gather(look, &sent, arena, err);
    for (size_t from = 0; ok && from < sent.count; from += READING_KEYS_MAX) {
        size_t left = sent.count - from, count = left < READING_KEYS_MAX ? left : READING_KEYS_MAX;
        ok = look_at_some(look, sent.all + from, count, arena, err);
    }
    return ok;
}
