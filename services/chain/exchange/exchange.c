#include "services/chain/exchange/exchange.h"
#include "services/chain/exchange/parts.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FIRST_ROOM = 16 };

static const uint64_t MOST = UINT64_C(1) << 31;

void exchange_init(struct exchange *exchange, const uint8_t seed[16])
{
    *exchange = (struct exchange){.roles_count = 0};
    ledger_map_init(&exchange->orders, sizeof(struct exchange_order), sizeof(uint64_t), MOST, seed);
    ledger_map_init(&exchange->people, sizeof(struct exchange_person), sizeof(uint32_t), MOST, seed);
    ledger_map_init(&exchange->holders, sizeof(struct exchange_holder), sizeof(struct exchange_holder_key),
                    MOST, seed);
    exchange_clients_init(&exchange->clients, seed);
    mints_init(&exchange->mints, seed);
}

void exchange_finish(struct exchange *exchange)
{
    for (uint32_t i = 0; i < exchange->roles_count; i++) {
        market_destroy(exchange->roles[i].market);
        cards_finish(&exchange->roles[i].cards);
        exchange_forget_messages(&exchange->roles[i]);
    }
    free(exchange->roles);
    free(exchange->news);
    ledger_map_finish(&exchange->orders);
    ledger_map_finish(&exchange->people);
    ledger_map_finish(&exchange->holders);
    ledger_dues_finish(&exchange->cancels);
    exchange_clients_finish(&exchange->clients);
    mints_finish(&exchange->mints);
    memset(exchange, 0, sizeof *exchange);
}

// ---- Roles

bool exchange_add_role(struct exchange *exchange, const uint8_t role_id[16])
{
    if (exchange->roles_count == exchange->roles_room) {
        uint32_t room = exchange->roles_room ? exchange->roles_room * 2 : FIRST_ROOM;
        struct exchange_role *grown = realloc(exchange->roles, room * sizeof *grown);
        if (!grown) return false;
        exchange->roles = grown;
        exchange->roles_room = room;
    }
    struct exchange_role *role = &exchange->roles[exchange->roles_count++];
    *role = (struct exchange_role){.stopped = false};
    memcpy(role->role_id, role_id, sizeof role->role_id);
    return true;
}

struct exchange_role *exchange_role(const struct exchange *exchange, uint32_t asset)
{
    bool there = asset >= EXCHANGE_FIRST_ASSET && asset - EXCHANGE_FIRST_ASSET < exchange->roles_count;
    return there ? &exchange->roles[asset - EXCHANGE_FIRST_ASSET] : NULL;
}

bool exchange_open(struct exchange *exchange, uint32_t asset)
{
    struct exchange_role *role = exchange_role(exchange, asset);
    uint64_t seed;
    randombytes_buf(&seed, sizeof seed);
    if (!role->market) role->market = market_create(EXCHANGE_RESTING_MAX, seed);
    return role->market;
}

bool exchange_reserve(struct exchange *exchange, uint32_t asset, uint32_t holders)
{
    return exchange_open(exchange, asset) && ledger_map_reserve(&exchange->orders, 1) &&
           ledger_map_reserve(&exchange->people, 1) && ledger_map_reserve(&exchange->holders, holders) &&
           exchange_clients_reserve(&exchange->clients);
}

enum { CHECKED_LEVELS = 10, LEVEL_TEXT = 48 };

static uint32_t add_levels(const struct exchange_role *role, enum market_side side, uint32_t sum)
{
    struct market_level levels[CHECKED_LEVELS];
    char text[LEVEL_TEXT];
    size_t count = market_depth(role->market, side, levels, CHECKED_LEVELS);
    for (size_t i = 0; i < count; i++) {
        int len =
            snprintf(text, sizeof text, "%" PRId64 ":%" PRIu64 ";", levels[i].price, levels[i].quantity);
        sum = (uint32_t)crc32(sum, (const uint8_t *)text, (uInt)len);
    }
    return sum;
}

uint32_t exchange_checksum(const struct exchange_role *role)
{
    return role->market ? add_levels(role, MARKET_BUY, add_levels(role, MARKET_SELL, 0)) : 0;
}

// ---- Orders

struct exchange_order *exchange_order(const struct exchange *exchange, uint64_t number)
{
    return exchange->orders.count ? ledger_map_find(&exchange->orders, &number) : NULL;
}

struct exchange_person *exchange_person(const struct exchange *exchange, uint32_t account)
{
    return exchange->people.count ? ledger_map_find(&exchange->people, &account) : NULL;
}

struct exchange_person *exchange_person_get(struct exchange *exchange, uint32_t account)
{
    struct exchange_person *person = exchange_person(exchange, account);
    return person ? person : ledger_map_put(&exchange->people, &account);
}

static void drop_person(struct exchange *exchange, struct exchange_person *person)
{
    if (!person->count && !person->cancel_ms && !person->told) ledger_map_remove(&exchange->people, person);
}

// Numbers of one account's orders grow along the list, also when a snapshot has them in another order.
static void link_order(struct exchange *exchange, struct exchange_order *order)
{
    struct exchange_person *person = exchange_person_get(exchange, order->account);
    uint64_t older = person->newest, newer = 0;
    while (older > order->number) {
        newer = older;
        older = exchange_order(exchange, older)->older;
    }
    order->older = older;
    order->newer = newer;
    *(older ? &exchange_order(exchange, older)->newer : &person->oldest) = order->number;
    *(newer ? &exchange_order(exchange, newer)->older : &person->newest) = order->number;
    person->count++;
}

static void unlink_order(struct exchange *exchange, const struct exchange_order *order)
{
    struct exchange_person *person = exchange_person(exchange, order->account);
    *(order->older ? &exchange_order(exchange, order->older)->newer : &person->oldest) = order->newer;
    *(order->newer ? &exchange_order(exchange, order->newer)->older : &person->newest) = order->older;
    person->count--;
    drop_person(exchange, person);
}

struct exchange_order *exchange_rest(struct exchange *exchange, const struct exchange_order *order)
{
    struct exchange_order *rests = ledger_map_put(&exchange->orders, &order->number);
    const uint64_t hash = rests->hash;
    *rests = *order;
    rests->hash = hash;
    rests->cards = (struct card_queue){.count = 0};
    link_order(exchange, rests);
    return rests;
}

void exchange_close(struct exchange *exchange, struct exchange_order *order)
{
    unlink_order(exchange, order);
    ledger_map_remove(&exchange->orders, order);
}

// ---- Times to cancel

static bool cancel_holds(const void *exchange, const struct ledger_due *due)
{
    uint32_t account;
    memcpy(&account, due->id, sizeof account);
    const struct exchange_person *person = exchange_person(exchange, account);
    return person && person->cancel_ms == due->at_ms;
}

bool exchange_reserve_cancel(struct exchange *exchange)
{
    return ledger_map_reserve(&exchange->people, 1) &&
           ledger_dues_reserve(&exchange->cancels, 1, cancel_holds, exchange);
}

void exchange_set_cancel(struct exchange *exchange, uint32_t account, int64_t at_ms)
{
    struct exchange_person *person = exchange_person_get(exchange, account);
    struct ledger_due due = {.at_ms = at_ms};
    memcpy(due.id, &account, sizeof account);
    if (at_ms && person->cancel_ms != at_ms) ledger_dues_add(&exchange->cancels, &due);
    person->cancel_ms = at_ms;
    drop_person(exchange, person);
}

uint32_t exchange_due(struct exchange *exchange, int64_t now_ms)
{
    const struct ledger_due *first = ledger_dues_first(&exchange->cancels, cancel_holds, exchange);
    uint32_t account = LEDGER_NO_ACCOUNT;
    if (first && first->at_ms <= now_ms) memcpy(&account, first->id, sizeof account);
    return account;
}

// ---- Cards

static struct exchange_holder *find_holder(const struct exchange *exchange, uint32_t account, uint32_t asset)
{
    const struct exchange_holder_key key = {account, asset};
    return exchange->holders.count ? ledger_map_find(&exchange->holders, &key) : NULL;
}

static struct exchange_holder *get_holder(struct exchange *exchange, uint32_t account, uint32_t asset)
{
    const struct exchange_holder_key key = {account, asset};
    struct exchange_holder *holder = find_holder(exchange, account, asset);
    return holder ? holder : ledger_map_put(&exchange->holders, &key);
}

static void drop_holder(struct exchange *exchange, uint32_t account, uint32_t asset)
{
    struct exchange_holder *holder = find_holder(exchange, account, asset);
    if (holder && !holder->cards.count) ledger_map_remove(&exchange->holders, holder);
}

const struct card_queue *exchange_holder(const struct exchange *exchange, uint32_t account, uint32_t asset)
{
    const struct exchange_holder *holder = find_holder(exchange, account, asset);
    return holder ? &holder->cards : NULL;
}

void exchange_give(struct exchange *exchange, uint32_t asset, uint32_t from, uint32_t to, uint32_t count)
{
    struct exchange_role *role = exchange_role(exchange, asset);
    struct exchange_holder *receiver = get_holder(exchange, to, asset);
    cards_move(&role->cards, &find_holder(exchange, from, asset)->cards, &receiver->cards, count);
    drop_holder(exchange, from, asset);
}

void exchange_escrow(struct exchange *exchange, struct exchange_order *order, uint32_t count)
{
    struct exchange_role *role = exchange_role(exchange, order->asset);
    cards_move(&role->cards, &find_holder(exchange, order->account, order->asset)->cards, &order->cards,
               count);
    drop_holder(exchange, order->account, order->asset);
}

void exchange_release(struct exchange *exchange, struct exchange_order *order, uint32_t to, uint32_t count)
{
    struct exchange_role *role = exchange_role(exchange, order->asset);
    if (!count) return;
    cards_move(&role->cards, &order->cards, &get_holder(exchange, to, order->asset)->cards, count);
}

void exchange_hand(struct exchange *exchange, uint32_t account, uint32_t asset, uint32_t card)
{
    struct exchange_role *role = exchange_role(exchange, asset);
    cards_push(&role->cards, &get_holder(exchange, account, asset)->cards, card);
}

void exchange_take(struct exchange *exchange, uint32_t account, uint32_t asset, uint32_t card)
{
    struct exchange_role *role = exchange_role(exchange, asset);
    cards_take(&role->cards, &find_holder(exchange, account, asset)->cards, card);
    drop_holder(exchange, account, asset);
}

// ---- For a snapshot

size_t exchange_holders_size(const struct exchange *exchange)
{
    size_t size = 8;
    for (const struct exchange_holder *holder = NULL; (holder = ledger_map_next(&exchange->holders, holder));)
        size += 12 + (size_t)holder->cards.count * 4;
    return size;
}

void exchange_holders_write(const struct exchange *exchange, struct fields_writer *writer)
{
    fields_put_uint(writer, exchange->holders.count, 8);
    for (const struct exchange_holder *holder = NULL;
         (holder = ledger_map_next(&exchange->holders, holder));) {
        fields_put_uint(writer, holder->key.account, 4);
        fields_put_uint(writer, holder->key.asset, 4);
        exchange_queue_write(exchange_role(exchange, holder->key.asset), &holder->cards, writer);
    }
}

bool exchange_holders_read(struct exchange *exchange, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / 12 || !ledger_map_reserve(&exchange->holders, count)) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t account = (uint32_t)fields_get_uint(reader, 4);
        uint32_t asset = (uint32_t)fields_get_uint(reader, 4);
        struct exchange_role *role = exchange_role(exchange, asset);
        bool fits = role && !find_holder(exchange, account, asset);
        if (!fits || !exchange_queue_read(role, &get_holder(exchange, account, asset)->cards, reader))
            return false;
    }
    return true;
}
