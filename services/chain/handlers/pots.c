// The payments of an event, and its pot.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "lib/schema/passport.h"
#include "services/chain/handlers/pots.h"

enum { CSV_LINE = 320 };

// ---- Its payments

static bool begin_list(struct book_call *b, const char *event_id, struct paid_list *list, struct err *err)
{
    if (!paid_list_begin(b, event_id, list, err)) return false;
    return paid_leads(b, list->god) || passport_refuse(b->call->method, "event", err);
}

HANDLER(list_event_payments, Chain__ListEventPaymentsRequest, Chain__ListEventPaymentsReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid_list list;
    if (!begin_list(&b, request->event_id, &list, err)) return false;
    reply->payments = arena_array(call->arena, list.count + 1, sizeof *reply->payments);
    for (size_t i = 0; i < list.count && !call->arena->failed; i++)
        reply->payments[reply->n_payments++] = paid_shown(&b, &list.items[i]);
    return !call->arena->failed || book_filled(NULL, err);
}

static const char CSV_HEAD[] =
    "payment_id,user_id,state,currency,price,received,kept,refunded,opened_ms,comp,winner\r\n";

// Ids, words and numbers: nothing of it needs quotes.
static size_t write_line(const struct book_call *b, const struct paid *paid, char line[CSV_LINE])
{
    const struct payment *payment = &paid->payment;
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, paid->account);
    const struct uuid user = uuid_text(owner.id);
    return (size_t)snprintf(
        line, CSV_LINE, "%s,%s,%s,%s,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%d,%d\r\n",
        payment->id.text, owner.kind == LEDGER_USER ? user.text : "", payment_state_name(paid_state(b, paid)),
        payment->currency == PAYMENT_LAMPORTS ? "LAMPORTS" : "CONSE", payment->standing.price,
        payment_received(payment), payment->standing.kept, payment_refunded(payment), payment->opened_ms,
        payment->comp, paid->winner);
}

HANDLER(get_event_payments_file, Chain__ListEventPaymentsRequest, Chain__PaymentsFile)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct paid_list list;
    if (!begin_list(&b, request->event_id, &list, err)) return false;
    char *text = arena_alloc(call->arena, sizeof CSV_HEAD + list.count * CSV_LINE);
    if (!text) return book_filled(NULL, err);
    size_t len = sizeof CSV_HEAD - 1;
    memcpy(text, CSV_HEAD, len);
    for (size_t i = 0; i < list.count; i++) len += write_line(&b, &list.items[i], text + len);
    reply->content_type = "text/csv; charset=utf-8";
    reply->body = (ProtobufCBinaryData){len, (uint8_t *)text};
    return true;
}

// ---- Its pot

struct till_event *pots_begin(struct book_call *b, const char *event_id, struct err *err)
{
    uint8_t id[TILL_ID_BYTES];
    uuid_bytes(event_id, id);
    if (!book_begin(b, err)) return NULL;
    struct till_event *event = till_find_event(&b->book->till, id);
    if (!event && till_is_over(&b->book->till, &b->book->accounts, id))
        err_fail(err, POT_DIVIDED, "nothing of this event is open any more");
    else if (!event)
        err_fail(err, NOT_FOUND, "no seat of this event costs anything");
    return event;
}

static Chain__PayoutWinner *show_winner(const struct book_call *b, const struct till_payment *winner,
                                        int64_t amount)
{
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, winner->account);
    Chain__PayoutWinner *shown = arena_new(b->arena, Chain__PayoutWinner);
    if (!shown) return NULL;
    chain__payout_winner__init(shown);
    if (owner.kind == LEDGER_USER) shown->user_id = arena_str(b->arena, uuid_text(owner.id).text);
    shown->amount = amount;
    shown->paid = winner->payment.standing.paid_out;
    return shown;
}

static void show_division(const struct seats_division *division, Chain__Payout *shown)
{
    shown->pot = division->pot;
    shown->revenue = division->split.revenue;
    shown->god = division->split.god;
    shown->treasury = division->split.treasury;
    shown->each = division->split.each;
    shown->more = division->split.more;
}

bool pots_fill(const struct book_call *b, const struct till_event *event, uint32_t supposed,
               Chain__Payout *shown, struct err *err)
{
    const struct till_payment *winners[TILL_WINNERS_MAX];
    struct seats_division division;
    bool done = event->stage == PAYMENT_DONE;
    uint32_t count = done ? till_winners(event, winners) : 0;
    if (!seats_plan(event, done ? count : supposed, &division))
        return err_fail(err, INTERNAL_ERROR, "the pot can't be divided");
    show_division(&division, shown);
    shown->currency = stored_currency(event->currency);
    shown->disputed = event->disputed;
    shown->paid_out = event->paid_out;
    shown->divided = event->paid_out || (done && event->cluster.state >= TILL_SETTLED);
    if (event->payout_ms) shown->pays_at = stamp_new(b->arena, event->payout_ms);
    shown->winners = arena_array(b->arena, count + 1, sizeof *shown->winners);
    for (; shown->winners && shown->n_winners < count; shown->n_winners++)
        shown->winners[shown->n_winners] =
            show_winner(b, winners[shown->n_winners], pot_part(&division.split, (uint32_t)shown->n_winners));
    return !b->arena->failed || book_filled(NULL, err);
}

// ---- What would be

// What a seat costs who reserves now.
static int64_t price_of(const struct till_event *event)
{
    int64_t price = event->cluster.price;
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (!of->payment.comp) price = of->payment.standing.price;
    return price;
}

static struct pot_terms terms_said(const Chain__PreviewPayoutRequest *request)
{
    bool by_bp = request->tax_bp__case;
    return (struct pot_terms){.kind = by_bp ? POT_BASIS_POINTS : POT_PRESET,
                              .tax = (uint16_t)(by_bp ? request->tax_bp : request->preset),
                              .god_bp = (uint16_t)request->god_bp};
}

static bool pots_suppose(const Chain__PreviewPayoutRequest *request, int64_t price,
                         const struct pot_terms *terms, Chain__Payout *shown, struct err *err)
{
    struct seats_division division = {.pot = price * request->seats};
    if (request->winners > request->seats)
        return err_field(err, INVALID_FIELD, "winners", "more would win than would have paid");
    if (!pot_divide(division.pot, terms, request->winners, &division.split))
        return err_fail(err, INTERNAL_ERROR, "the pot can't be divided");
    show_division(&division, shown);
    return true;
}

// events tells of terms with the first hold.
static bool suppose_terms(const Chain__PreviewPayoutRequest *request, Chain__Payout *shown, struct err *err)
{
    const struct pot_terms terms = terms_said(request);
    *err = (struct err){0};
    shown->currency = request->currency ? request->currency : MONEY__CURRENCY__VALUE__CONSE;
    return pots_suppose(request, (int64_t)request->price, &terms, shown, err);
}

HANDLER(preview_payout, Chain__PreviewPayoutRequest, Chain__Payout)
{
    AUTO_BOOK struct book_call b = {.call = call};
    const struct till_event *event = pots_begin(&b, request->event_id, err);
    if (!event) return err_is(err, NOT_FOUND) && request->price && suppose_terms(request, reply, err);
    if (!paid_leads(&b, event->god)) return passport_refuse(call->method, "event", err);
    if (!request->seats || event->stage >= PAYMENT_DONE)
        return pots_fill(&b, event, request->winners, reply, err);
    reply->currency = stored_currency(event->currency);
    return pots_suppose(request, price_of(event), &event->terms.pot, reply, err);
}

const struct rpc_method chain_pot_methods[] = {
    RPC_METHOD("chain.ListEventPayments", list_event_payments),
    RPC_METHOD("chain.GetEventPaymentsFile", get_event_payments_file),
    RPC_METHOD("chain.PreviewPayout", preview_payout),
    {0},
};
