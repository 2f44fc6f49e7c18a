#include "services/chain/book/orders.h"

#include <stdlib.h>

#include "lib/replica/replica.h"

bool book_has_market(const struct book_call *b, struct err *err)
{
    if (replica_all_know(b->chain->replica, BOOK_MARKET_SINCE)) return true;
    err_fail(err, SERVICE_BUSY, "a process does not know the market yet");
    err->retry_after_s = 5;
    return false;
}

// ---- Cards

uint32_t book_add_role(struct book_call *b, const char *role_id)
{
    Ledger__AssetAdded added = LEDGER__ASSET_ADDED__INIT;
    uint32_t asset = book_asset_find(b->book, LEDGER__ASSET__KIND__CARD, role_id);
    if (asset || b->book->assets_count == BOOK_ASSETS_MAX) return asset;
    added.asset = b->book->assets_count;
    added.kind = LEDGER__ASSET__KIND__CARD;
    added.role_id = role_id;
    return book_add(b, LEDGER__ENTRY__BODY_ASSET_ADDED, &added.base, NULL, 0) ? added.asset : 0;
}

uint32_t book_make_card(struct book_call *b, const char *user_id, const char *role_id, const char *event_id)
{
    const struct ledger_owner user = book_user(user_id);
    uint8_t event[16];
    if (!book_add_role(b, role_id)) return 0;
    uuid_bytes(event_id, event);
    return book_give_card(b, book_account(b, &user), role_id, event, NULL);
}

uint32_t book_give_card(struct book_call *b, uint32_t account, const char *role_id, const uint8_t event[16],
                        Ledger__DealProof *deal)
{
    Ledger__CardMade made = LEDGER__CARD_MADE__INIT;
    uint32_t asset = book_add_role(b, role_id);
    if (!asset || b->failed) return 0;
    made.account = account;
    made.asset = asset;
    made.card = exchange_role(&b->book->exchange, asset)->cards.count + 1;
    made.event = (ProtobufCBinaryData){16, (uint8_t *)event};
    made.deal = deal;
    const struct ledger_posting moved[] = {{0, asset, -1}, {made.account, asset, 1}};
    return book_add(b, LEDGER__ENTRY__BODY_CARD_MADE, &made.base, moved, 2) ? made.card : 0;
}

void book_take_card_back(struct book_call *b, uint32_t account, uint32_t asset, uint32_t card)
{
    Ledger__CardTakenBack taken = LEDGER__CARD_TAKEN_BACK__INIT;
    const struct ledger_posting moved[] = {{0, asset, 1}, {account, asset, -1}};
    taken.account = account;
    taken.asset = asset;
    taken.card = card;
    book_add(b, LEDGER__ENTRY__BODY_CARD_TAKEN_BACK, &taken.base, moved, 2);
}

// ---- Placing

static bool has_enough(const struct book *book, const struct exchange_terms *terms, struct err *err)
{
    bool buys = terms->side == MARKET_BUY;
    int64_t has = ledger_balance(&book->accounts, terms->account, buys ? (uint32_t)BOOK_CONSE : terms->asset);
    if (has >= (buys ? terms->price * terms->quantity : terms->quantity)) return true;
    return buys ? err_fail(err, FUNDS_SHORT, "the order is worth more than the account has")
                : err_fail(err, CARDS_SHORT, "the account has fewer cards of the role");
}

// Only what will rest needs a place.
static bool has_place(const struct book *book, const struct exchange_terms *terms, struct err *err)
{
    const struct exchange_role *role = exchange_role(&book->exchange, terms->asset);
    const struct exchange_person *person = exchange_person(&book->exchange, terms->account);
    if (terms->immediate) return true;
    if (person && person->count >= EXCHANGE_OPEN_MAX)
        return err_fail(err, TOO_MANY_ORDERS, "the account has %d open orders", EXCHANGE_OPEN_MAX);
    bool full = role->market && market_count(role->market) >= EXCHANGE_RESTING_MAX;
    return !full || err_fail(err, BOOK_FULL, "the book has no room for another order");
}

bool book_may_order(const struct book *book, const struct exchange_terms *terms, struct err *err)
{
    if (exchange_is_stopped(exchange_role(&book->exchange, terms->asset)))
        return err_fail(err, ROLE_STOPPED, "the role's cards are not dealt in");
    return has_enough(book, terms, err) && has_place(book, terms, err);
}

static bool fill_fills(struct book_call *b, Ledger__Ordered *ordered, const struct exchange_plan *plan)
{
    Ledger__Fill *fills = arena_array(b->arena, plan->count + 1, sizeof *fills);
    ordered->fills = arena_array(b->arena, plan->count + 1, sizeof *ordered->fills);
    if (b->arena->failed) return false;
    for (size_t i = 0; i < plan->count; i++) {
        ledger__fill__init(&fills[i]);
        fills[i].order = plan->fills[i].order;
        fills[i].account = plan->fills[i].account;
        fills[i].price = plan->fills[i].price;
        fills[i].quantity = plan->fills[i].quantity;
        fills[i].left = plan->fills[i].left;
        ordered->fills[i] = &fills[i];
    }
    ordered->n_fills = plan->count;
    return true;
}

static void fill_terms(Ledger__Ordered *ordered, const struct exchange_terms *terms, const uint8_t *client)
{
    ordered->account = terms->account;
    ordered->asset = terms->asset;
    ordered->side = terms->side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    ordered->price = terms->price;
    ordered->quantity = terms->quantity;
    ordered->time_in_force =
        terms->immediate ? LEDGER__ORDER__TIME_IN_FORCE__IOC : LEDGER__ORDER__TIME_IN_FORCE__GTC;
    ordered->post_only = terms->post_only;
    ordered->fee_bp = terms->fee_bp;
    ordered->rules = EXCHANGE_RULES;
    if (client) ordered->client = (ProtobufCBinaryData){EXCHANGE_CLIENT_BYTES, (uint8_t *)client};
}

static bool open_parties(struct book_call *b, const struct exchange_terms *terms,
                         struct exchange_parties *parties)
{
    const struct exchange_role *role = exchange_role(&b->book->exchange, terms->asset);
    const struct ledger_owner escrow = exchange_escrow_owner(role), revenue = exchange_revenue_owner();
    parties->escrow = book_account(b, &escrow);
    parties->revenue = book_account(b, &revenue);
    b->failed |= !exchange_open(&b->book->exchange, terms->asset);
    return !b->failed;
}

const Ledger__Entry *book_order(struct book_call *b, const struct exchange_terms *terms,
                                const uint8_t *client)
{
    Ledger__Ordered *ordered = arena_new(b->arena, Ledger__Ordered);
    struct ledger_posting postings[LEDGER_POSTINGS_MAX];
    uint32_t *cards = arena_array(b->arena, terms->quantity, sizeof *cards);
    struct exchange_parties parties;
    struct exchange_plan plan;
    b->failed |= b->arena->failed;
    if (b->failed || !open_parties(b, terms, &parties)) return NULL;
    exchange_plan_order(&b->book->exchange, terms, &plan);
    ledger__ordered__init(ordered);
    fill_terms(ordered, terms, client);
    ordered->rest = plan.rest;
    ordered->reason = plan.reason;
    ordered->cards = cards;
    ordered->n_cards = exchange_plan_cards(&b->book->exchange, terms, &plan, cards);
    b->failed |= !fill_fills(b, ordered, &plan);
    size_t count = exchange_plan_postings(terms, &plan, &parties, postings);
    return book_add(b, LEDGER__ENTRY__BODY_ORDERED, &ordered->base, postings, count);
}

// ---- Withdrawing

static bool fill_withdrawn(struct book_call *b, Ledger__Withdrawn *withdrawn, const uint64_t *orders,
                           size_t count)
{
    const struct exchange *exchange = &b->book->exchange;
    Ledger__Withdrawn__Of *of = arena_array(b->arena, count, sizeof *of);
    size_t cards = 0;
    for (size_t i = 0; i < count; i++) cards += exchange_order(exchange, orders[i])->cards.count;
    withdrawn->orders = arena_array(b->arena, count, sizeof *withdrawn->orders);
    withdrawn->cards = arena_array(b->arena, cards + 1, sizeof *withdrawn->cards);
    if (b->arena->failed) return false;
    for (size_t i = 0; i < count; i++) {
        const struct exchange_order *order = exchange_order(exchange, orders[i]);
        ledger__withdrawn__of__init(&of[i]);
        of[i].order = order->number;
        of[i].account = order->account;
        of[i].left = order->quantity - order->filled;
        withdrawn->orders[i] = &of[i];
    }
    withdrawn->n_orders = count;
    withdrawn->n_cards = exchange_withdraw_cards(exchange, orders, count, withdrawn->cards);
    return true;
}

// Orders of one role, by number, that fit one entry.
static void withdraw_some(struct book_call *b, const uint64_t *orders, size_t count,
                          Ledger__Order__Reason reason)
{
    Ledger__Withdrawn *withdrawn = arena_new(b->arena, Ledger__Withdrawn);
    struct ledger_posting postings[LEDGER_POSTINGS_MAX];
    struct exchange_parties parties;
    b->failed |= !withdrawn;
    if (b->failed) return;
    ledger__withdrawn__init(withdrawn);
    withdrawn->asset = exchange_order(&b->book->exchange, orders[0])->asset;
    withdrawn->reason = reason;
    const struct exchange_role *role = exchange_role(&b->book->exchange, withdrawn->asset);
    b->failed = !exchange_find_parties(role, &b->book->accounts, &parties) ||
                !fill_withdrawn(b, withdrawn, orders, count);
    if (b->failed) return;
    count = exchange_withdraw_postings(&b->book->exchange, parties.escrow, orders, count, postings);
    book_add(b, LEDGER__ENTRY__BODY_WITHDRAWN, &withdrawn->base, postings, count);
}

// How many of the first ones fit one entry.
static size_t first_fitting(const struct exchange *exchange, const uint64_t *orders, size_t count)
{
    size_t cards = 0, fit = 0;
    for (; fit < count && fit < EXCHANGE_WITHDRAWN_MAX; fit++) {
        cards += exchange_order(exchange, orders[fit])->cards.count;
        if (cards > EXCHANGE_QUANTITY_MAX) break;
    }
    return fit;
}

void book_withdraw_one(struct book_call *b, uint64_t order, Ledger__Order__Reason reason)
{
    withdraw_some(b, &order, 1, reason);
}

static size_t find_own(const struct book *book, const struct exchange_person *person, uint32_t asset,
                       uint64_t orders[EXCHANGE_OPEN_MAX])
{
    size_t count = 0;
    for (uint64_t next = person->oldest; next;) {
        const struct exchange_order *order = exchange_order(&book->exchange, next);
        if (order->asset == asset) orders[count++] = next;
        next = order->newer;
    }
    return count;
}

static size_t withdraw_of_role(struct book_call *b, uint32_t account, uint32_t asset,
                               Ledger__Order__Reason reason)
{
    uint64_t orders[EXCHANGE_OPEN_MAX] = {0};
    const struct exchange_person *person = exchange_person(&b->book->exchange, account);
    size_t count = person ? find_own(b->book, person, asset, orders) : 0;
    for (size_t done = 0, fit; done < count && !b->failed; done += fit) {
        fit = first_fitting(&b->book->exchange, orders + done, count - done);
        withdraw_some(b, orders + done, fit, reason);
    }
    return count;
}

size_t book_withdraw_own(struct book_call *b, uint32_t account, uint32_t asset, Ledger__Order__Reason reason)
{
    const struct exchange_person *person;
    size_t count = 0;
    if (asset) return withdraw_of_role(b, account, asset, reason);
    while (!b->failed && (person = exchange_person(&b->book->exchange, account)) && person->count)
        count +=
            withdraw_of_role(b, account, exchange_order(&b->book->exchange, person->oldest)->asset, reason);
    return count;
}

static int by_number(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

size_t book_withdraw_role(struct book_call *b, uint32_t asset, Ledger__Order__Reason reason)
{
    const struct exchange_role *role = exchange_role(&b->book->exchange, asset);
    uint64_t orders[EXCHANGE_WITHDRAWN_MAX];
    struct market_order resting;
    size_t count = 0;
    for (int side = MARKET_BUY; role->market && side <= MARKET_SELL; side++) {
        struct market_walk walk = {.side = (enum market_side)side};
        while (count < EXCHANGE_WITHDRAWN_MAX && market_next(role->market, &walk, &resting))
            orders[count++] = resting.order_id;
    }
    if (!count) return 0;
    qsort(orders, count, sizeof *orders, by_number);
    count = first_fitting(&b->book->exchange, orders, count);
    withdraw_some(b, orders, count, reason);
    return count;
}

// ---- Times to cancel, and stops

void book_set_cancel(struct book_call *b, uint32_t account, int64_t at_ms)
{
    Ledger__CancelSet set = LEDGER__CANCEL_SET__INIT;
    set.account = account;
    set.at_ms = at_ms;
    book_add(b, LEDGER__ENTRY__BODY_CANCEL_SET, &set.base, NULL, 0);
}

bool book_cancel_due(struct book_call *b)
{
    uint32_t account = exchange_due(&b->book->exchange, b->now_ms);
    if (account == LEDGER_NO_ACCOUNT || b->failed) return false;
    book_withdraw_own(b, account, 0, LEDGER__ORDER__REASON__TIMER);
    book_set_cancel(b, account, 0);
    return !b->failed;
}

void book_stop_role(struct book_call *b, uint32_t asset, bool stopped)
{
    Ledger__RoleStopped stop = LEDGER__ROLE_STOPPED__INIT;
    stop.asset = asset;
    stop.stopped = stopped;
    book_add(b, LEDGER__ENTRY__BODY_ROLE_STOPPED, &stop.base, NULL, 0);
}

static void add_switch(struct book_call *b, uint32_t asset, const Money__RoleSwitched *switched)
{
    const struct exchange_role *role = exchange_role(&b->book->exchange, asset);
    Ledger__RoleStopped stop = LEDGER__ROLE_STOPPED__INIT;
    if (!exchange_is_news(role, switched->version, switched->generation)) return;
    stop.asset = asset;
    stop.stopped = switched->disabled;
    stop.version = switched->version;
    stop.generation = switched->generation;
    book_add(b, LEDGER__ENTRY__BODY_ROLE_STOPPED, &stop.base, NULL, 0);
}

void book_switch_role(struct book_call *b, const Money__RoleSwitched *switched)
{
    uint32_t asset = book_asset_find(b->book, LEDGER__ASSET__KIND__CARD, switched->role_id);
    if (!asset && switched->disabled) asset = book_add_role(b, switched->role_id);
    if (!asset || b->failed) return; // it was never off, or there are too many roles
    add_switch(b, asset, switched);
    const struct exchange_role *role = exchange_role(&b->book->exchange, asset);
    while (!b->failed && role->disabled && b->count < BOOK_ENTRIES_AT_ONCE)
        if (!book_withdraw_role(b, asset, LEDGER__ORDER__REASON__ROLE_DISABLED)) return;
    b->unfinished |= role->disabled && role->market && market_count(role->market);
}
