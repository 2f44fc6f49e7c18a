// A stream of the store as a feed: pages of notices, however its entries were appended.
#include "lib/bus/feed.h"
#include "lib/store/testing/world.h"

static bool fill_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    (void)call;
    (void)err;
    notice->kind = "VERSE";
    notice->payload = bytes;
    return true;
}

static void a_page_has_no_more_than_was_asked_for(void **state)
{
    struct world *world = *state;
    struct rpc_call call = {.arena = &world->arena};
    const ProtobufCBinaryData verse[] = {
        {3, (uint8_t *)"one"}, {3, (uint8_t *)"two"}, {5, (uint8_t *)"three"}};
    assert_durable(world, store_append(world->store, "song", 1, verse, 3, NULL));
    for (uint64_t from = 1; from <= 3; from++) {
        struct feed_page page = {0};
        must(world, feed_read_store(&call, world->store, "song", from, 1, fill_notice, &page, &world->err));
        assert_int_equal(page.count, 1);
        assert_int_equal(page.notices[0]->seq, from);
        assert_memory_equal(page.notices[0]->payload.data, verse[from - 1].data, verse[from - 1].len);
        assert_int_equal(page.head, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_page_has_no_more_than_was_asked_for)};
    return WORLD_RUN("bus: feed of a store", tests);
}
