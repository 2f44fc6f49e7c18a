#include "services/chain/handlers/shown.h"

#include <string.h>

#include "lib/base/base58.h"
#include "lib/base/stamp.h"

enum { ACCOUNT_TEXT = 48 };

const char *shown_account(const struct book *book, uint32_t account, struct arena *arena)
{
    char text[ACCOUNT_TEXT];
    const struct ledger_account *bytes = &book->accounts.holdings[account].account;
    return base58_encode(text, sizeof text, bytes->bytes, sizeof bytes->bytes) ? arena_str(arena, text)
                                                                               : NULL;
}

// ---- Balances

static bool add_balance(const struct book *book, uint32_t asset, int64_t amount, struct shown_balances *out,
                        struct arena *arena)
{
    Chain__Balance *balance = arena_new(arena, Chain__Balance);
    if (!balance) return false;
    chain__balance__init(balance);
    balance->kind = book->assets[asset].kind;
    balance->role_id = arena_str(arena, book->assets[asset].role_id);
    balance->amount = amount;
    out->balances[out->count++] = balance;
    return balance->role_id;
}

bool shown_balances(const struct book *book, uint32_t account, struct shown_balances *out,
                    struct arena *arena)
{
    *out = (struct shown_balances){arena_array(arena, book->assets_count, sizeof *out->balances), 0};
    if (!out->balances) return false;
    for (uint32_t asset = BOOK_CONSE; asset < book->assets_count; asset++) {
        int64_t amount = account == LEDGER_NO_ACCOUNT ? 0 : ledger_balance(&book->accounts, account, asset);
        if ((amount || asset == BOOK_CONSE) && !add_balance(book, asset, amount, out, arena)) return false;
    }
    return true;
}

// ---- Transactions

static bool is_by_key(const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_KEY_TRANSFERRED ||
           entry->body_case == LEDGER__ENTRY__BODY_COINIXERR_TRANSFERRED;
}

// In a transfer both see each other's account; whom one trades with, nobody is told.
static bool is_open(const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_TRANSFERRED ||
           entry->body_case == LEDGER__ENTRY__BODY_GRANTED || is_by_key(entry);
}

// People who transfer name each other. Who gives by a key has named an account, and learns no more of it.
static bool is_named(const Ledger__Entry *entry, uint32_t account, uint32_t viewer)
{
    return !is_by_key(entry) || account == viewer || viewer == LEDGER_NO_ACCOUNT;
}

static Chain__Movement *show_movement(const struct book *book, const Ledger__Posting *posting, bool named,
                                      struct arena *arena)
{
    const struct ledger_owner owner = ledger_owner_of(&book->accounts, posting->account);
    Chain__Movement *movement = arena_new(arena, Chain__Movement);
    if (!movement) return NULL;
    chain__movement__init(movement);
    movement->account = shown_account(book, posting->account, arena);
    movement->kind = book->assets[posting->asset].kind;
    movement->role_id = arena_str(arena, book->assets[posting->asset].role_id);
    movement->amount = posting->amount;
    if (named && owner.kind == LEDGER_USER) movement->user_id = arena_str(arena, uuid_text(owner.id).text);
    return arena->failed ? NULL : movement;
}

static Chain__OpenedLine *open_line(const Ledger__Entry *entry, size_t place, struct arena *arena)
{
    const struct merkle_hash blind = ledger_blind(entry->key.data, (uint16_t)place);
    Chain__OpenedLine *opened = arena_new(arena, Chain__OpenedLine);
    if (!opened) return NULL;
    chain__opened_line__init(opened);
    opened->place = (uint32_t)place;
    opened->asset = entry->postings[place]->asset;
    opened->blind = (ProtobufCBinaryData){sizeof blind, arena_copy(arena, &blind, sizeof blind)};
    return opened;
}

static void show_lines(const struct book *book, const Ledger__Entry *entry, uint32_t viewer,
                       Chain__Transaction *shown, struct arena *arena)
{
    bool all = viewer == LEDGER_NO_ACCOUNT || is_open(entry);
    shown->movements = arena_array(arena, entry->n_postings + 1, sizeof *shown->movements);
    shown->opened = arena_array(arena, entry->n_postings + 1, sizeof *shown->opened);
    for (size_t i = 0; i < entry->n_postings && !arena->failed; i++) {
        if (!all && entry->postings[i]->account != viewer) continue;
        bool named = is_named(entry, entry->postings[i]->account, viewer);
        shown->movements[shown->n_movements++] = show_movement(book, entry->postings[i], named, arena);
        shown->opened[shown->n_opened++] = open_line(entry, i, arena);
    }
}

// To who has it, and devs.
static Chain__CardOrigin *show_card(const Ledger__CardMade *made, struct arena *arena)
{
    Chain__CardOrigin *origin = arena_new(arena, Chain__CardOrigin);
    if (!origin) return NULL;
    chain__card_origin__init(origin);
    origin->number = made->card;
    origin->event_id = arena_str(arena, uuid_text(made->event.data).text);
    origin->deal = made->deal;
    return origin;
}

Chain__Transaction *shown_transaction(const struct book *book, const Ledger__Entry *entry, uint64_t number,
                                      uint32_t viewer, const char *memo, struct arena *arena)
{
    uint8_t record[LEDGER_RECORD_BYTES_MAX];
    Chain__Transaction *shown = arena_new(arena, Chain__Transaction);
    if (!shown) return NULL;
    chain__transaction__init(shown);
    shown->id = number;
    shown->time = stamp_new(arena, entry->time_ms);
    shown->kind = (Chain__Transaction__Kind)entry->body_case;
    shown->memo = memo;
    shown->record.len = book_record(book, entry, number, record);
    shown->record.data = arena_copy(arena, record, shown->record.len);
    show_lines(book, entry, viewer, shown, arena);
    if (entry->body_case == LEDGER__ENTRY__BODY_CARD_MADE) shown->card = show_card(entry->card_made, arena);
    return arena->failed ? NULL : shown;
}

bool shown_answer(struct book_call *b, const Ledger__Entry *entry, uint64_t number, uint32_t whose,
                  Chain__TransactionReply *reply, struct err *err)
{
    reply->transaction = shown_transaction(b->book, entry, number, whose, "", b->arena);
    reply->balance = ledger_balance(&b->book->accounts, whose, BOOK_CONSE);
    return book_filled(reply->transaction, err);
}
