#include "services/chain/book/undo.h"

#include <stdlib.h>
#include <string.h>

#include "services/chain/book/holders.h"
#include "services/chain/book/parts.h"

enum { FIRST_ROOM = 16, DAY_MS = 24 * 3600 * 1000 };

// What the entry does not say of the state before it.
struct undo_step {
    uint8_t *packed; // the entry, owned
    size_t len;
    struct ledger_blocks *blocks; // before a block's end; else NULL; owned
    struct till_before *till;     // of seats; else NULL; owned
    uint8_t newest_id[BOOK_ENTRY_ID_BYTES];
    int64_t newest_ms, open_ms;
    uint64_t open_first;
};

static void finish_step(struct undo_step *step)
{
    free(step->packed);
    free(step->blocks);
    free(step->till);
}

static void drop_first(struct book_undo *undo, size_t count)
{
    for (size_t i = 0; i < count; i++) finish_step(&undo->steps[i]);
    undo->count -= count;
    if (undo->count) memmove(undo->steps, undo->steps + count, undo->count * sizeof *undo->steps);
    undo->from += count;
}

void book_undo_finish(struct book_undo *undo)
{
    drop_first(undo, undo->count);
    free(undo->steps);
    *undo = (struct book_undo){.from = 0};
}

// ---- Noting

static bool is_of_seats(const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_PAYMENT_CHANGED ||
           entry->body_case == LEDGER__ENTRY__BODY_EVENT_CHANGED ||
           entry->body_case == LEDGER__ENTRY__BODY_FOLLOWED_TO;
}

static bool can_be_undone(const struct book *book, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_SEALED:
        return !book->successor_key;
    case LEDGER__ENTRY__BODY_TRANSFERRED:
        return entry->time_ms / DAY_MS <= book->spent.day; // else the day before is forgotten
    case LEDGER__ENTRY__BODY_ACCOUNT_OPENED:
    case LEDGER__ENTRY__BODY_MEMO:
    case LEDGER__ENTRY__BODY_GRANTED:
    case LEDGER__ENTRY__BODY_KEY_TRANSFERRED:
    case LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED:
        return true;
    default:
        return is_of_seats(entry);
    }
}

static bool make_room(struct book_undo *undo)
{
    if (undo->count < undo->room) return true;
    size_t room = undo->room ? undo->room * 2 : FIRST_ROOM;
    struct undo_step *steps = realloc(undo->steps, room * sizeof *steps);
    if (!steps) return false;
    undo->steps = steps;
    undo->room = room;
    return true;
}

// What the entry does not say of the parts that it changes.
static bool fill_parts(const struct book *book, const Ledger__Entry *entry, struct undo_step *step)
{
    if (entry->body_case == LEDGER__ENTRY__BODY_SEALED) {
        step->blocks = malloc(sizeof *step->blocks);
        if (step->blocks) *step->blocks = book->blocks;
        return step->blocks;
    }
    if (!is_of_seats(entry)) return true;
    step->till = malloc(sizeof *step->till);
    return step->till && till_note(&book->till, entry, step->till);
}

static bool fill_step(const struct book *book, const Ledger__Entry *entry, const ProtobufCBinaryData *packed,
                      struct undo_step *step)
{
    *step = (struct undo_step){.packed = malloc(packed->len),
                               .len = packed->len,
                               .newest_ms = book->newest_ms,
                               .open_ms = book->open_ms,
                               .open_first = book->open_first};
    if (!step->packed) return false;
    memcpy(step->packed, packed->data, packed->len);
    memcpy(step->newest_id, book->newest_id, sizeof step->newest_id);
    return fill_parts(book, entry, step);
}

// What is on the disk stays; behind what others stored it begins anew.
static void forget_stored(struct book *book, struct book_undo *undo)
{
    uint64_t stored = atomic_load(&book->durable_seq), more = stored > undo->from ? stored - undo->from : 0;
    drop_first(undo, more < undo->count ? (size_t)more : undo->count);
    if (undo->from + undo->count == book->seq) return;
    drop_first(undo, undo->count);
    undo->from = book->seq;
}

void book_undo_note(struct book *book, const Ledger__Entry *entry, const ProtobufCBinaryData *packed)
{
    struct book_undo *undo = &book->undo;
    forget_stored(book, undo);
    if (can_be_undone(book, entry) && make_room(undo)) {
        struct undo_step *step = &undo->steps[undo->count++];
        if (fill_step(book, entry, packed, step)) return;
    }
    drop_first(undo, undo->count);
    undo->from = book->seq + 1;
}

// ---- Taking back

static void give_back(struct book *book, const Ledger__Entry *entry)
{
    size_t touched = 0;
    for (size_t i = 0; i < entry->n_postings; i++) {
        const Ledger__Posting *posting = entry->postings[i];
        const struct ledger_posting back = {posting->account, posting->asset, -posting->amount};
        ledger_apply(&book->accounts, &back, 1);
        bool again = i && entry->postings[i - 1]->account == posting->account;
        if (!again) book->accounts.holdings[posting->account].touched = entry->before[touched++];
    }
}

static void undo_transfer(struct book *book, const Ledger__Entry *entry)
{
    for (size_t i = 0; i < entry->n_postings; i++)
        if (entry->postings[i]->amount < 0 && entry->postings[i]->asset == BOOK_CONSE)
            book_spend(book, entry->postings[i]->account, entry->postings[i]->amount, entry->time_ms);
}

static void undo_body(struct book *book, const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_ACCOUNT_OPENED:
        ledger_accounts_drop_newest(&book->accounts);
        break;
    case LEDGER__ENTRY__BODY_TRANSFERRED:
        undo_transfer(book, entry);
        break;
    case LEDGER__ENTRY__BODY_KEY_TRANSFERRED:
    case LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED:
        holders_undo(book, entry);
        break;
    default:
        break;
    }
}

static bool take_step_back(struct book *book, const struct undo_step *step)
{
    Ledger__Entry *entry = ledger__entry__unpack(NULL, step->len, step->packed);
    bool ok = entry && (!step->till || till_undo(&book->till, entry, step->till));
    if (ok) give_back(book, entry);
    if (ok) undo_body(book, entry);
    if (entry) ledger__entry__free_unpacked(entry, NULL);
    if (!ok) return false;
    if (step->blocks)
        book->blocks = *step->blocks;
    else
        book->blocks.count--;
    memcpy(book->newest_id, step->newest_id, sizeof book->newest_id);
    book->newest_ms = step->newest_ms;
    book->open_ms = step->open_ms;
    book->open_first = step->open_first;
    book->seq--;
    return true;
}

bool book_undo_all(struct book *book)
{
    struct book_undo *undo = &book->undo;
    uint64_t stored = atomic_load(&book->durable_seq);
    if (undo->from > stored || undo->from + undo->count != book->seq) return false;
    bool ok = true;
    while (ok && book->seq > stored) {
        ok = take_step_back(book, &undo->steps[--undo->count]);
        finish_step(&undo->steps[undo->count]);
    }
    book->committed_seq = book->seq;
    return ok;
}
