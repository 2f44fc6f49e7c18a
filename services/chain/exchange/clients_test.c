// What clients named their orders is known for a day, whoever else places how many.
#include "tests/test.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "services/chain/exchange/parts.h"

enum { MODEST = 1, GREEDY = 2, OTHERS = 100, NOW = 1000 };

static const uint8_t seed[16] = {7};

static struct exchange_client client_of(uint32_t account, uint32_t name, int64_t time_ms)
{
    struct exchange_client client = {.account = account, .time_ms = time_ms};
    client.number = (uint64_t)time_ms << 32 | account << 20 | name;
    memcpy(client.id, &name, sizeof name);
    return client;
}

static void remember(struct exchange *exchange, uint32_t account, uint32_t name, int64_t time_ms)
{
    const struct exchange_client client = client_of(account, name, time_ms);
    assert_true(exchange_clients_reserve(&exchange->clients));
    exchange_remember(exchange, &client);
}

static bool knows(const struct exchange *exchange, uint32_t account, uint32_t name, int64_t now_ms)
{
    const struct exchange_client client = client_of(account, name, 0);
    uint64_t number = exchange_client(exchange, account, client.id, now_ms);
    assert_true(!number || (uint32_t)number == client.number);
    return number;
}

// Both have the same ones, in the same order.
static void expect_same_snapshot(const struct exchange *exchange)
{
    struct exchange again;
    size_t size = exchange_clients_size(&exchange->clients);
    uint8_t *bytes = malloc(size), *more = malloc(size);
    struct fields_writer writer = {bytes};
    exchange_clients_write(&exchange->clients, &writer);
    struct fields_reader reader = {bytes, size, false};
    exchange_init(&again, seed);
    assert_true(exchange_clients_read(&again, &reader) && fields_is_whole(&reader));
    assert_int_equal(exchange_clients_size(&again.clients), size);
    writer.at = more;
    exchange_clients_write(&again.clients, &writer);
    assert_memory_equal(bytes, more, size);
    exchange_finish(&again);
    free(bytes);
    free(more);
}

static void who_places_many_pushes_nobody_out(void **state)
{
    struct exchange exchange;
    (void)state;
    exchange_init(&exchange, seed);
    for (uint32_t name = 1; name <= 10; name++) remember(&exchange, MODEST, name, NOW);
    for (uint32_t name = 1; name <= EXCHANGE_CLIENTS_MAX + 1000; name++)
        remember(&exchange, GREEDY, name, NOW);
    for (uint32_t name = 1; name <= 10; name++) assert_true(knows(&exchange, MODEST, name, NOW));
    assert_false(knows(&exchange, GREEDY, 1, NOW));
    assert_true(knows(&exchange, GREEDY, EXCHANGE_CLIENTS_MAX + 1000, NOW));
    assert_int_equal(exchange.clients.count, EXCHANGE_CLIENTS_MAX);
    expect_same_snapshot(&exchange);
    exchange_finish(&exchange);
}

// Who comes later gets a share, of the oldest.
static void all_come_to_have_some(void **state)
{
    struct exchange exchange;
    const uint32_t share = EXCHANGE_CLIENTS_MAX / (OTHERS + 1);
    (void)state;
    exchange_init(&exchange, seed);
    for (uint32_t name = 1; name <= EXCHANGE_CLIENTS_MAX; name++) remember(&exchange, GREEDY, name, NOW);
    for (uint32_t name = 1; name <= 2 * share; name++)
        for (uint32_t other = 1; other <= OTHERS; other++) remember(&exchange, GREEDY + other, name, NOW);
    for (uint32_t other = 1; other <= OTHERS; other++)
        assert_true(knows(&exchange, GREEDY + other, 2 * share - share / 2, NOW));
    assert_int_equal(exchange.clients.count, EXCHANGE_CLIENTS_MAX);
    expect_same_snapshot(&exchange);
    exchange_finish(&exchange);
}

static void a_day_later_they_are_forgotten(void **state)
{
    struct exchange exchange;
    (void)state;
    exchange_init(&exchange, seed);
    for (uint32_t name = 1; name <= 100; name++) remember(&exchange, MODEST, name, NOW + name);
    assert_true(knows(&exchange, MODEST, 50, NOW + EXCHANGE_CLIENT_MS));
    assert_false(knows(&exchange, MODEST, 50, NOW + 50 + EXCHANGE_CLIENT_MS));
    remember(&exchange, GREEDY, 1, NOW + 99 + EXCHANGE_CLIENT_MS);
    assert_int_equal(exchange.clients.count, 2);
    remember(&exchange, MODEST, 100, NOW + 99 + EXCHANGE_CLIENT_MS); // the same name anew
    remember(&exchange, GREEDY, 2, NOW + 100 + EXCHANGE_CLIENT_MS);
    assert_true(knows(&exchange, MODEST, 100, NOW + 100 + EXCHANGE_CLIENT_MS));
    expect_same_snapshot(&exchange);
    exchange_finish(&exchange);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_places_many_pushes_nobody_out),
        cmocka_unit_test(all_come_to_have_some),
        cmocka_unit_test(a_day_later_they_are_forgotten),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
