// What is told of the market on its streams.
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "lib/base/stamp.h"
#include "services/chain/handlers/dealt.h"

void dealt_key(const struct chain *chain, const char *kind, const uint8_t id[16], uint8_t key[DEALT_KEY])
{
    const uint64_t generation = store_generation(chain->store);
    uint8_t digest[crypto_hash_sha256_BYTES], number[8];
    crypto_hash_sha256_state hash;
    for (int i = 0; i < 8; i++) number[i] = (uint8_t)(generation >> (56 - 8 * i));
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const uint8_t *)kind, strlen(kind) + 1);
    crypto_hash_sha256_update(&hash, id, 16);
    crypto_hash_sha256_update(&hash, number, sizeof number);
    crypto_hash_sha256_final(&hash, digest);
    memcpy(key, digest, DEALT_KEY);
}

// ---- Books

static void add_levels(Chain__BookEntry *shown, const struct exchange_message *message, struct arena *arena)
{
    shown->bids = arena_array(arena, message->level_count + 1, sizeof *shown->bids);
    shown->asks = arena_array(arena, message->level_count + 1, sizeof *shown->asks);
    for (size_t i = 0; i < message->level_count && !arena->failed; i++) {
        const struct exchange_level *at = &message->levels[i];
        const struct market_level level = {at->price, at->quantity, at->orders};
        Chain__BookLevel *made = dealt_level(&level, arena);
        if (at->side == MARKET_BUY)
            shown->bids[shown->n_bids++] = made;
        else
            shown->asks[shown->n_asks++] = made;
    }
}

static Chain__CardTrade *make_deal(const struct exchange_role *role, const struct exchange_message *message,
                                   size_t place, struct arena *arena)
{
    Chain__CardTrade *shown = arena_new(arena, Chain__CardTrade);
    if (!shown) return NULL;
    chain__card_trade__init(shown);
    shown->id = arena_printf(arena, "%" PRIu64 "-%zu", message->entry, place);
    shown->role_id = dealt_role_id(role, arena);
    shown->price = message->deals[place].price;
    shown->quantity = message->deals[place].quantity;
    shown->side = message->side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    shown->time = stamp_new(arena, message->time_ms);
    return shown;
}

Chain__BookEntry *dealt_message(const struct exchange_role *role, const struct exchange_message *message,
                                struct arena *arena)
{
    Chain__BookEntry *shown = message ? arena_new(arena, Chain__BookEntry) : NULL;
    if (!shown) return NULL;
    chain__book_entry__init(shown);
    shown->time = stamp_new(arena, message->time_ms);
    shown->checksum = message->checksum;
    add_levels(shown, message, arena);
    shown->trades = arena_array(arena, message->deal_count + 1, sizeof *shown->trades);
    for (size_t i = 0; i < message->deal_count && !arena->failed; i++)
        shown->trades[shown->n_trades++] = make_deal(role, message, i, arena);
    return arena->failed ? NULL : shown;
}

// ---- One's own orders

static Chain__CardTrade *make_own(const struct book *book, const struct exchange_news *news,
                                  struct arena *arena)
{
    Chain__CardTrade *shown = arena_new(arena, Chain__CardTrade);
    if (!shown) return NULL;
    chain__card_trade__init(shown);
    shown->id = arena_printf(arena, "%" PRIu64 "-%u", news->entry, news->place);
    shown->role_id = arena_str(arena, book->assets[news->order.asset].role_id);
    shown->price = news->price;
    shown->quantity = news->quantity;
    shown->side = news->order.side == MARKET_BUY ? LEDGER__ORDER__SIDE__BUY : LEDGER__ORDER__SIDE__SELL;
    shown->time = stamp_new(arena, news->time_ms);
    shown->order_id = news->order.number;
    shown->part = news->maker ? CHAIN__CARD_TRADE__PART__MAKER : CHAIN__CARD_TRADE__PART__TAKER;
    shown->fee = news->fee;
    return shown;
}

Chain__OrdersEntry *dealt_news(const struct book *book, const struct exchange_news *news, struct arena *arena)
{
    static const Chain__OrdersEntry__Kind kinds[] = {
        [EXCHANGE_ACCEPTED] = CHAIN__ORDERS_ENTRY__KIND__ACCEPTED,
        [EXCHANGE_TRADED] = CHAIN__ORDERS_ENTRY__KIND__TRADE,
        [EXCHANGE_CANCELLED] = CHAIN__ORDERS_ENTRY__KIND__CANCELLED};
    Chain__OrdersEntry *shown = arena_new(arena, Chain__OrdersEntry);
    Chain__CardOrder *order = shown ? dealt_open(book, &news->order, arena) : NULL;
    if (!order) return NULL;
    chain__orders_entry__init(shown);
    shown->time = stamp_new(arena, news->time_ms);
    shown->kind = kinds[news->kind];
    shown->order = order;
    order->reason = news->reason;
    if (news->immediate) order->time_in_force = LEDGER__ORDER__TIME_IN_FORCE__IOC;
    if (news->kind == EXCHANGE_CANCELLED) order->state = CHAIN__CARD_ORDER__STATE__CANCELLED;
    if (news->kind == EXCHANGE_TRADED) shown->trade = make_own(book, news, arena);
    return arena->failed ? NULL : shown;
}
