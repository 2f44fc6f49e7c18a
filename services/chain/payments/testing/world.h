// An event with ten users, their accounts and wallets, and a cluster in one place: what the payments of the
// event are about, kept apart from them, so that a test can compare. Tests alone.
#ifndef CHAIN_PAYMENTS_TESTING_WORLD_H
#define CHAIN_PAYMENTS_TESTING_WORLD_H

#include "services/chain/payments/credit.h"
#include "services/chain/payments/testing/places.h"

enum { USERS = 10, WORLD_PAYMENTS = 64, FUNDS = 5 * PRICE, AUTHORITY = 99 };

// The ticket's account of a payment, and the transaction that makes it.
struct truth {
    bool is_signed;       // somebody has the bytes of the permit
    bool pays_credit;     // it is the authority that does
    uint64_t last_valid;  // block height
    int64_t not_after_ms; // by the one clock there is
    enum { ABSENT, CONFIRMED, FINALIZED } ticket;
    bool has_credit; // the ticket is the authority's
    uint64_t slot;
};

struct world {
    enum payment_currency currency;
    int capacity;
    enum payment_stage stage;
    int64_t now_ms;
    uint64_t height; // of the finalized block
    uint64_t slot, final_slot;
    bool node_healthy;
    bool paid_out;
    uint64_t random;
    int changes; // happenings that changed something
    bool was_restored;
    int64_t accounts[USERS], escrow, aside, in_ledger; // in_ledger: all of it
    int64_t wallets[USERS], purse, vault;              // purse: of the authority
    int64_t on_cluster;                                // all of it
    int count;
    struct payment payments[WORLD_PAYMENTS];
    struct truth truths[WORLD_PAYMENTS];
    int users[WORLD_PAYMENTS]; // whose
};

static inline uint32_t world_draw(struct world *world, uint32_t below) // splitmix64
{
    uint64_t z = (world->random += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static inline void world_init(struct world *world, uint64_t seed)
{
    *world =
        (struct world){.now_ms = START_MS, .height = 100, .slot = 100, .node_healthy = true, .random = seed};
    world->currency = world_draw(world, 2) ? PAYMENT_LAMPORTS : PAYMENT_CONSE;
    world->capacity = 1 + (int)world_draw(world, 6);
    for (int user = 0; user < USERS; user++) {
        world->accounts[user] =
            world_draw(world, 4) < (world->currency == PAYMENT_CONSE ? 3 : 1) ? FUNDS : PRICE / 2;
        world->in_ledger += world->accounts[user];
        world->wallets[user] = FUNDS;
    }
    world->purse = world->currency == PAYMENT_LAMPORTS ? world->in_ledger : 0;
    world->on_cluster = USERS * FUNDS + world->purse;
}

// Holds and seats.
static inline int world_taken(const struct world *world)
{
    int taken = 0;
    for (int i = 0; i < world->count; i++) {
        const struct payment_standing *now = &world->payments[i].standing;
        taken += now->seat == PAYMENT_HELD || now->seat == PAYMENT_TAKEN;
    }
    return taken;
}

static inline bool world_is_in(const struct payment *payment)
{
    uint8_t seat = payment->standing.seat;
    return seat == PAYMENT_HELD || seat == PAYMENT_TAKEN || seat == PAYMENT_WAITING;
}

static inline bool world_takes_part(const struct world *world, int user)
{
    bool takes_part = false;
    for (int i = 0; i < world->count; i++)
        takes_part |= world->users[i] == user && world_is_in(&world->payments[i]);
    return takes_part;
}

// What a change says of money is done to accounts; tickets are given back by world_send_refund.
static inline void world_move_money(struct world *world, int payment, const struct verdict *verdict)
{
    const struct payment_change *change = &verdict->change;
    int user = world->users[payment];
    if (verdict->follows & FOLLOWS_DEBIT) {
        world->accounts[user] -= change->receipt.amount;
        world->escrow += change->receipt.amount;
    }
    if (change->refunds && change->refund.to == REFUND_TO_ACCOUNT) {
        world->accounts[user] += change->refund.amount;
        world->escrow -= change->refund.amount;
    }
}

static inline void world_move_credit(struct world *world, int payment, const struct payment *before)
{
    const struct credit_moves moves = credit_moves(before, &world->payments[payment], 0);
    world->accounts[world->users[payment]] += moves.account;
    world->aside += moves.aside;
    world->in_ledger += moves.issued;
}

static inline struct happening world_happening(const struct world *world, int payment, enum happens what)
{
    bool alone = true;
    for (int i = 0; i < world->count; i++)
        alone &=
            i == payment || world->users[i] != world->users[payment] || !world_is_in(&world->payments[i]);
    static const struct refund_terms in_full = {.until_ms = 0};
    struct happening happening = happening_of(world->currency, what);
    happening.now_ms = world->now_ms;
    happening.node_healthy = world->node_healthy;
    happening.has_other = !alone;
    happening.terms = world->currency == PAYMENT_CONSE ? &KEEPS_A_FEE : &in_full;
    return happening;
}

// Nothing that the world does may be impossible.
static inline struct verdict world_happen(struct world *world, int payment, const struct happening *happening)
{
    const struct payment before = world->payments[payment];
    struct verdict verdict = happen_as(&world->payments[payment], happening);
    world_move_credit(world, payment, &before);
    if (verdict.outcome == OUTCOME_IMPOSSIBLE)
        fail_msg("%s at %c", happens_name(verdict.what),
                 payment_letter(payment_place(&world->payments[payment])));
    world_move_money(world, payment, &verdict);
    world->changes += verdict.outcome > OUTCOME_NOTE;
    return verdict;
}

// ---- The cluster

static inline bool world_can_land(const struct world *world, int payment)
{
    const struct truth *truth = &world->truths[payment];
    int64_t has = truth->pays_credit ? world->purse : world->wallets[world->users[payment]];
    return truth->is_signed && truth->ticket == ABSENT && world->height < truth->last_valid &&
           world->now_ms <= truth->not_after_ms && has >= PRICE;
}

static inline int64_t *world_holder(struct world *world, int payment)
{
    return world->truths[payment].has_credit ? &world->purse : &world->wallets[world->users[payment]];
}

static inline void world_land(struct world *world, int payment)
{
    struct truth *truth = &world->truths[payment];
    truth->ticket = CONFIRMED;
    truth->has_credit = truth->pays_credit;
    truth->slot = ++world->slot;
    *world_holder(world, payment) -= PRICE;
    world->vault += PRICE;
}

static inline void world_finalize(struct world *world, uint64_t blocks)
{
    world->height += blocks;
    world->final_slot = world->slot += blocks;
    for (int i = 0; i < world->count; i++)
        if (world->truths[i].ticket == CONFIRMED)
            world->truths[i] = (struct truth){.ticket = FINALIZED,
                                              .has_credit = world->truths[i].has_credit,
                                              .slot = world->truths[i].slot};
}

static inline void world_give_ticket_back(struct world *world, int payment)
{
    world->truths[payment].ticket = ABSENT;
    *world_holder(world, payment) += PRICE;
    world->vault -= PRICE;
}

static inline void world_fork(struct world *world)
{
    world->slot++;
    for (int i = 0; i < world->count; i++)
        if (world->truths[i].ticket == CONFIRMED) world_give_ticket_back(world, i);
}

static inline struct ticket_reading world_reading(const struct world *world, int payment, bool finalized)
{
    const struct truth *truth = &world->truths[payment];
    return (struct ticket_reading){.node_healthy = world->node_healthy,
                                   .finalized = finalized,
                                   .present = truth->ticket == FINALIZED ||
                                              (!finalized && truth->ticket == CONFIRMED),
                                   .by_credit = truth->has_credit,
                                   .covered = world->accounts[world->users[payment]] >= PRICE,
                                   .slot = finalized ? world->final_slot : world->slot,
                                   .block_height = world->height};
}

// Chain reads one ticket; true when that told something. One that is nobody's goes back.
static inline bool world_read(struct world *world, int payment, bool finalized)
{
    const struct truth *truth = &world->truths[payment];
    const struct ticket_reading reading = world_reading(world, payment, finalized);
    if (receive_is_stray(&world->payments[payment], &reading)) world_give_ticket_back(world, payment);
    enum happens what = receive_reading(&world->payments[payment], &reading);
    if (what == HAPPENINGS) return false;
    struct happening happening = world_happening(world, payment, what);
    happening.receipt = receipt_of(PAYMENT_LAMPORTS, (uint8_t)world->users[payment]);
    happening.receipt.id[1] = 1; // no key of the ledger's
    happening.receipt.slot = truth->slot;
    happening.receipt.at_ms = START_MS;
    happening.receipt.settled = truth->ticket == FINALIZED;
    if (truth->has_credit) happening.receipt.way = RECEIPT_CREDIT;
    world_happen(world, payment, &happening);
    return true;
}

static inline void world_move_refund(struct world *world, int payment, uint8_t slot, enum refund_moves move)
{
    const struct payment before = world->payments[payment];
    struct payment_change change;
    if (refund_move(&before, slot, move, world->now_ms, &change))
        payment_apply(&world->payments[payment], &change);
    world_move_credit(world, payment, &before);
}

// A refund is sent, and lands, is lost, or is seen to have landed.
static inline void world_send_refund(struct world *world, int payment, bool lands)
{
    struct payment *p = &world->payments[payment];
    for (uint8_t slot = 0; slot < p->refund_count; slot++) {
        if (p->refunds[slot].to == REFUND_TO_ACCOUNT || p->refunds[slot].state == REFUND_DONE) continue;
        bool gone = world->truths[payment].ticket == ABSENT;
        world_move_refund(world, payment, slot, gone ? REFUND_FINISH : REFUND_SEND);
        if (!gone && lands) world_give_ticket_back(world, payment);
        if (!gone && !lands) world_move_refund(world, payment, slot, REFUND_FAIL);
    }
}

// Chain's store is put back to what it was; the cluster and its wallets are not. A ticket without a payment
// goes back, and permits that were given since are known to nobody.
static inline void world_restore(struct world *world, const struct world *before)
{
    for (int i = before->count; i < world->count; i++) {
        if (world->truths[i].ticket != ABSENT) world_give_ticket_back(world, i);
        world->truths[i] = (struct truth){.ticket = ABSENT};
    }
    world->stage = before->stage;
    world->paid_out = before->paid_out;
    world->escrow = before->escrow;
    world->aside = before->aside;
    world->in_ledger = before->in_ledger;
    world->count = before->count;
    world->was_restored = true;
    memcpy(world->accounts, before->accounts, sizeof world->accounts);
    memcpy(world->payments, before->payments, sizeof world->payments);
    memcpy(world->users, before->users, sizeof world->users);
}

#endif
