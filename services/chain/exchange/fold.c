#include "services/chain/exchange/fold.h"

#include <stdlib.h>
#include <string.h>

#include "services/chain/exchange/parts.h"
#include "services/chain/exchange/plan.h"

bool exchange_is_of(const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_CARD_MADE ||
           entry->body_case == LEDGER__ENTRY__BODY_ORDERED ||
           entry->body_case == LEDGER__ENTRY__BODY_WITHDRAWN ||
           entry->body_case == LEDGER__ENTRY__BODY_CANCEL_SET ||
           entry->body_case == LEDGER__ENTRY__BODY_ROLE_STOPPED ||
           entry->body_case == LEDGER__ENTRY__BODY_CARD_TAKEN_BACK ||
           entry->body_case == LEDGER__ENTRY__BODY_CARD_MINTED;
}

bool exchange_is_newer(const Ledger__Entry *entry)
{
    return entry->body_case == LEDGER__ENTRY__BODY_ORDERED && entry->ordered->rules > EXCHANGE_RULES;
}

// ---- Cards

static const char *check_card(struct exchange *exchange, const struct ledger_accounts *accounts,
                              const Ledger__Entry *entry)
{
    const Ledger__CardMade *made = entry->card_made;
    struct exchange_role *role = exchange_role(exchange, made->asset);
    const struct ledger_posting moved[] = {{0, made->asset, -1}, {made->account, made->asset, 1}};
    if (!role || made->card != role->cards.count + 1 || made->event.len != 16 || !made->account ||
        made->account >= accounts->count)
        return "it makes no card";
    if (!exchange_moves_only(entry, moved, 2)) return "it moves another thing than the card";
    bool room = cards_reserve(&role->cards) && ledger_map_reserve(&exchange->holders, 1);
    return room ? NULL : "there is no memory for a card";
}

static void apply_card(struct exchange *exchange, const Ledger__CardMade *made, uint64_t number)
{
    struct exchange_role *role = exchange_role(exchange, made->asset);
    exchange_hand(exchange, made->account, made->asset,
                  cards_make(&role->cards, made->event.data, made->account, number));
}

static const char *check_taken_back(const struct exchange *exchange, const Ledger__Entry *entry)
{
    const Ledger__CardTakenBack *taken = entry->card_taken_back;
    const struct exchange_role *role = exchange_role(exchange, taken->asset);
    const struct card_queue *own = exchange_holder(exchange, taken->account, taken->asset);
    const struct ledger_posting moved[] = {{0, taken->asset, 1}, {taken->account, taken->asset, -1}};
    if (!role || !own || !cards_has(&role->cards, own, taken->card) ||
        cards_winner(&role->cards, taken->card) != taken->account)
        return "it takes back no card";
    return exchange_moves_only(entry, moved, 2) ? NULL : "it moves another thing than the card";
}

// ---- Withdrawals

static bool is_resting(const struct exchange *exchange, const Ledger__Withdrawn *withdrawn, size_t place)
{
    const Ledger__Withdrawn__Of *of = withdrawn->orders[place];
    const struct exchange_order *order = exchange_order(exchange, of->order);
    return order && order->asset == withdrawn->asset && order->account == of->account &&
           order->quantity - order->filled == of->left &&
           (!place || withdrawn->orders[place - 1]->order < of->order);
}

static bool read_withdrawn(const struct exchange *exchange, const Ledger__Withdrawn *withdrawn,
                           uint64_t orders[EXCHANGE_WITHDRAWN_MAX])
{
    size_t cards = 0;
    if (!withdrawn->n_orders || withdrawn->n_orders > EXCHANGE_WITHDRAWN_MAX) return false;
    for (size_t i = 0; i < withdrawn->n_orders; i++) {
        if (!is_resting(exchange, withdrawn, i)) return false;
        orders[i] = withdrawn->orders[i]->order;
        cards += exchange_order(exchange, orders[i])->cards.count;
    }
    return withdrawn->reason && cards <= EXCHANGE_QUANTITY_MAX && withdrawn->n_cards == cards;
}

static const char *check_withdrawn(struct exchange *exchange, const struct ledger_accounts *accounts,
                                   const Ledger__Entry *entry)
{
    const Ledger__Withdrawn *withdrawn = entry->withdrawn;
    struct ledger_posting postings[LEDGER_POSTINGS_MAX];
    struct exchange_parties parties;
    uint64_t orders[EXCHANGE_WITHDRAWN_MAX];
    uint32_t cards[EXCHANGE_QUANTITY_MAX];
    const struct exchange_role *role = exchange_role(exchange, withdrawn->asset);
    if (!role || !exchange_find_parties(role, accounts, &parties) ||
        !read_withdrawn(exchange, withdrawn, orders))
        return "it withdraws no orders";
    size_t count =
        exchange_withdraw_postings(exchange, parties.escrow, orders, withdrawn->n_orders, postings);
    if (!exchange_moves_only(entry, postings, count)) return "it moves something else than the escrow";
    count = exchange_withdraw_cards(exchange, orders, withdrawn->n_orders, cards);
    if (count && memcmp(withdrawn->cards, cards, count * sizeof *cards) != 0) return "it moves other cards";
    bool room = ledger_map_reserve(&exchange->holders, withdrawn->n_orders);
    return room ? NULL : "there is no memory for a withdrawal";
}

static void withdraw_order(struct exchange *exchange, const Ledger__Entry *entry, size_t place,
                           struct exchange_news *news)
{
    const Ledger__Withdrawn__Of *of = entry->withdrawn->orders[place];
    struct exchange_order *order = exchange_order(exchange, of->order);
    struct market_result result;
    const struct market_command command = {.kind = MARKET_CANCEL, .order_id = order->number};
    market_apply(exchange_role(exchange, order->asset)->market, &command, &result);
    if (result.outcome != MARKET_DONE || result.withdrawn != of->left) abort();
    exchange_release(exchange, order, order->account, order->cards.count);
    order->changed = news->entry;
    news->order = *order;
    exchange_tell(exchange, news);
    exchange_close(exchange, order);
}

static bool has_level(const struct exchange_level *levels, size_t count, const struct exchange_order *order)
{
    for (size_t i = 0; i < count; i++)
        if (levels[i].price == order->price && levels[i].side == order->side) return true;
    return false;
}

static void apply_withdrawn(struct exchange *exchange, const Ledger__Entry *entry, uint64_t number)
{
    const Ledger__Withdrawn *withdrawn = entry->withdrawn;
    struct exchange_level levels[EXCHANGE_WITHDRAWN_MAX];
    struct exchange_change change = {.entry = number, .time_ms = entry->time_ms, .levels = levels};
    struct exchange_news news = {
        .entry = number, .time_ms = entry->time_ms, .kind = EXCHANGE_CANCELLED, .reason = withdrawn->reason};
    for (size_t i = 0; i < withdrawn->n_orders; i++) {
        withdraw_order(exchange, entry, i, &news);
        if (!has_level(levels, change.level_count, &news.order))
            levels[change.level_count++] =
                (struct exchange_level){.price = news.order.price, .side = news.order.side};
    }
    exchange_tell_book(exchange_role(exchange, withdrawn->asset), &change);
}

// ---- Stops

bool exchange_is_stopped(const struct exchange_role *role) { return role->stopped || role->disabled; }

bool exchange_is_news(const struct exchange_role *role, uint64_t version, uint64_t generation)
{
    return generation != role->disabled_generation || version > role->disabled_version;
}

static const char *check_stopped(const struct exchange *exchange, const Ledger__RoleStopped *stopped)
{
    const struct exchange_role *role = exchange_role(exchange, stopped->asset);
    if (!role) return "it stops no role";
    bool news = !stopped->version || exchange_is_news(role, stopped->version, stopped->generation);
    return news ? NULL : "the role was switched since";
}

static void apply_stopped(const struct exchange *exchange, const Ledger__RoleStopped *stopped)
{
    struct exchange_role *role = exchange_role(exchange, stopped->asset);
    if (!stopped->version) {
        role->stopped = stopped->stopped;
        return;
    }
    role->disabled = stopped->stopped;
    role->disabled_version = stopped->version;
    role->disabled_generation = stopped->generation;
}

// ---- All

static const char *check_cancel(struct exchange *exchange, const struct ledger_accounts *accounts,
                                const Ledger__Entry *entry)
{
    const Ledger__CancelSet *set = entry->cancel_set;
    if (!set->account || set->account >= accounts->count || set->at_ms < 0)
        return "it sets no time to cancel";
    return exchange_reserve_cancel(exchange) ? NULL : "there is no memory for a time to cancel";
}

const char *exchange_check(struct exchange *exchange, const struct ledger_accounts *accounts,
                           const Ledger__Entry *entry)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_CARD_MADE:
        return check_card(exchange, accounts, entry);
    case LEDGER__ENTRY__BODY_ORDERED:
        return exchange_check_ordered(exchange, accounts, entry);
    case LEDGER__ENTRY__BODY_WITHDRAWN:
        return check_withdrawn(exchange, accounts, entry);
    case LEDGER__ENTRY__BODY_CANCEL_SET:
        return check_cancel(exchange, accounts, entry);
    case LEDGER__ENTRY__BODY_ROLE_STOPPED:
        return check_stopped(exchange, entry->role_stopped);
    case LEDGER__ENTRY__BODY_CARD_TAKEN_BACK:
        return check_taken_back(exchange, entry);
    case LEDGER__ENTRY__BODY_CARD_MINTED:
        return mints_check(exchange, accounts, entry);
    default:
        return NULL;
    }
}

void exchange_apply(struct exchange *exchange, const Ledger__Entry *entry, uint64_t number)
{
    switch (entry->body_case) {
    case LEDGER__ENTRY__BODY_CARD_MADE:
        apply_card(exchange, entry->card_made, number);
        break;
    case LEDGER__ENTRY__BODY_ORDERED:
        exchange_apply_ordered(exchange, entry, number);
        break;
    case LEDGER__ENTRY__BODY_WITHDRAWN:
        apply_withdrawn(exchange, entry, number);
        break;
    case LEDGER__ENTRY__BODY_CANCEL_SET:
        exchange_set_cancel(exchange, entry->cancel_set->account, entry->cancel_set->at_ms);
        break;
    case LEDGER__ENTRY__BODY_ROLE_STOPPED:
        apply_stopped(exchange, entry->role_stopped);
        break;
    case LEDGER__ENTRY__BODY_CARD_TAKEN_BACK:
        exchange_take(exchange, entry->card_taken_back->account, entry->card_taken_back->asset,
                      entry->card_taken_back->card);
        break;
    case LEDGER__ENTRY__BODY_CARD_MINTED:
        mints_apply(exchange, entry->card_minted);
        break;
    default:
        break;
    }
}
