#include "services/chain/wishes/compose.h"

#include <sodium.h>
#include <string.h>

#include "services/chain/solana/ticket_program.h"
#include "services/chain/solana/transaction.h"
#include "services/chain/solana/whitelist_program.h"
#include "services/chain/withdrawals/mark.h"

enum {
    UNITS = 100000,
    PRICE_MICRO = 1000, // of a unit, at the first try; each doubles it
    PRICE_DOUBLINGS = 10,
    ESCAPE_LEAST_S = 24 * 3600,       // the program takes none that is past,
    ESCAPE_MOST_S = 1999 * 24 * 3600, // or 2000 days ahead
    INSTRUCTIONS_MAX = 2 + MARK_INSTRUCTIONS,
    NAME_BYTES = SOLANA_LIST_NAME_MAX / 2
};

struct composing {
    const struct wish *wish;
    const struct sight *sight;
    const struct cluster_now *now;
    struct solana_key event;
    struct solana_instruction all[INSTRUCTIONS_MAX];
    size_t count;
};

static struct solana_instruction *next_instruction(struct composing *c) { return &c->all[c->count++]; }

// ---- What each kind has

static int64_t escape_of(const struct composing *c)
{
    int64_t at_s = c->wish->cluster.escape_at_s, now_s = c->now->clock_s;
    if (at_s < now_s + ESCAPE_LEAST_S) return now_s + ESCAPE_LEAST_S;
    return at_s > now_s + ESCAPE_MOST_S ? now_s + ESCAPE_MOST_S : at_s;
}

// A list under this name, which nobody could have made before.
static void compose_init(struct composing *c)
{
    struct solana_event_terms terms = {.authority = c->now->authority,
                                       .pool = c->now->pool,
                                       .revenue = c->now->revenue,
                                       .price = (uint64_t)c->wish->cluster.price,
                                       .capacity = TILL_TICKETS_MOST,
                                       .escape_at_s = escape_of(c)};
    char name[SOLANA_LIST_NAME_MAX + 1];
    uint8_t random[NAME_BYTES];
    randombytes_buf(random, sizeof random);
    hex_encode(name, random, sizeof random);
    memcpy(terms.id, c->wish->event, sizeof terms.id);
    solana_list_address(&terms.whitelist, &c->now->programs, &c->event, name);
    solana_whitelist_init(next_instruction(c), &c->now->programs, &c->now->authority, &c->event, name);
    solana_ticket_init_event(next_instruction(c), &c->now->programs, &terms);
}

static struct solana_seat seat_of(const struct composing *c)
{
    struct solana_seat seat = {
        .event = c->event, .player = c->sight->ticket.player, .whitelist = c->sight->event.whitelist};
    memcpy(seat.reference.bytes, c->wish->aim.reference.bytes, sizeof seat.reference.bytes);
    return seat;
}

static void pay_ticket(struct composing *c, int64_t amount)
{
    const struct solana_seat seat = seat_of(c);
    solana_ticket_pay(next_instruction(c), &c->now->programs, &seat, &c->now->authority, (uint64_t)amount);
}

static void compose_refund(struct composing *c)
{
    const struct solana_seat seat = seat_of(c);
    if (c->sight->event.state == SOLANA_EVENT_SETTLING)
        pay_ticket(c, c->wish->amount);
    else
        solana_ticket_refund(next_instruction(c), &c->now->programs, &seat, &c->now->authority);
}

static void compose_settle(struct composing *c)
{
    const struct pot_terms *pot = &c->wish->pot;
    const struct solana_settlement settlement = {
        .authority = c->now->authority,
        .event = c->event,
        .pool = c->sight->event.pool,
        .revenue = c->sight->event.revenue,
        .tickets = c->wish->tickets,
        .apart = c->wish->apart,
        .tax_kind = pot->kind == POT_PRESET ? SOLANA_TAX_PRESET : SOLANA_TAX_BASIS_POINTS,
        .tax = pot->tax,
        .winners_bp = (uint16_t)c->wish->winners_bp};
    if (c->sight->event.state == SOLANA_EVENT_OPEN)
        solana_ticket_lock(next_instruction(c), &c->now->programs, &c->now->authority, &c->event, true);
    solana_ticket_begin_settle(next_instruction(c), &c->now->programs, &settlement);
}

static void compose_pay(struct composing *c) { pay_ticket(c, c->wish->amount + c->wish->more); }

static void compose_close_ticket(struct composing *c)
{
    const struct solana_seat seat = seat_of(c);
    if (c->sight->event.state == SOLANA_EVENT_SETTLING)
        pay_ticket(c, 0);
    else
        solana_ticket_close_ticket(next_instruction(c), &c->now->programs, &seat, &c->now->authority);
}

static void compose_close(struct composing *c)
{
    const struct solana_event *event = &c->sight->event;
    const struct solana_event_end end = {.authority = c->now->authority,
                                         .event = c->event,
                                         .pool = event->pool,
                                         .whitelist = event->whitelist,
                                         .list_rent_payer = c->now->authority};
    if (event->state == SOLANA_EVENT_OPEN || event->state == SOLANA_EVENT_LOCKED)
        solana_ticket_cancel(next_instruction(c), &c->now->programs, &c->now->authority, &c->event);
    solana_ticket_close(next_instruction(c), &c->now->programs, &end);
}

// Who makes it first does not matter: it obeys the authority alone.
static void compose_list(struct composing *c)
{
    solana_whitelist_init(next_instruction(c), &c->now->programs, &c->now->authority, &c->now->authority,
                          c->wish->list_name);
}

static void compose_withdraw(struct composing *c)
{
    const struct uuid id = uuid_text(c->wish->aim.subject);
    struct mark_payment payment = {.authority = c->now->authority,
                                   .reference = c->wish->aim.reference,
                                   .lamports = c->wish->amount - c->wish->fee,
                                   .id = id.text,
                                   .amount = c->wish->amount};
    memcpy(payment.wallet.bytes, c->wish->wallet.bytes, sizeof payment.wallet.bytes);
    memcpy(payment.account.bytes, c->wish->bytes.bytes, sizeof payment.account.bytes);
    mark_compose(&c->all[c->count], &payment);
    c->count += MARK_INSTRUCTIONS;
}

static void (*const KINDS[OUTBOX_KINDS])(struct composing *) = {
    [OUTBOX_INIT_EVENT] = compose_init,
    [OUTBOX_REFUND] = compose_refund,
    [OUTBOX_SETTLE] = compose_settle,
    [OUTBOX_PAY_TICKET] = compose_pay,
    [OUTBOX_CLOSE_TICKET] = compose_close_ticket,
    [OUTBOX_CLOSE] = compose_close,
    [OUTBOX_INIT_LIST] = compose_list,
    [OUTBOX_WITHDRAW] = compose_withdraw,
};

// ---- All

// Who did not land pays more.
static void compose_fee(struct composing *c)
{
    uint32_t tries = c->wish->has_job ? c->wish->job.tries : 0;
    uint64_t price = (uint64_t)PRICE_MICRO << (tries < PRICE_DOUBLINGS ? tries : PRICE_DOUBLINGS);
    solana_compute_unit_limit(next_instruction(c), UNITS);
    solana_compute_unit_price(next_instruction(c), price);
}

bool compose_wish(const struct wish *wish, const struct sight *sight, const struct cluster_now *now,
                  const struct solana_signer *signer, struct composed *out, struct err *err)
{
    struct composing c = {.wish = wish, .sight = sight, .now = now};
    if (!KINDS[wish->aim.kind]) return err_fail(err, INTERNAL_ERROR, "no transaction is made for this");
    solana_event_address(&c.event, &now->programs, &now->authority, wish->event);
    compose_fee(&c);
    KINDS[wish->aim.kind](&c);
    const struct solana_draft draft = {.payer = now->authority,
                                       .blockhash = now->blockhash,
                                       .instructions = c.all,
                                       .instruction_count = c.count};
    return solana_message_compile(&draft, out->bytes, &out->len, err) &&
           solana_transaction_sign(out->bytes, out->len, signer, err);
}
