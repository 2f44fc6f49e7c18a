// How far a viewer may be behind: in bytes not at all, in messages for a while, and never through a fault
// that is not their client's.
#include "services/gateway/feed/channel.h"
#include "services/gateway/feed/testing/house.h"

static size_t bytes_behind(const struct guest *guest)
{
    const struct feed_sub *sub = guest->viewer.subs;
    return ring_bytes_after(&sub->group->ring, sub->offset);
}

static void open_with(struct house *house, const char *address, struct feed_pace pace, struct guest *guests,
                      int count)
{
    open_paced_house(house, address, pace);
    for (int i = 0; i < count; i++) come(house, &guests[i], -1, "");
    HOUSE_UNTIL(house, all_know_all(guests, (size_t)count));
}

static void more_bytes_than_may_wait_end_a_viewer_at_once(void **state)
{
    enum { MOST = 96 << 10 };
    struct house house;
    struct guest guests[2] = {0}, *slow = &guests[0], *quick = &guests[1];
    (void)state;
    open_with(&house, "inproc://bytes", (struct feed_pace){MOST, 1 << 20, 600000}, guests, 2);
    slow->full = true;
    while (!slow->ended) {
        assert_true(bytes_behind(slow) + FEED_FULL <= MOST);
        happen(&house, -1);
        HOUSE_UNTIL(&house, knows_all(quick));
        loop_turn(house.loop);
    }
    assert_int_equal(slow->why, FEED_SLOW);
    assert_true(quick->told[FEED_ENTRY] > 100); // it was no sooner
    assert_int_equal(quick->ended, 0);
    close_house(&house);
}

static void many_messages_may_wait_for_a_while(void **state)
{
    enum { MOST = 10, WHILE_MS = 1500 };
    struct house house;
    struct guest guests[4] = {0}, *slow = &guests[0], *back = &guests[1], *near = &guests[2];
    (void)state;
    open_with(&house, "inproc://messages", (struct feed_pace){256 << 10, MOST, WHILE_MS}, guests, 4);
    slow->full = back->full = true;
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(near));
    near->full = true; // one message less
    for (int i = 0; i < MOST; i++) happen(&house, -1);
    int64_t begun_ms = clock_mono_ms();
    HOUSE_UNTIL(&house, knows_all(&guests[3]));
    HOUSE_UNTIL(&house, slow->viewer.behind_ms && back->viewer.behind_ms);
    assert_int_equal(near->viewer.behind_ms, 0);
    back->full = false;
    feed_writable(&back->viewer);
    HOUSE_UNTIL(&house, knows_all(back));
    HOUSE_UNTIL(&house, slow->ended == 1); // with nothing else happening
    assert_true(clock_mono_ms() - begun_ms >= WHILE_MS);
    assert_int_equal(slow->why, FEED_SLOW);
    assert_int_equal(back->ended + near->ended + guests[3].ended, 0);
    assert_int_equal(house.feed->behind, 0);
    close_house(&house);
}

static void who_leaves_behind_is_counted_no_more(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_with(&house, "inproc://leaves", (struct feed_pace){256 << 10, 1, 600000}, guests, 2);
    guests[0].full = true;
    for (int i = 0; i < 2; i++) happen(&house, -1);
    HOUSE_UNTIL(&house, house.feed->behind == 1);
    go(&guests[0]);
    assert_int_equal(house.feed->behind, 0);
    close_house(&house);
}

// What waits for answers of services, and for no client, is asked for anew when it goes on.
static void who_is_held_up_by_others_is_not_ended(void **state)
{
    struct house house;
    struct guest guests[2] = {0}, *held = &guests[0];
    (void)state;
    open_with(&house, "inproc://held", (struct feed_pace){96 << 10, 10, 1}, guests, 2);
    held->busy = true;
    for (int i = 0; i < RING_ITEMS + 10; i++) {
        happen(&house, -1);
        if (i % 5 == 0) HOUSE_UNTIL(&house, knows_all(&guests[1]));
    }
    HOUSE_UNTIL(&house, knows_all(&guests[1]));
    assert_int_equal(held->told[FEED_ENTRY], 0);
    held->busy = false;
    feed_writable(&held->viewer);
    HOUSE_UNTIL(&house, knows_all(held));
    assert_int_equal(held->told[FEED_ENTRY], RING_ITEMS + 10);
    assert_int_equal(held->ended + held->told[FEED_RESET], 0);
    close_house(&house);
}

// A client that reads slowly has always something waiting, and is there all the same.
static void who_takes_some_between_heads_is_there(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_with(&house, "inproc://slowly", (struct feed_pace){256 << 10, 1024, 5000}, &guest, 1);
    guest.full = true;
    assert_true(viewer_takes_nothing(&guest.viewer) || guest.viewer.waited == FEED_FULL);
    assert_true(viewer_takes_nothing(&guest.viewer));
    guest.viewer.waited = FEED_FULL + 1;
    assert_false(viewer_takes_nothing(&guest.viewer));
    close_house(&house);
}

// The first one after the wheel turns faster comes with the slot that is due yet.
static void heads_come_once_a_turn_of_the_wheel_and_say_how_far_the_log_is(void **state)
{
    enum { SLOT_MS = 1 };
    struct house house;
    struct guest guests[3] = {0};
    struct cursor cursor;
    (void)state;
    open_with(&house, "inproc://heads", (struct feed_pace){256 << 10, 1024, 5000}, guests, 3);
    assert_int_equal(house.feed->slot_ms * FEED_SLOTS, 15000);
    house.feed->slot_ms = SLOT_MS;
    for (int i = 0; i < 3; i++) {
        HOUSE_UNTIL(&house, guests[i].told[FEED_HEAD] > 0);
        int heads = guests[i].told[FEED_HEAD];
        HOUSE_UNTIL(&house, guests[i].told[FEED_HEAD] > heads);
        int64_t at_ms = loop_now_ms(house.loop);
        happen(&house, -1);
        HOUSE_UNTIL(&house, knows_all(&guests[i]));
        HOUSE_UNTIL(&house, guests[i].told[FEED_HEAD] == heads + 2);
        assert_true(loop_now_ms(house.loop) - at_ms >= (int64_t)FEED_SLOTS * SLOT_MS);
        assert_true(cursor_parse(guests[i].cursor, &cursor));
        assert_int_equal(cursor.offset, head_of(-1));
    }
    close_house(&house);
}

static int heads_of(const struct guest *guests, int count)
{
    int heads = 0;
    for (int i = 0; i < count; i++) heads += guests[i].told[FEED_HEAD];
    return heads;
}

// So that a request waits for a few of them at most, and not for all who have the same slot.
static void a_turn_of_the_loop_tells_few_heads(void **state)
{
    enum { CROWD = 20, A_TURN = 8 };
    struct house house;
    struct guest guests[CROWD] = {0};
    int before, turns = 0;
    (void)state;
    open_with(&house, "inproc://few", (struct feed_pace){256 << 10, 1024, 5000}, guests, CROWD);
    for (int i = 0; i < CROWD; i++) {
        guests[i].viewer.wants_head = true;
        feed_mark(&guests[i].viewer);
    }
    for (before = heads_of(guests, CROWD); heads_of(guests, CROWD) < before + CROWD; turns++) {
        int told = heads_of(guests, CROWD);
        feed_turn(house.feed);
        assert_in_range(heads_of(guests, CROWD) - told, 1, A_TURN);
    }
    assert_int_equal(turns, (CROWD + A_TURN - 1) / A_TURN);
    close_house(&house);
}

static void the_wheel_stands_still_while_there_is_nobody(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_with(&house, "inproc://still", (struct feed_pace){256 << 10, 1024, 5000}, guests, 1);
    assert_true(house.feed->wheel.place > 0);
    go(&guests[0]);
    HOUSE_UNTIL(&house, house.feed->wheel.place == 0);
    house.feed->slot_ms = 1;
    come(&house, &guests[1], -1, "");
    HOUSE_UNTIL(&house, guests[1].told[FEED_HEAD] > 0);
    close_house(&house);
}

// Each of them is told in one go what has happened since; few never wait.
static void a_crowd_is_asked_for_at_a_pace(void **state)
{
    enum { CROWD = 2048, PACE_MS = 8 };
    static struct guest guests[CROWD];
    struct house house;
    (void)state;
    memset(guests, 0, sizeof guests);
    open_with(&house, "inproc://crowd", (struct feed_pace){256 << 10, 1024, 5000}, guests, CROWD);
    const struct channel *channel = guests->viewer.subs->channel;
    for (int i = 0; i < 3; i++) {
        int64_t asked_ms = channel->asked_ms;
        happen(&house, -1);
        HOUSE_UNTIL(&house, all_know_all(guests, CROWD));
        if (i) assert_true(channel->asked_ms - asked_ms >= PACE_MS);
    }
    for (int i = 1; i < CROWD; i++) go(&guests[i]);
    happen(&house, -1);
    HOUSE_UNTIL(&house, channel->fresh || channel->question->out);
    assert_false(channel->waits);
    HOUSE_UNTIL(&house, knows_all(guests));
    close_house(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_bytes_than_may_wait_end_a_viewer_at_once),
        cmocka_unit_test(many_messages_may_wait_for_a_while),
        cmocka_unit_test(who_leaves_behind_is_counted_no_more),
        cmocka_unit_test(who_is_held_up_by_others_is_not_ended),
        cmocka_unit_test(who_takes_some_between_heads_is_there),
        cmocka_unit_test(a_crowd_is_asked_for_at_a_pace),
        cmocka_unit_test(heads_come_once_a_turn_of_the_wheel_and_say_how_far_the_log_is),
        cmocka_unit_test(a_turn_of_the_loop_tells_few_heads),
        cmocka_unit_test(the_wheel_stands_still_while_there_is_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
