// Ends of games that somebody disputes: their pots wait.
#include <string.h>

#include "lib/schema/passport.h"
#include "services/chain/book/acts.h"
#include "services/chain/handlers/pots.h"

// ---- One event's

static bool answer_dispute(struct book_call *b, const struct till_event *event, Chain__DisputeReply *reply,
                           struct err *err)
{
    reply->payout = arena_new(b->arena, Chain__Payout);
    if (!reply->payout) return book_filled(NULL, err);
    chain__payout__init(reply->payout);
    return pots_fill(b, event, 0, reply->payout, err) && book_commit(b, &reply->base, err);
}

static bool is_disputable(const struct book_call *b, const struct till_event *event, struct err *err)
{
    if (seats_is_divided(b->book, event)) return err_fail(err, POT_DIVIDED, "the pot was divided");
    return event->stage == PAYMENT_DONE || err_fail(err, GAME_NOT_DONE, "the game is not over");
}

static struct till_payment *find_seat(const struct book_call *b, const struct till_event *event)
{
    uint32_t account = paid_caller(b);
    struct till_payment *of = event->first;
    while (of && (of->account != account || of->payment.standing.seat != PAYMENT_TAKEN)) of = of->next;
    return of;
}

HANDLER(dispute_event, Chain__PotRequest, Chain__DisputeReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct seats_change change;
    const struct till_event *event = pots_begin(&b, request->event_id, err);
    if (!event) return false;
    const struct till_payment *seat = find_seat(&b, event);
    if (!seat) return passport_refuse(call->method, "game", err);
    if (!is_disputable(&b, event, err)) return false;
    seats_change_begin(&change, event);
    change.message.disputed = true;
    change.message.disputes = (ProtobufCBinaryData){TILL_ID_BYTES, (uint8_t *)seat->id};
    if (!seat->disputes && !seats_change_add(&b, &change)) return book_filled(NULL, err);
    return answer_dispute(&b, event, reply, err);
}

HANDLER(settle_disputes, Chain__PotRequest, Chain__DisputeReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct seats_change change;
    const struct till_event *event = pots_begin(&b, request->event_id, err);
    if (!event || !is_disputable(&b, event, err)) return false;
    seats_change_begin(&change, event);
    change.message.disputed = false;
    book_act_settled(&b, request->event_id);
    if (event->disputed && !seats_change_add(&b, &change)) return book_filled(NULL, err);
    return answer_dispute(&b, event, reply, err);
}

// ---- All that wait

enum { PAGE = 20 };

// The disputed events behind a page's token that have the smallest ids, and one more when there is one.
struct dispute_page {
    const struct till_event **events;
    size_t count, limit;
};

static void add_event(struct dispute_page *page, const struct till_event *event)
{
    size_t place = page->count;
    while (place && memcmp(event->id, page->events[place - 1]->id, TILL_ID_BYTES) < 0) place--;
    if (place > page->limit) return;
    if (page->count <= page->limit) page->count++;
    memmove(&page->events[place + 1], &page->events[place], (page->count - place - 1) * sizeof *page->events);
    page->events[place] = event;
}

static bool find_page(const struct book_call *b, const char *token, struct dispute_page *page,
                      struct err *err)
{
    uint8_t after[TILL_ID_BYTES] = {0};
    if (*token) uuid_bytes(token, after);
    page->events = arena_array(b->arena, page->limit + 1, sizeof *page->events);
    if (!page->events) return book_filled(NULL, err);
    const struct till_event *event = NULL;
    while ((event = till_next_event(&b->book->till, event)))
        if (event->disputed && memcmp(event->id, after, sizeof after) > 0 && paid_leads(b, event->god))
            add_event(page, event);
    return true;
}

static const char *show_user(const struct book_call *b, uint32_t account)
{
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, account);
    return owner.kind == LEDGER_USER ? arena_str(b->arena, uuid_text(owner.id).text) : "";
}

static Chain__Dispute *show_dispute(const struct book_call *b, const struct till_event *event,
                                    struct err *err)
{
    Chain__Dispute *shown = arena_new(b->arena, Chain__Dispute);
    if (!shown) return NULL;
    chain__dispute__init(shown);
    shown->event_id = arena_str(b->arena, uuid_text(event->id).text);
    if (event->god) shown->god_id = show_user(b, event->god);
    shown->user_ids = arena_array(b->arena, event->count + 1, sizeof *shown->user_ids);
    shown->payout = arena_new(b->arena, Chain__Payout);
    if (b->arena->failed) return NULL;
    for (const struct till_payment *of = event->first; of; of = of->next)
        if (of->disputes) shown->user_ids[shown->n_user_ids++] = show_user(b, of->account);
    chain__payout__init(shown->payout);
    return pots_fill(b, event, 0, shown->payout, err) ? shown : NULL;
}

HANDLER(list_disputes, Chain__ListDisputesRequest, Chain__ListDisputesReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct dispute_page page = {.limit = request->page_size > 0 ? (size_t)request->page_size : PAGE};
    if (!book_begin(&b, err) || !find_page(&b, request->page_token, &page, err)) return false;
    size_t count = page.count > page.limit ? page.limit : page.count;
    reply->disputes = arena_array(b.arena, count + 1, sizeof *reply->disputes);
    if (!reply->disputes) return book_filled(NULL, err);
    for (; reply->n_disputes < count; reply->n_disputes++) {
        Chain__Dispute *shown = show_dispute(&b, page.events[reply->n_disputes], err);
        if (!shown) return err->reason ? false : book_filled(NULL, err);
        reply->disputes[reply->n_disputes] = shown;
    }
    if (page.count > count) reply->next_page_token = reply->disputes[count - 1]->event_id;
    return true;
}

const struct rpc_method chain_dispute_methods[] = {
    RPC_METHOD("chain.DisputeEvent", dispute_event),
    RPC_METHOD("chain.SettleDisputes", settle_disputes),
    RPC_METHOD("chain.ListDisputes", list_disputes),
    {0},
};
