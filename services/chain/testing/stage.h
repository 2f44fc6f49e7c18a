// A stage for tests of the market: people with CONSE and cards of two roles, what they have by what was told,
// and what always holds.
#ifndef CHAIN_TESTING_STAGE_H
#define CHAIN_TESTING_STAGE_H

#include <sodium.h>

#include "services/chain/book/orders.h"
#include "services/chain/book/snapshot.h"
#include "services/chain/testing/house.h"

#define MAFIA "01890000-0000-7000-8000-000000000011"
#define CITY "01890000-0000-7000-8000-000000000012"
#define NIGHT "01890000-0000-7000-8000-000000000021"

enum { PEOPLE = 6, ROLES = 2, CARDS = 60, START = 1000000, FEE = 25 };

static const char *const people[PEOPLE] = {ANN, BOB, EVE, DEV, STRANGER, NIGHT};
static const char *const roles[ROLES] = {MAFIA, CITY};

// What everybody has by what was told of grants, cards, fills and withdrawals, and of no posting.
struct wealth {
    int64_t conse[PEOPLE], cards[ROLES][PEOPLE], revenue;
    int64_t promised[ROLES]; // CONSE in the escrow
    int64_t offered[ROLES];  // cards in it
};

struct stage {
    struct house *house;
    struct book_call b;
    uint32_t accounts[PEOPLE];
    uint32_t assets[ROLES];
    uint32_t seed;
    uint64_t told[PEOPLE];
    struct wealth wealth;
};

static inline uint32_t pick_below(struct stage *stage, uint32_t below)
{
    stage->seed = stage->seed * 1664525 + 1013904223;
    return (stage->seed >> 8) % below;
}

static inline struct book *enter_stage(struct stage *stage)
{
    struct err err = {0};
    arena_reset(&stage->house->arena);
    stage->b = (struct book_call){.chain = &stage->house->chain, .arena = &stage->house->arena};
    assert_true(book_begin_own(&stage->b, stage->house->now_ms, false, &err));
    return stage->b.book;
}

static inline void leave_stage(struct stage *stage, bool wait)
{
    struct err err = {0};
    assert_false(stage->b.failed);
    assert_true(book_commit(&stage->b, NULL, &err));
    uint64_t ticket = stage->b.book->live.ticket;
    book_end(&stage->b);
    assert_true(!wait || !ticket || store_wait(stage->house->chain.store, ticket, &err));
}

static inline void grant_start(struct stage *stage, int who)
{
    Ledger__Granted granted = LEDGER__GRANTED__INIT;
    const struct ledger_owner owner = book_user(people[who]);
    stage->accounts[who] = book_account(&stage->b, &owner);
    const struct ledger_posting moved[] = {{0, BOOK_CONSE, -START},
                                           {stage->accounts[who], BOOK_CONSE, START}};
    granted.by = DEV;
    assert_non_null(book_add(&stage->b, LEDGER__ENTRY__BODY_GRANTED, &granted.base, moved, 2));
    stage->wealth.conse[who] = START;
}

static inline void open_stage(struct stage *stage, const char *url)
{
    *stage = (struct stage){.house = house_at(url), .seed = 7};
    enter_stage(stage);
    for (int who = 0; who < PEOPLE; who++) grant_start(stage, who);
    for (int card = 0; card < CARDS * ROLES; card++) {
        int who = card / ROLES % PEOPLE, role = card % ROLES;
        assert_true(book_make_card(&stage->b, people[who], roles[role], NIGHT));
        stage->wealth.cards[role][who]++;
    }
    for (int role = 0; role < ROLES; role++)
        stage->assets[role] = book_asset_find(stage->b.book, LEDGER__ASSET__KIND__CARD, roles[role]);
    leave_stage(stage, true);
}

// ---- What they have

static inline int who_has(const struct stage *stage, uint32_t account)
{
    int who = 0;
    while (who < PEOPLE && stage->accounts[who] != account) who++;
    assert_true(who < PEOPLE);
    return who;
}

static inline void wealth_fill(struct stage *stage, int role, int taker, bool buys, const Ledger__Fill *fill)
{
    struct wealth *wealth = &stage->wealth;
    int maker = who_has(stage, fill->account), buyer = buys ? taker : maker, seller = buys ? maker : taker;
    int64_t value = fill->price * fill->quantity, fee = value * FEE / 10000;
    assert_int_not_equal(maker, taker);
    wealth->cards[role][buyer] += fill->quantity;
    wealth->conse[seller] += value - fee;
    wealth->revenue += fee;
    if (buys) {
        wealth->conse[taker] -= value;
        wealth->offered[role] -= fill->quantity;
    } else {
        wealth->cards[role][taker] -= fill->quantity;
        wealth->promised[role] -= value;
    }
}

static inline void wealth_order(struct stage *stage, int role, int who, const Ledger__Ordered *ordered)
{
    struct wealth *wealth = &stage->wealth;
    bool buys = ordered->side == LEDGER__ORDER__SIDE__BUY;
    for (size_t i = 0; i < ordered->n_fills; i++) wealth_fill(stage, role, who, buys, ordered->fills[i]);
    if (buys) {
        wealth->conse[who] -= ordered->price * ordered->rest;
        wealth->promised[role] += ordered->price * ordered->rest;
    } else {
        wealth->cards[role][who] -= ordered->rest;
        wealth->offered[role] += ordered->rest;
    }
}

static inline void wealth_withdraw(struct stage *stage, const struct exchange_order *order)
{
    struct wealth *wealth = &stage->wealth;
    int role = order->asset == stage->assets[1], who = who_has(stage, order->account);
    int64_t left = order->quantity - order->filled;
    if (order->side == MARKET_BUY) {
        wealth->conse[who] += order->price * left;
        wealth->promised[role] -= order->price * left;
    } else {
        wealth->cards[role][who] += left;
        wealth->offered[role] -= left;
    }
}
// ---- What always holds

static inline void check_role(const struct stage *stage, const struct book *book, int role)
{
    const struct exchange_role *all = exchange_role(&book->exchange, stage->assets[role]);
    const struct ledger_owner owner = exchange_escrow_owner(all);
    uint32_t escrow = ledger_accounts_find(&book->accounts, &owner);
    int64_t promised = 0, offered = 0;
    struct market_order resting;
    for (int side = MARKET_BUY; side <= MARKET_SELL; side++)
        for (struct market_walk walk = {.side = (enum market_side)side};
             market_next(all->market, &walk, &resting);) {
            const struct exchange_order *order = exchange_order(&book->exchange, resting.order_id);
            assert_int_equal(order->quantity - order->filled, resting.quantity);
            assert_int_equal(order->cards.count, side == MARKET_SELL ? resting.quantity : 0);
            if (side == MARKET_BUY) promised += resting.price * resting.quantity;
            if (side == MARKET_SELL) offered += resting.quantity;
        }
    assert_int_equal(ledger_balance(&book->accounts, escrow, BOOK_CONSE), promised);
    assert_int_equal(ledger_balance(&book->accounts, escrow, stage->assets[role]), offered);
    assert_int_equal(stage->wealth.promised[role], promised);
    assert_int_equal(stage->wealth.offered[role], offered);
}

static inline void check_person(const struct stage *stage, const struct book *book, int who)
{
    uint32_t account = stage->accounts[who];
    assert_int_equal(ledger_balance(&book->accounts, account, BOOK_CONSE), stage->wealth.conse[who]);
    for (int role = 0; role < ROLES; role++) {
        const struct card_queue *cards = exchange_holder(&book->exchange, account, stage->assets[role]);
        assert_int_equal(ledger_balance(&book->accounts, account, stage->assets[role]),
                         cards ? cards->count : 0);
        assert_int_equal(cards ? cards->count : 0, stage->wealth.cards[role][who]);
    }
}

static inline void check_all(const struct stage *stage, const struct book *book)
{
    const struct ledger_owner owner = exchange_revenue_owner();
    uint32_t revenue = ledger_accounts_find(&book->accounts, &owner), count = 0;
    for (int role = 0; role < ROLES; role++) {
        if (!exchange_role(&book->exchange, stage->assets[role])->market) return;
        check_role(stage, book, role);
        count += market_count(exchange_role(&book->exchange, stage->assets[role])->market);
    }
    for (int who = 0; who < PEOPLE; who++) check_person(stage, book, who);
    assert_int_equal(book->exchange.orders.count, count);
    assert_int_equal(ledger_balance(&book->accounts, revenue, BOOK_CONSE), stage->wealth.revenue);
}
// ---- Loaded again

// The market as bytes, without the order that only the seed of a map gives it.
static inline struct merkle_hash market_hash(const struct book *book)
{
    struct merkle_hash hash;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (uint32_t i = 0; i < book->exchange.roles_count; i++) {
        const struct exchange_role *role = &book->exchange.roles[i];
        struct market_order resting;
        crypto_generichash_update(&state, (const uint8_t *)&role->last.number, sizeof role->last.number);
        crypto_generichash_update(&state, (const uint8_t *)&role->told, sizeof role->told);
        for (int side = MARKET_BUY; role->market && side <= MARKET_SELL; side++)
            for (struct market_walk walk = {.side = (enum market_side)side};
                 market_next(role->market, &walk, &resting);) {
                const struct exchange_order *order = exchange_order(&book->exchange, resting.order_id);
                const uint64_t fields[] = {order->number,  (uint64_t)order->price, (uint64_t)order->value,
                                           order->account, order->quantity,        order->filled,
                                           order->older,   order->newer,           order->cards.first};
                crypto_generichash_update(&state, (const uint8_t *)fields, sizeof fields);
            }
        for (uint32_t card = 0; card < role->cards.count; card++)
            crypto_generichash_update(&state, (const uint8_t *)&role->cards.cards[card].next, 4);
    }
    crypto_generichash_final(&state, hash.bytes, sizeof hash);
    return hash;
}

// What was told has numbers, which no restart changes.
static inline void check_told(struct stage *stage, const struct book *book)
{
    for (int who = 0; who < PEOPLE; who++) {
        const struct exchange_person *person = exchange_person(&book->exchange, stage->accounts[who]);
        uint64_t told = person ? person->told : 0;
        if (stage->told[who]) assert_int_equal(told, stage->told[who]);
        stage->told[who] = told;
    }
}

static inline struct merkle_hash hash_now(struct stage *stage)
{
    const struct book *book = enter_stage(stage);
    struct merkle_hash hash = market_hash(book);
    check_told(stage, book);
    check_all(stage, book);
    book_end(&stage->b);
    return hash;
}

static inline void keep_snapshot(struct stage *stage)
{
    struct book_snapshot snapshot;
    struct err err = {0};
    assert_true(book_snapshot_take(enter_stage(stage), &snapshot));
    book_end(&stage->b);
    assert_true(book_snapshot_store(&stage->house->chain, &snapshot, &err));
    book_snapshot_drop(&snapshot);
}
#endif
