// Rings: the newest entries without a gap, within bounds, and what is behind a place.
#include "services/gateway/feed/item.h"

#include "events.pb-c.h"
#include "tests/test.h"

static struct feed_item *make(uint64_t number, size_t title)
{
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    char *text = malloc(title + 1);
    assert_non_null(text);
    memset(text, 'x', title);
    text[title] = 0;
    entry.index = number;
    entry.kind = text;
    struct feed_item *item = feed_item_create(&entry.base, number);
    assert_non_null(item);
    free(text);
    return item;
}

// The long way.
static size_t sum_after(const struct ring *ring, uint64_t number)
{
    size_t bytes = 0;
    for (uint64_t n = number + 1; n <= ring->head; n++) {
        const struct feed_item *item = ring_find(ring, n);
        bytes += item ? item->json->len : 0;
    }
    return bytes;
}

static void assert_sums(const struct ring *ring)
{
    for (uint64_t n = 0; n <= ring->head + 2; n++)
        assert_int_equal(ring_bytes_after(ring, n), sum_after(ring, n));
}

static void bytes_behind_a_place_are_known(void **state)
{
    struct ring ring = {.head = 7};
    (void)state;
    assert_int_equal(ring_bytes_after(&ring, 3), 0);
    for (uint64_t n = 8; n < 60; n++) assert_true(ring_add(&ring, make(n, n * 3)));
    assert_sums(&ring);
    ring_finish(&ring);
    assert_int_equal(ring.head, 59);
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
    struct ring ring = {0};
    (void)state;
    for (uint64_t n = 1; n <= RING_ITEMS + 5; n++) assert_true(ring_add(&ring, make(n, 1)));
    assert_int_equal(ring.count, RING_ITEMS);
    assert_null(ring_find(&ring, 5));
    assert_int_equal(ring_find(&ring, 6)->number, 6);
    assert_sums(&ring);
    ring_finish(&ring);
}

static void the_oldest_go_when_they_are_too_large(void **state)
{
    enum { LARGE = RING_BYTES / 4 };
    struct ring ring = {0};
    (void)state;
    for (uint64_t n = 1; n <= 9; n++) assert_true(ring_add(&ring, make(n, LARGE)));
    assert_int_equal(ring.count, 3); // each is a little larger
    assert_sums(&ring);
    assert_true(ring_add(&ring, make(10, 2 * RING_BYTES))); // the newest stays, whatever it is
    assert_int_equal(ring.count, 1);
    assert_sums(&ring);
    ring_finish(&ring);
}

static void what_does_not_follow_is_not_taken(void **state)
{
    struct ring ring = {0};
    (void)state;
    assert_true(ring_add(&ring, make(1, 1)));
    assert_true(ring_add(&ring, make(1, 1))); // it is here already
    assert_false(ring_add(&ring, make(3, 1)));
    assert_int_equal(ring.count, 1);
    assert_int_equal(ring.head, 1);
    ring_finish(&ring);
}

static void an_item_lives_as_long_as_somebody_holds_it(void **state)
{
    struct ring ring = {0};
    (void)state;
    assert_true(ring_add(&ring, make(1, 1)));
    struct feed_item *item = feed_item_hold(ring_find(&ring, 1));
    ring_finish(&ring);
    assert_int_equal(item->holders, 1);
    assert_int_equal(item->type == &events__log_entry__descriptor, 1);
    feed_item_drop(item);
    feed_item_drop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_behind_a_place_are_known),
        cmocka_unit_test(the_oldest_go_when_there_are_too_many),
        cmocka_unit_test(the_oldest_go_when_they_are_too_large),
        cmocka_unit_test(what_does_not_follow_is_not_taken),
        cmocka_unit_test(an_item_lives_as_long_as_somebody_holds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
