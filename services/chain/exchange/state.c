// The market as bytes. Orders are in the order in which the books are walked, so that adding them makes the
// same books.
#include <string.h>

#include "services/chain/exchange/parts.h"

enum {
    ROLE_BYTES = 1 + 8 + 8 + 8 + 8 + 8 + 8 + 4 + 1 + 1 + 4 + 4,
    EVENT_BYTES = 16,
    CARD_BYTES = EVENT_BYTES + 4 + 8,
    ORDER_BYTES = 8 + 8 + 8 + 8 + 8 + 4 + 4 + 4 + 1 + EXCHANGE_CLIENT_BYTES + 4,
    PERSON_BYTES = 4 + 8 + 8
};

void exchange_queue_write(const struct exchange_role *role, const struct card_queue *queue,
                          struct fields_writer *writer)
{
    uint32_t card = queue->first;
    fields_put_uint(writer, queue->count, 4);
    for (uint32_t i = 0; i < queue->count; i++, card = cards_next(&role->cards, card))
        fields_put_uint(writer, card, 4);
}

bool exchange_queue_read(struct exchange_role *role, struct card_queue *queue, struct fields_reader *reader)
{
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (count > reader->left / 4) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t card = (uint32_t)fields_get_uint(reader, 4);
        if (!card || card > role->cards.count) return false;
        cards_push(&role->cards, queue, card);
    }
    return true;
}

// ---- Size

static size_t role_size(const struct exchange_role *role)
{
    return ROLE_BYTES + (size_t)role->cards.count * CARD_BYTES;
}

size_t exchange_size(const struct exchange *exchange)
{
    size_t size = 8 + exchange_holders_size(exchange) + exchange_clients_size(&exchange->clients) +
                  mints_size(&exchange->mints);
    for (uint32_t i = 0; i < exchange->roles_count; i++) size += role_size(&exchange->roles[i]);
    for (const struct exchange_order *order = NULL; (order = ledger_map_next(&exchange->orders, order));)
        size += ORDER_BYTES + (size_t)order->cards.count * 4;
    return size + exchange->people.count * PERSON_BYTES;
}

// ---- Writing

static void write_order(const struct exchange *exchange, const struct exchange_role *role, uint64_t number,
                        struct fields_writer *writer)
{
    const struct exchange_order *order = exchange_order(exchange, number);
    fields_put_uint(writer, order->number, 8);
    fields_put_uint(writer, order->changed, 8);
    fields_put_uint(writer, (uint64_t)order->price, 8);
    fields_put_uint(writer, (uint64_t)order->value, 8);
    fields_put_uint(writer, (uint64_t)order->created_ms, 8);
    fields_put_uint(writer, order->account, 4);
    fields_put_uint(writer, order->quantity, 4);
    fields_put_uint(writer, order->filled, 4);
    fields_put_uint(writer, (uint64_t)order->side | (uint64_t)order->post_only << 1, 1);
    fields_put(writer, order->client, sizeof order->client);
    exchange_queue_write(role, &order->cards, writer);
}

static void write_side(const struct exchange *exchange, const struct exchange_role *role,
                       enum market_side side, struct fields_writer *writer)
{
    struct market_walk walk = {.side = side};
    struct market_order resting;
    while (market_next(role->market, &walk, &resting)) write_order(exchange, role, resting.order_id, writer);
}

static void write_role(const struct exchange_role *role, struct fields_writer *writer)
{
    fields_put_uint(writer, (uint64_t)role->stopped | (uint64_t)role->disabled << 1, 1);
    fields_put_uint(writer, role->disabled_version, 8);
    fields_put_uint(writer, role->disabled_generation, 8);
    fields_put_uint(writer, role->told, 8);
    fields_put_uint(writer, (uint64_t)role->last.price, 8);
    fields_put_uint(writer, (uint64_t)role->last.time_ms, 8);
    fields_put_uint(writer, role->last.number, 8);
    fields_put_uint(writer, role->last.quantity, 4);
    fields_put_uint(writer, role->last.place, 1);
    fields_put_uint(writer, role->last.side, 1);
    fields_put_uint(writer, role->cards.count, 4);
    for (uint32_t card = 1; card <= role->cards.count; card++) {
        fields_put(writer, cards_event(&role->cards, card), EVENT_BYTES);
        fields_put_uint(writer, cards_winner(&role->cards, card), 4);
        fields_put_uint(writer, cards_made(&role->cards, card), 8);
    }
}

static void write_orders(const struct exchange *exchange, struct fields_writer *writer)
{
    for (uint32_t i = 0; i < exchange->roles_count; i++) {
        const struct exchange_role *role = &exchange->roles[i];
        fields_put_uint(writer, role->market ? market_count(role->market) : 0, 4);
        if (!role->market) continue;
        write_side(exchange, role, MARKET_BUY, writer);
        write_side(exchange, role, MARKET_SELL, writer);
    }
}

static void write_people(const struct exchange *exchange, struct fields_writer *writer)
{
    fields_put_uint(writer, exchange->people.count, 8);
    for (const struct exchange_person *person = NULL;
         (person = ledger_map_next(&exchange->people, person));) {
        fields_put_uint(writer, person->account, 4);
        fields_put_uint(writer, (uint64_t)person->cancel_ms, 8);
        fields_put_uint(writer, person->told, 8);
    }
}

void exchange_write(const struct exchange *exchange, struct fields_writer *writer)
{
    for (uint32_t i = 0; i < exchange->roles_count; i++) write_role(&exchange->roles[i], writer);
    write_orders(exchange, writer);
    exchange_holders_write(exchange, writer);
    write_people(exchange, writer);
    exchange_clients_write(&exchange->clients, writer);
    mints_write(&exchange->mints, writer);
}

// ---- Reading

static bool read_role(struct exchange_role *role, struct fields_reader *reader)
{
    uint64_t stops = fields_get_uint(reader, 1);
    role->stopped = stops & 1;
    role->disabled = stops & 2;
    role->disabled_version = fields_get_uint(reader, 8);
    role->disabled_generation = fields_get_uint(reader, 8);
    role->told = fields_get_uint(reader, 8);
    role->last.price = (int64_t)fields_get_uint(reader, 8);
    role->last.time_ms = (int64_t)fields_get_uint(reader, 8);
    role->last.number = fields_get_uint(reader, 8);
    role->last.quantity = (uint32_t)fields_get_uint(reader, 4);
    role->last.place = (uint8_t)fields_get_uint(reader, 1);
    role->last.side = (uint8_t)fields_get_uint(reader, 1);
    uint32_t count = (uint32_t)fields_get_uint(reader, 4);
    if (count > reader->left / CARD_BYTES) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t event[EVENT_BYTES];
        fields_get(reader, event, sizeof event);
        if (!cards_reserve(&role->cards)) return false;
        uint32_t winner = (uint32_t)fields_get_uint(reader, 4);
        cards_make(&role->cards, event, winner, fields_get_uint(reader, 8));
    }
    return true;
}

static bool rest_again(struct market *market, const struct exchange_order *order)
{
    struct market_result result;
    const struct market_command command = {.kind = MARKET_ADD,
                                           .order_id = order->number,
                                           .owner_id = order->account,
                                           .side = order->side,
                                           .price = order->price,
                                           .quantity = order->quantity - order->filled};
    market_apply(market, &command, &result);
    return result.outcome == MARKET_DONE && result.resting == command.quantity;
}

static bool read_order(struct exchange *exchange, uint32_t asset, struct fields_reader *reader)
{
    struct exchange_order order = {.asset = asset};
    struct exchange_role *role = exchange_role(exchange, asset);
    order.number = fields_get_uint(reader, 8);
    order.changed = fields_get_uint(reader, 8);
    order.price = (int64_t)fields_get_uint(reader, 8);
    order.value = (int64_t)fields_get_uint(reader, 8);
    order.created_ms = (int64_t)fields_get_uint(reader, 8);
    order.account = (uint32_t)fields_get_uint(reader, 4);
    order.quantity = (uint32_t)fields_get_uint(reader, 4);
    order.filled = (uint32_t)fields_get_uint(reader, 4);
    uint64_t kind = fields_get_uint(reader, 1);
    order.side = kind & 1;
    order.post_only = kind >> 1;
    fields_get(reader, order.client, sizeof order.client);
    if (reader->failed || !order.number || exchange_order(exchange, order.number) ||
        order.filled >= order.quantity || !exchange_reserve(exchange, asset, 0) ||
        !rest_again(role->market, &order))
        return false;
    return exchange_queue_read(role, &exchange_rest(exchange, &order)->cards, reader);
}

static bool read_orders(struct exchange *exchange, struct fields_reader *reader)
{
    for (uint32_t i = 0; i < exchange->roles_count; i++) {
        uint64_t count = fields_get_uint(reader, 4);
        if (count > reader->left / ORDER_BYTES) return false;
        while (count--)
            if (!read_order(exchange, EXCHANGE_FIRST_ASSET + i, reader)) return false;
    }
    return true;
}

static bool read_people(struct exchange *exchange, struct fields_reader *reader)
{
    uint64_t count = fields_get_uint(reader, 8);
    if (count > reader->left / PERSON_BYTES) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t account = (uint32_t)fields_get_uint(reader, 4);
        int64_t at_ms = (int64_t)fields_get_uint(reader, 8);
        if (!exchange_reserve_cancel(exchange)) return false;
        exchange_person_get(exchange, account)->told = fields_get_uint(reader, 8);
        exchange_set_cancel(exchange, account, at_ms);
    }
    return true;
}

bool exchange_read(struct exchange *exchange, struct fields_reader *reader)
{
    for (uint32_t i = 0; i < exchange->roles_count; i++)
        if (!read_role(&exchange->roles[i], reader)) return false;
    return read_orders(exchange, reader) && exchange_holders_read(exchange, reader) &&
           read_people(exchange, reader) && exchange_clients_read(exchange, reader) &&
           mints_read(exchange, reader);
}
