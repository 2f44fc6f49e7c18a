// Orders that come: whether one may, and what becomes of it.
#include <stdlib.h>
#include <string.h>

#include "services/chain/exchange/parts.h"
#include "services/chain/exchange/plan.h"

bool exchange_moves_only(const Ledger__Entry *entry, const struct ledger_posting *postings, size_t count)
{
    if (entry->n_postings != count) return false;
    for (size_t i = 0; i < count; i++)
        if (entry->postings[i]->account != postings[i].account ||
            entry->postings[i]->asset != postings[i].asset ||
            entry->postings[i]->amount != postings[i].amount)
            return false;
    return true;
}

// ---- Whether it may come

static bool read_terms(const Ledger__Ordered *ordered, struct exchange_terms *terms)
{
    *terms =
        (struct exchange_terms){.account = ordered->account,
                                .asset = ordered->asset,
                                .price = ordered->price,
                                .quantity = ordered->quantity,
                                .fee_bp = ordered->fee_bp,
                                .side = ordered->side == LEDGER__ORDER__SIDE__BUY ? MARKET_BUY : MARKET_SELL,
                                .immediate = ordered->time_in_force == LEDGER__ORDER__TIME_IN_FORCE__IOC,
                                .post_only = ordered->post_only};
    return ordered->side && ordered->time_in_force && ordered->account && !exchange_terms_wrong(terms) &&
           (!ordered->client.len || ordered->client.len == EXCHANGE_CLIENT_BYTES);
}

static bool is_planned(const Ledger__Ordered *ordered, const struct exchange_plan *plan)
{
    if (ordered->n_fills != plan->count || ordered->rest != plan->rest || ordered->reason != plan->reason)
        return false;
    for (size_t i = 0; i < plan->count; i++) {
        const Ledger__Fill *fill = ordered->fills[i];
        const struct exchange_fill *planned = &plan->fills[i];
        if (fill->order != planned->order || fill->account != planned->account ||
            fill->price != planned->price || fill->quantity != planned->quantity ||
            fill->left != planned->left)
            return false;
    }
    return true;
}

static bool has_cards(const struct exchange *exchange, const struct exchange_terms *terms,
                      const struct exchange_plan *plan)
{
    const struct card_queue *own = exchange_holder(exchange, terms->account, terms->asset);
    return terms->side == MARKET_BUY || (own ? own->count : 0) >= plan->filled + plan->rest;
}

static const char *check_moves(const struct exchange *exchange, const struct ledger_accounts *accounts,
                               const Ledger__Entry *entry, const struct exchange_terms *terms,
                               const struct exchange_plan *plan)
{
    struct ledger_posting postings[LEDGER_POSTINGS_MAX];
    struct exchange_parties parties;
    uint32_t cards[EXCHANGE_QUANTITY_MAX];
    if (!exchange_find_parties(exchange_role(exchange, terms->asset), accounts, &parties))
        return "there is no escrow for it";
    if (!exchange_moves_only(entry, postings, exchange_plan_postings(terms, plan, &parties, postings)))
        return "it moves something else than its fills";
    if (!has_cards(exchange, terms, plan)) return "it sells cards that are not there";
    size_t count = exchange_plan_cards(exchange, terms, plan, cards);
    bool same = entry->ordered->n_cards == count &&
                (!count || memcmp(entry->ordered->cards, cards, count * sizeof *cards) == 0);
    return same ? NULL : "it moves other cards";
}

static const char *check_room(const struct exchange *exchange, const struct exchange_terms *terms,
                              const struct exchange_plan *plan)
{
    const struct exchange_person *person = exchange_person(exchange, terms->account);
    if (!plan->rest) return NULL;
    if (person && person->count >= EXCHANGE_OPEN_MAX) return "the account has too many orders";
    bool full = market_count(exchange_role(exchange, terms->asset)->market) >= EXCHANGE_RESTING_MAX;
    return full && !plan->count ? "the book is full" : NULL;
}

const char *exchange_check_ordered(struct exchange *exchange, const struct ledger_accounts *accounts,
                                   const Ledger__Entry *entry)
{
    struct exchange_terms terms;
    struct exchange_plan plan;
    struct exchange_role *role = exchange_role(exchange, entry->ordered->asset);
    if (!role || exchange_is_stopped(role) || !read_terms(entry->ordered, &terms) ||
        terms.account >= accounts->count)
        return "it is no order";
    if (!exchange_reserve(exchange, entry->ordered->asset, EXCHANGE_FILLS_MAX + 1))
        return "there is no memory for an order";
    exchange_plan_order(exchange, &terms, &plan);
    if (!is_planned(entry->ordered, &plan)) return "the order's fills are not what the rules give";
    const char *wrong = check_room(exchange, &terms, &plan);
    return wrong ? wrong : check_moves(exchange, accounts, entry, &terms, &plan);
}

// ---- Carrying it out

// The engine must come to what was planned by walking it.
static void run_engine(struct market *market, const struct exchange_terms *terms,
                       const struct exchange_plan *plan, uint64_t number)
{
    struct market_result result;
    const struct market_command command = {.kind = MARKET_ADD,
                                           .order_id = number,
                                           .owner_id = terms->account,
                                           .side = terms->side,
                                           .price = terms->price,
                                           .quantity = plan->filled + plan->rest,
                                           .time_in_force = plan->rest ? MARKET_GTC : MARKET_IOC};
    if (!command.quantity) return;
    market_apply(market, &command, &result);
    if (result.outcome != MARKET_DONE || result.trade_count != plan->count || result.resting != plan->rest)
        abort();
    for (size_t i = 0; i < plan->count; i++)
        if (result.trades[i].maker_order_id != plan->fills[i].order ||
            result.trades[i].quantity != plan->fills[i].quantity ||
            result.trades[i].maker_left != plan->fills[i].left)
            abort();
}

// What is told of an order that comes, before anything happened to it.
static struct exchange_news begin_news(const struct exchange_terms *terms, const Ledger__Entry *entry,
                                       uint64_t number)
{
    return (struct exchange_news){.entry = number,
                                  .time_ms = entry->time_ms,
                                  .kind = EXCHANGE_ACCEPTED,
                                  .open = true,
                                  .immediate = terms->immediate,
                                  .order = {.number = number,
                                            .price = terms->price,
                                            .created_ms = entry->time_ms,
                                            .changed = number,
                                            .account = terms->account,
                                            .asset = terms->asset,
                                            .quantity = terms->quantity,
                                            .side = terms->side,
                                            .post_only = terms->post_only}};
}

static void fill_maker(struct exchange *exchange, const struct exchange_terms *terms,
                       const struct exchange_fill *fill, uint64_t number)
{
    struct exchange_order *maker = exchange_order(exchange, fill->order);
    maker->filled += fill->quantity;
    maker->value += fill->price * fill->quantity;
    maker->changed = number;
    if (terms->side == MARKET_BUY)
        exchange_release(exchange, maker, terms->account, fill->quantity);
    else
        exchange_give(exchange, terms->asset, terms->account, fill->account, fill->quantity);
}

// The two of a trade are told of it. `news` is of who came.
static void apply_fill(struct exchange *exchange, const struct exchange_terms *terms,
                       const struct exchange_fill *fill, struct exchange_news *news)
{
    const int64_t value = fill->price * fill->quantity, fee = exchange_fee(value, terms->fee_bp);
    struct exchange_order *maker = exchange_order(exchange, fill->order);
    struct exchange_news theirs = *news;
    fill_maker(exchange, terms, fill, news->entry);
    news->kind = EXCHANGE_TRADED;
    news->order.filled += fill->quantity;
    news->order.value += value;
    news->price = fill->price;
    news->quantity = fill->quantity;
    news->fee = terms->side == MARKET_SELL ? fee : 0;
    exchange_tell(exchange, news);
    theirs.kind = EXCHANGE_TRADED;
    theirs.immediate = false;
    theirs.maker = true;
    theirs.order = *maker;
    theirs.price = fill->price;
    theirs.quantity = fill->quantity;
    theirs.fee = terms->side == MARKET_BUY ? fee : 0;
    exchange_tell(exchange, &theirs);
    news->place++;
    if (!fill->left) exchange_close(exchange, maker);
}

static void apply_rest(struct exchange *exchange, const struct exchange_terms *terms,
                       const struct exchange_plan *plan, const Ledger__Entry *entry, uint64_t number)
{
    struct exchange_order order = {.number = number,
                                   .changed = number,
                                   .price = terms->price,
                                   .value = plan->value,
                                   .created_ms = entry->time_ms,
                                   .account = terms->account,
                                   .asset = terms->asset,
                                   .quantity = terms->quantity,
                                   .filled = plan->filled,
                                   .side = terms->side,
                                   .post_only = terms->post_only};
    const ProtobufCBinaryData client = entry->ordered->client;
    if (!plan->rest) return;
    if (client.len) memcpy(order.client, client.data, sizeof order.client);
    struct exchange_order *rests = exchange_rest(exchange, &order);
    if (terms->side == MARKET_SELL) exchange_escrow(exchange, rests, plan->rest);
}

static void keep_client(struct exchange *exchange, const Ledger__Entry *entry, uint64_t number)
{
    struct exchange_client client = {number, entry->time_ms, entry->ordered->account, {0}};
    if (!entry->ordered->client.len) return;
    memcpy(client.id, entry->ordered->client.data, sizeof client.id);
    exchange_remember(exchange, &client);
}

static void tell_end(struct exchange *exchange, const struct exchange_plan *plan, struct exchange_news *news)
{
    if (!plan->reason) return;
    news->kind = EXCHANGE_CANCELLED;
    news->open = false;
    news->reason = plan->reason;
    exchange_tell(exchange, news);
}

// Fills come by price, so those of one level are neighbours.
static void tell_levels(struct exchange_role *role, const struct exchange_terms *terms,
                        const struct exchange_plan *plan, const struct exchange_news *news)
{
    struct exchange_level levels[EXCHANGE_FILLS_MAX + 1];
    struct exchange_change change = {.entry = news->entry,
                                     .time_ms = news->time_ms,
                                     .side = terms->side,
                                     .levels = levels,
                                     .fills = plan->fills,
                                     .fill_count = plan->count};
    for (size_t i = 0; i < plan->count; i++)
        if (!i || plan->fills[i].price != plan->fills[i - 1].price)
            levels[change.level_count++] =
                (struct exchange_level){.price = plan->fills[i].price, .side = !terms->side};
    if (plan->rest)
        levels[change.level_count++] = (struct exchange_level){.price = terms->price, .side = terms->side};
    exchange_tell_book(role, &change);
}

void exchange_apply_ordered(struct exchange *exchange, const Ledger__Entry *entry, uint64_t number)
{
    struct exchange_role *role = exchange_role(exchange, entry->ordered->asset);
    struct exchange_terms terms;
    struct exchange_plan plan;
    if (!read_terms(entry->ordered, &terms)) abort();
    exchange_plan_order(exchange, &terms, &plan);
    run_engine(role->market, &terms, &plan, number);
    struct exchange_news news = begin_news(&terms, entry, number);
    exchange_tell(exchange, &news);
    for (size_t i = 0; i < plan.count; i++) apply_fill(exchange, &terms, &plan.fills[i], &news);
    apply_rest(exchange, &terms, &plan, entry, number);
    tell_end(exchange, &plan, &news);
    keep_client(exchange, entry, number);
    if (plan.count || plan.rest) tell_levels(role, &terms, &plan, &news);
    if (!plan.count) return;
    const struct exchange_fill *last = &plan.fills[plan.count - 1];
    role->last = (struct exchange_last){
        last->price, entry->time_ms, number, last->quantity, (uint8_t)(plan.count - 1), terms.side};
}
