#include "services/chain/cluster/receipts.h"

#include <string.h>

#include "lib/base/clock.h"
#include "services/chain/cluster/history.h"
#include "services/chain/seats/seats.h"

// ---- Which

static bool is_wanted(const struct receipt *receipt, int64_t clock_s)
{
    return receipt_is_ticket(receipt) && receipt->class == RECEIPT_VALID && receipt->settled &&
           !receipt_is_signed(receipt) && clock_s - receipt->at_ms / 1000 < RECEIPTS_NEW_S;
}

static size_t gather_of(const struct till_payment *of, int64_t clock_s, struct unsigned_receipt *out,
                        size_t room)
{
    size_t count = 0;
    for (uint8_t i = 0; i < of->payment.receipt_count && count < room; i++) {
        if (!is_wanted(&of->payment.receipts[i], clock_s)) continue;
        tickets_fill(&out[count].watched, of);
        out[count++].slot = i;
    }
    return count;
}

size_t receipts_gather(const struct book *book, int64_t clock_s,
                       struct unsigned_receipt out[RECEIPTS_AT_ONCE])
{
    size_t count = 0;
    for (const struct till_event *event = NULL; (event = till_next_event(&book->till, event));) {
        if (event->cluster.state == TILL_OFF) continue;
        for (const struct till_payment *of = event->first; of; of = of->next)
            count += gather_of(of, clock_s, &out[count], RECEIPTS_AT_ONCE - count);
    }
    return count;
}

// ---- By which transaction

bool receipts_is_made(const struct solana_landed *landed, const struct solana_key *account)
{
    struct history_balance balance;
    return landed->found && !*landed->error.name && history_balance_of(landed, account, &balance) &&
           !balance.before && balance.after;
}

static bool is_made(const void *arg, const struct solana_landed *landed)
{
    return receipts_is_made(landed, arg);
}

// ---- Storing

void receipts_sign(struct book_call *b, const struct unsigned_receipt *receipt,
                   const struct solana_signature *signature)
{
    const struct watched *watched = &receipt->watched;
    struct till_payment *payment = till_find_payment(&b->book->till, watched->payment);
    if (!payment || memcmp(&payment->payment.standing.reference, &watched->reference, PAYMENT_KEY_BYTES) != 0)
        return;
    const struct receipt *of = &payment->payment.receipts[receipt->slot];
    if (receipt->slot < payment->payment.receipt_count && of->settled && !receipt_is_signed(of))
        seats_sign_receipt(b, payment, receipt->slot, signature->bytes);
}

// ---- Looking

struct found_receipts {
    struct unsigned_receipt all[RECEIPTS_AT_ONCE];
    struct solana_signature signatures[RECEIPTS_AT_ONCE];
    bool found[RECEIPTS_AT_ONCE];
    size_t count;
    struct solana_history_entry page[SOLANA_HISTORY_MAX];
};

static bool gather_found(struct chain *chain, struct found_receipts *receipts, int64_t clock_s,
                         struct arena *arena, struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), false, err)) return false;
    receipts->count = receipts_gather(b.book, clock_s, receipts->all);
    return true;
}

static bool ask_node(struct chain *chain, struct found_receipts *receipts, struct solana_rpc *rpc,
                     struct err *err)
{
    struct cluster_now now;
    cluster_now(chain->cluster, &now);
    for (size_t i = 0; i < receipts->count; i++) {
        const struct solana_key ticket = tickets_address(&now.programs, &receipts->all[i].watched);
        const struct history_search search = {rpc, ticket, is_made, &ticket};
        if (!history_find(&search, receipts->page, &receipts->signatures[i], &receipts->found[i]))
            return err_fail(err, CLUSTER_AWAY, "the node does not answer");
    }
    return true;
}

static bool store_all(struct chain *chain, const struct found_receipts *receipts, struct arena *arena,
                      struct err *err)
{
    AUTO_BOOK struct book_call b = {.chain = chain, .arena = arena};
    if (!book_begin_own(&b, clock_unix_ms(), true, err)) return false;
    for (size_t i = 0; i < receipts->count && !b.failed; i++)
        if (receipts->found[i]) receipts_sign(&b, &receipts->all[i], &receipts->signatures[i]);
    return book_commit(&b, NULL, err);
}

bool receipts_look(struct chain *chain, struct solana_rpc *rpc, int64_t clock_s, struct arena *arena,
                   struct err *err)
{
    struct found_receipts *receipts = arena_new(arena, struct found_receipts);
    if (!receipts) return book_filled(NULL, err);
    return gather_found(chain, receipts, clock_s, arena, err) &&
           (!receipts->count ||
            (ask_node(chain, receipts, rpc, err) && store_all(chain, receipts, arena, err)));
}
