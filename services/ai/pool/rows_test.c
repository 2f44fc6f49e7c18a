// Rows of the queue, when there are more of them than a page has.
#include "services/ai/pool/rows.h"

#include "lib/base/ids.h"
#include "services/ai/tables.h"
#include "services/ai/testing/evening.h"

enum { MANY = 2500, OLD = 1200 };

static void put_offers(struct store *store)
{
    const struct store_table *table = &ai_tables[AI_OFFERS];
    const struct store_write write = {.after = 0};
    struct err err = {0};
    uint64_t last = 0;
    for (int64_t i = 0; i < MANY; i++) {
        const struct uuid id = uuid_new(i + 1);
        Queue__OfferRow row = QUEUE__OFFER_ROW__INIT;
        row.id = id.text;
        row.state = i % 2 ? QUEUE__OFFER_ROW__STATE__OPEN : QUEUE__OFFER_ROW__STATE__OVER;
        row.made_ms = i;
        last = store_put(store, table, &row.base, 0, &write);
    }
    assert_true(store_wait(store, last, &err));
}

static void every_offer_that_stands_is_found(void **state)
{
    struct evening *evening = *state;
    struct offers offers;
    struct err err = {0};
    put_offers(evening->club->ai.store);
    arena_reset(&evening->club->arena);
    assert_true(offers_in(evening->club->ai.store, QUEUE__OFFER_ROW__STATE__OPEN, &evening->club->arena,
                          &offers, &err));
    assert_int_equal(offers.count, MANY / 2);
    for (size_t i = 1; i < offers.count; i++)
        assert_true(offers.all[i - 1].row->made_ms < offers.all[i].row->made_ms);
}

static void who_waits_longer_is_found_alone(void **state)
{
    struct evening *evening = *state;
    struct tickets tickets;
    struct err err = {0};
    join_all(evening, 0, 4);
    evening->club->now_ms += OLD;
    join_all(evening, 4, 8);
    arena_reset(&evening->club->arena);
    assert_true(
        tickets_older(evening->club->ai.store, now(evening) - OLD, &evening->club->arena, &tickets, &err));
    assert_int_equal(tickets.count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_offer_that_stands_is_found),
        TEST(who_waits_longer_is_found_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
