#include "services/chain/handlers/paid.h"

#include <string.h>

#include "lib/base/stamp.h"
#include "lib/schema/passport.h"
#include "services/chain/outbox/outbox.h"
#include "services/chain/rows/rows.h"
#include "services/chain/solana/key.h"
#include "services/chain/tables.h"

enum { ROWS_AT_ONCE = 100, PAYMENTS_MOST = 1000 };

// ---- Who

uint32_t paid_caller(const struct book_call *b)
{
    const struct ledger_owner owner = book_user(b->call->caller->user_id);
    return ledger_accounts_find(&b->book->accounts, &owner);
}

bool paid_leads(const struct book_call *b, uint32_t god)
{
    return b->call->caller->level == LEVEL_DEV || (god && paid_caller(b) == god);
}

// ---- Finding

static void take_open(struct till_payment *found, struct paid *paid)
{
    *paid = (struct paid){.account = found->account,
                          .god = found->event->god,
                          .winner = found->winner,
                          .disputes = found->disputes,
                          .open = found};
    paid->payment = found->payment;
}

void paid_refresh(struct paid *paid)
{
    if (paid->open) take_open(paid->open, paid);
}

static bool take_row(const Ledger__PaymentRow *row, uint32_t god, struct paid *paid)
{
    *paid = (struct paid){.god = god};
    if (!row->payment || !stored_payment_read(row->payment, &paid->payment)) return false;
    paid->account = row->payment->account;
    paid->winner = row->payment->winner;
    return true;
}

static bool find_row(const struct book_call *b, enum chain_table table, const char *id, void *row,
                     struct err *err)
{
    uint64_t version;
    return store_get(b->chain->store, &chain_tables[table], id, b->arena, (ProtobufCMessage **)row, &version,
                     err);
}

static bool find_stored(const struct book_call *b, const char *payment_id, struct paid *paid, struct err *err)
{
    Ledger__PaymentRow *row;
    Ledger__PaidEventRow *event = NULL;
    if (!find_row(b, CHAIN_PAYMENTS, payment_id, &row, err) ||
        (row && !find_row(b, CHAIN_PAID_EVENTS, row->event_id, &event, err)))
        return false;
    if (!row) return err_fail(err, NOT_FOUND, "there is no such payment");
    return take_row(row, event ? event->god : 0, paid) ||
           err_fail(err, STORE_CORRUPT, "the row of payment %s is none", payment_id);
}

bool paid_begin(struct book_call *b, const char *payment_id, struct paid *paid, struct err *err)
{
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(payment_id, id);
    if (!book_begin(b, err)) return false;
    struct till_payment *found = till_find_payment(&b->book->till, id);
    if (found) return take_open(found, paid), true;
    // What is stored is read without the lock.
    return rows_reach(b, err) && find_stored(b, payment_id, paid, err) && book_begin(b, err);
}

// ---- Of an event

static bool list_open(const struct book_call *b, const struct till_event *event, struct paid_list *list,
                      struct err *err)
{
    list->god = event->god;
    list->items = arena_array(b->arena, event->count + 1, sizeof *list->items);
    if (!list->items) return book_filled(NULL, err);
    for (struct till_payment *of = event->first; of; of = of->next)
        take_open(of, &list->items[list->count++]);
    return true;
}

static bool list_page(const struct book_call *b, struct paid_list *list, const char *event_id,
                      const char **token, struct err *err)
{
    struct store_rows rows;
    const struct store_query query = {.index = "by_event",
                                      .equal = {{.text = event_id}},
                                      .equal_count = 1,
                                      .limit = ROWS_AT_ONCE,
                                      .page_token = *token};
    if (!store_find(b->chain->store, &chain_tables[CHAIN_PAYMENTS], &query, b->arena, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count && list->count < PAYMENTS_MOST; i++)
        if (take_row((const Ledger__PaymentRow *)rows.messages[i], list->god, &list->items[list->count]))
            list->count++;
    *token = rows.next_page_token;
    return true;
}

static bool list_stored(const struct book_call *b, const char *event_id, struct paid_list *list,
                        struct err *err)
{
    Ledger__PaidEventRow *event;
    const char *token = "";
    if (!find_row(b, CHAIN_PAID_EVENTS, event_id, &event, err)) return false;
    if (!event) return err_fail(err, NOT_FOUND, "no seat of this event costs anything");
    list->god = event->god;
    list->items = arena_array(b->arena, PAYMENTS_MOST, sizeof *list->items);
    if (!list->items) return book_filled(NULL, err);
    do {
        if (!list_page(b, list, event_id, &token, err)) return false;
    } while (*token && list->count < PAYMENTS_MOST);
    return true;
}

bool paid_list_begin(struct book_call *b, const char *event_id, struct paid_list *list, struct err *err)
{
    uint8_t id[TILL_ID_BYTES];
    *list = (struct paid_list){.count = 0};
    uuid_bytes(event_id, id);
    if (!book_begin(b, err)) return false;
    const struct till_event *event = till_find_event(&b->book->till, id);
    if (event) return list_open(b, event, list, err);
    return rows_reach(b, err) && list_stored(b, event_id, list, err) && book_begin(b, err);
}

// ---- Showing

// What the cluster knows of it.
static void show_ticket(const struct receipt *receipt, Chain__Payment__Receipt *shown, struct arena *arena)
{
    struct solana_key payer;
    struct solana_signature signature;
    char payer_text[SOLANA_KEY_TEXT], text[SOLANA_SIGNATURE_TEXT];
    memcpy(payer.bytes, receipt->payer.bytes, sizeof payer.bytes);
    memcpy(signature.bytes, receipt->id, sizeof signature.bytes);
    solana_key_format(&payer, payer_text);
    solana_signature_format(&signature, text);
    shown->slot = receipt->slot;
    shown->credit = receipt->way == RECEIPT_CREDIT;
    if (!shown->credit) shown->payer = arena_str(arena, payer_text);
    if (receipt_is_signed(receipt)) shown->signature = arena_str(arena, text);
}

static Chain__Payment__Receipt *show_receipt(const struct receipt *receipt, struct arena *arena)
{
    Chain__Payment__Receipt *shown = arena_new(arena, Chain__Payment__Receipt);
    if (!shown) return NULL;
    chain__payment__receipt__init(shown);
    shown->amount = receipt->amount;
    shown->time = stamp_new(arena, receipt->at_ms);
    shown->settled = receipt->settled;
    shown->counts = receipt->class == RECEIPT_VALID;
    if (receipt_is_ticket(receipt)) show_ticket(receipt, shown, arena);
    return shown;
}

static Chain__Payment__Refund *show_refund(const struct refund *refund, struct arena *arena)
{
    Chain__Payment__Refund *shown = arena_new(arena, Chain__Payment__Refund);
    if (!shown) return NULL;
    chain__payment__refund__init(shown);
    shown->amount = refund->amount;
    shown->time = stamp_new(arena, refund->since_ms);
    shown->state = (Chain__Payment__Refund__State)(refund->state + 1);
    shown->credit = refund->to == REFUND_TO_CREDIT || refund->state == REFUND_CREDITED;
    return shown;
}

static void show_money(const struct payment *payment, Chain__Payment *shown, struct arena *arena)
{
    shown->price = payment->standing.price;
    shown->due = payment_due(payment);
    shown->received = payment_received(payment);
    shown->kept = payment->standing.kept;
    shown->refunded = payment_refunded(payment);
    shown->credited = payment_credited(payment);
    shown->receipts = arena_array(arena, PAYMENT_RECEIPTS_MAX, sizeof *shown->receipts);
    shown->refunds = arena_array(arena, PAYMENT_REFUNDS_MAX, sizeof *shown->refunds);
    if (arena->failed) return;
    for (; shown->n_receipts < payment->receipt_count; shown->n_receipts++)
        shown->receipts[shown->n_receipts] = show_receipt(&payment->receipts[shown->n_receipts], arena);
    for (; shown->n_refunds < payment->refund_count; shown->n_refunds++)
        shown->refunds[shown->n_refunds] = show_refund(&payment->refunds[shown->n_refunds], arena);
}

static void show_flags(const struct paid *paid, Chain__Payment *shown)
{
    uint8_t flags = paid->payment.standing.flags;
    shown->comp = paid->payment.comp;
    shown->winner = paid->winner;
    shown->disputes = paid->disputes;
    shown->late = flags & PAYMENT_LATE;
    shown->over = flags & PAYMENT_OVER;
    shown->short_ = flags & PAYMENT_SHORT;
    shown->duplicate = flags & PAYMENT_DUPLICATE;
    shown->foreign = flags & PAYMENT_FOREIGN;
}

// On the cluster who won is paid one by one, so the pot may be divided while somebody waits for their part.
static enum payment_state state_of_part(const struct book_call *b, const struct till_payment *open)
{
    struct outbox_aim pay = {.kind = OUTBOX_PAY_TICKET, .reference = open->payment.standing.reference};
    memcpy(pay.subject, open->id, sizeof pay.subject);
    const struct outbox_job *job = outbox_find(&b->book->outbox, &pay);
    if (!open->winner) return STATE_PAID_OUT;
    return job && outbox_is_apart(job) ? STATE_PAYOUT_STUCK : STATE_PAYING_OUT;
}

enum payment_state paid_state(const struct book_call *b, const struct paid *paid)
{
    enum payment_state state = payment_state(&paid->payment);
    bool divided = paid->open && paid->open->event->cluster.state == TILL_SETTLED;
    return state == STATE_DONE && divided ? state_of_part(b, paid->open) : state;
}

Chain__Payment *paid_shown(const struct book_call *b, const struct paid *paid)
{
    const struct payment *payment = &paid->payment;
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, paid->account);
    enum payment_state state = paid_state(b, paid);
    Chain__Payment *shown = arena_new(b->arena, Chain__Payment);
    if (!shown) return NULL;
    chain__payment__init(shown);
    shown->id = arena_str(b->arena, payment->id.text);
    shown->event_id = arena_str(b->arena, payment->event_id.text);
    if (owner.kind == LEDGER_USER) shown->user_id = arena_str(b->arena, uuid_text(owner.id).text);
    shown->state = (Chain__Payment__State)(state + 1);
    shown->explanation = payment_explain(state);
    shown->currency = stored_currency((enum payment_currency)payment->currency);
    shown->opened_at = stamp_new(b->arena, payment->opened_ms);
    if (payment_place(payment) == PLACE_HELD)
        shown->hold_expires_at = stamp_new(b->arena, payment->standing.hold_ends_ms);
    show_money(payment, shown, b->arena);
    show_flags(paid, shown);
    return b->arena->failed ? NULL : shown;
}
