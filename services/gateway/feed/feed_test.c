// Viewers of a stream, at a service of the test's own: each gets exactly what they may see, in order, however
// viewers come and go, lag, or come to see another view, and whatever the service does meanwhile.
#include "services/gateway/feed/testing/house.h"

// ---- Stories

static void who_comes_gets_a_snapshot_and_what_happens_then(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://snapshot");
    happen(&house, -1);
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    assert_int_equal(guest.seen, 1);
    happen(&house, -1);
    happen(&house, 3);
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_int_equal(guest.told[FEED_ENTRY], 2);
    assert_int_equal(guest.told[FEED_LIVE] + guest.told[FEED_RESET], 0);
    assert_true(guest.flushed > 0);
    close_house(&house);
    assert_int_equal(guest.why, FEED_DRAINING);
}

static void many_that_see_the_same_are_asked_for_once(void **state)
{
    enum { MANY = 500 };
    static struct guest guests[MANY];
    struct house house;
    (void)state;
    open_house(&house, "inproc://many");
    memset(guests, 0, sizeof guests);
    for (size_t i = 0; i < MANY; i++) come(&house, &guests[i], -1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    assert_true(asked() <= 4);
    int before = asked();
    for (int i = 0; i < 20; i++) {
        happen(&house, -1);
        HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    }
    assert_true(asked() - before <= 20);
    assert_int_equal(house_log.viewers, 1);
    close_house(&house);
}

static void news_while_a_question_is_out_are_asked_for_in_one(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://out");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    gate_set(&house.world.gate, true);
    happen(&house, -1);
    HOUSE_UNTIL(&house, gate_inside(&house.world.gate) == 1);
    for (int i = 0; i < 5; i++) happen(&house, -1);
    for (int i = 0; i < 10; i++) loop_turn(house.loop);
    assert_int_equal(gate_inside(&house.world.gate), 1);
    int before = asked();
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_true(asked() - before <= 3);
    close_house(&house);
}

static void who_comes_back_goes_on(void **state)
{
    struct house house;
    struct guest guest = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://back");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, guest.cursor);
    go(&guest);
    for (int i = 0; i < 3; i++) happen(&house, -1);
    come(&house, &guest, -1, cursor);
    HOUSE_UNTIL(&house, guest.told[FEED_LIVE] == 1);
    assert_int_equal(guest.told[FEED_ENTRY], 3);
    assert_int_equal(guest.told[FEED_SNAPSHOT], 0);
    strcpy(cursor, guest.cursor);
    go(&guest);
    come(&house, &guest, -1, cursor); // nothing has happened
    HOUSE_UNTIL(&house, guest.told[FEED_LIVE] == 1);
    assert_int_equal(guest.told[FEED_ENTRY], 0);
    assert_string_equal(guest.cursor, cursor);
    close_house(&house);
}

// From before what the service has at hand, and in parts.
static void who_is_far_behind_gets_a_page(void **state)
{
    struct house house;
    struct guest early = {0}, late = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://page");
    come(&house, &early, -1, "");
    HOUSE_UNTIL(&house, early.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, early.cursor);
    for (int i = 0; i < AT_HAND * 3; i++) happen(&house, i % 5 == 0 ? 2 : -1);
    HOUSE_UNTIL(&house, knows_all(&early));
    come(&house, &late, -1, cursor);
    HOUSE_UNTIL(&house, late.told[FEED_LIVE] == 1);
    assert_true(knows_all(&late));
    assert_true(house_log.paged > 0);
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&late) && knows_all(&early));
    close_house(&house);
}

static void who_becomes_somebody_begins_anew_and_sees_more(void **state)
{
    struct house house;
    struct guest guests[4] = {0};
    (void)state;
    for (int forgets = 0; forgets < 2; forgets++) {
        open_house(&house, "inproc://rights");
        house_log.forgets = forgets;
        for (int i = 0; i < 4; i++) come(&house, &guests[i], i - 1, "");
        HOUSE_UNTIL(&house, all_know_all(guests, 4));
        become_somebody(&house, 1);
        HOUSE_UNTIL(&house, guests[2].told[FEED_RESET] == 1 && all_know_all(guests, 4));
        assert_int_equal(guests[2].told[FEED_SNAPSHOT], 2);
        happen(&house, 1);
        HOUSE_UNTIL(&house, all_know_all(guests, 4));
        assert_int_equal(guests[2].told[FEED_ENTRY], 1);
        for (int i = 0; i < 4; i++) assert_int_equal(guests[i].told[FEED_RESET], i == 2);
        close_house(&house);
    }
}

static void who_takes_nothing_holds_nobody_up_and_is_ended(void **state)
{
    struct house house;
    struct guest slow = {.entries_most = 5}, quick = {0};
    (void)state;
    open_house(&house, "inproc://slow");
    come(&house, &slow, -1, "");
    come(&house, &quick, -1, "");
    HOUSE_UNTIL(&house, slow.told[FEED_SNAPSHOT] && quick.told[FEED_SNAPSHOT]);
    for (int i = 0; i < 60; i++) {
        happen(&house, -1);
        HOUSE_UNTIL(&house, knows_all(&quick));
    }
    assert_int_equal(slow.told[FEED_ENTRY], 5);
    slow.full = false;
    slow.entries_most = 0;
    feed_writable(&slow.viewer); // what it missed is still there
    HOUSE_UNTIL(&house, knows_all(&slow));
    slow.full = true;
    for (int i = 0; i < RING_ITEMS + 10; i++) {
        happen(&house, -1);
        if (i % 5 == 0) HOUSE_UNTIL(&house, knows_all(&quick));
    }
    HOUSE_UNTIL(&house, slow.ended == 1 && knows_all(&quick));
    assert_int_equal(slow.why, FEED_SLOW);
    assert_int_equal(quick.ended, 0);
    close_house(&house);
}

// A burst that is more than goes out at once is told in one turn all the same.
static void what_had_no_room_follows_the_flush(void **state)
{
    enum { BURST = 30 };
    struct house house;
    struct guest guest = {.at_once = 4}, quick = {0};
    (void)state;
    open_house(&house, "inproc://burst");
    come(&house, &quick, -1, "");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, knows_all(&quick) && knows_all(&guest));
    gate_set(&house.world.gate, true);
    for (int i = 0; i < BURST; i++) happen(&house, -1);
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, knows_all(&quick));
    int64_t begun_ms = clock_mono_ms();
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_true(clock_mono_ms() - begun_ms < 1000); // not with the next head
    assert_true(guest.flushed >= BURST / 4);
    close_house(&house);
}

static void a_service_that_fails_is_asked_again(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://fails");
    come(&house, &guest, -1, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    pthread_mutex_lock(&house_log.lock);
    house_log.fails = true;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    int before = asked();
    HOUSE_UNTIL(&house, asked() - before >= 3);
    pthread_mutex_lock(&house_log.lock);
    house_log.fails = false;
    pthread_mutex_unlock(&house_log.lock);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_int_equal(guest.told[FEED_RESET] + guest.told[FEED_ERROR] + guest.ended, 0);
    close_house(&house);
}

static void who_follows_what_is_gone_is_told(void **state)
{
    struct house house;
    struct guest guests[3] = {0};
    (void)state;
    open_house(&house, "inproc://gone");
    for (int i = 0; i < 3; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    pthread_mutex_lock(&house_log.lock);
    house_log.gone = true;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    for (int i = 0; i < 3; i++) {
        HOUSE_UNTIL(&house, guests[i].told[FEED_ERROR] == 1);
        assert_true(err_is(&guests[i].err, NOT_FOUND));
        assert_int_equal(guests[i].viewer.subs_count, 0);
    }
    close_house(&house);
}

static void set_typing(struct house *house, bool typing, bool told)
{
    Bus__Notice hint = BUS__NOTICE__INIT;
    pthread_mutex_lock(&house_log.lock);
    house_log.typing = typing;
    pthread_mutex_unlock(&house_log.lock);
    hint.stream = "events." AN_ID ".public";
    hint.kind = NEWS_HINT;
    if (told) topics_publish(house->topics, &hint);
}

// Who hears it, and has room, is told that somebody begins, and without news that they ended.
static void who_writes_is_told_and_forgotten(void **state)
{
    struct house house;
    struct guest guests[3] = {0}, late = {0};
    (void)state;
    open_house(&house, "inproc://typing");
    house_log.somebody[0] = house_log.somebody[1] = true;
    for (int i = 0; i < 3; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    guests[2].full = true;
    set_typing(&house, true, true);
    HOUSE_UNTIL(&house, guests[1].told[FEED_TYPING] == 1);
    come(&house, &late, 1, "");
    HOUSE_UNTIL(&house, late.told[FEED_TYPING] == 1);
    assert_int_equal(late.told[FEED_SNAPSHOT], 1);
    set_typing(&house, false, false);
    HOUSE_UNTIL(&house, guests[1].told[FEED_TYPING] == 2 && late.told[FEED_TYPING] == 2);
    int before = asked();
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&guests[1]) && asked() > before);
    guests[2].full = false;
    feed_writable(&guests[2].viewer);
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    assert_int_equal(guests[1].told[FEED_TYPING], 2);
    assert_int_equal(guests[0].told[FEED_TYPING] + guests[2].told[FEED_TYPING], 0);
    close_house(&house);
}

static void a_store_that_was_put_back_is_followed_anew(void **state)
{
    struct house house;
    struct guest guest = {0};
    (void)state;
    open_house(&house, "inproc://restored");
    come(&house, &guest, 0, "");
    HOUSE_UNTIL(&house, guest.told[FEED_SNAPSHOT] == 1);
    become_somebody(&house, 0);
    happen(&house, 0);
    HOUSE_UNTIL(&house, guest.told[FEED_RESET] == 1 && knows_all(&guest));
    pthread_mutex_lock(&house_log.lock);
    house_log.somebody[0] = false;
    house_log.count = 1;
    house_log.newest = house_log.changes[0] = 0;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    HOUSE_UNTIL(&house, guest.told[FEED_RESET] == 2 && knows_all(&guest));
    close_house(&house);
}

// ---- Anything at all

static void settle(struct house *house, struct guest *guests)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.fails = false;
    pthread_mutex_unlock(&house_log.lock);
    HOUSE_UNTIL(house, all_know_all(guests, GUESTS));
}

static void do_something(struct house *house, struct guest *guests)
{
    struct guest *guest = &guests[randombytes_uniform(GUESTS)];
    int user = (int)randombytes_uniform(USERS + 1) - 1;
    char cursor[CURSOR_TEXT];
    switch (randombytes_uniform(12)) {
    case 0:
        if (guest->here) return go(guest);
        return come(house, guest, user, "");
    case 1: // back, as the same or as another
        if (guest->here) return;
        strcpy(cursor, guest->cursor);
        return come(house, guest, randombytes_uniform(3) ? guest->user : user, cursor);
    case 2:
        guest->full = guest->here && !guest->full;
        if (guest->here && !guest->full) feed_writable(&guest->viewer);
        return;
    case 3:
        if (user >= 0 && !house_log.somebody[user] && !randombytes_uniform(8)) become_somebody(house, user);
        return;
    case 4:
        pthread_mutex_lock(&house_log.lock);
        house_log.fails = !randombytes_uniform(6);
        house_log.forgets = !randombytes_uniform(6);
        pthread_mutex_unlock(&house_log.lock);
        return;
    case 5:
        return gate_set(&house->world.gate, !randombytes_uniform(3));
    case 6:
    case 7:
        return happen(house, user);
    default:
        return loop_turn(house->loop);
    }
}

static void whatever_happens_each_gets_what_is_theirs(void **state)
{
    enum { ROUNDS = 6, STEPS = 400 };
    struct house house;
    struct guest guests[GUESTS] = {0};
    int entries = 0, resets = 0;
    (void)state;
    open_house(&house, "inproc://anything");
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < STEPS; i++) do_something(&house, guests);
        gate_set(&house.world.gate, false);
        settle(&house, guests);
        for (int i = 0; i < GUESTS; i++)
            entries += guests[i].told[FEED_ENTRY], resets += guests[i].told[FEED_RESET];
    }
    assert_true(entries > 100 && resets > 3);
    for (int i = 0; i < GUESTS; i++) assert_true(!guests[i].ended || guests[i].why == FEED_SLOW);
    close_house(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_gets_a_snapshot_and_what_happens_then),
        cmocka_unit_test(many_that_see_the_same_are_asked_for_once),
        cmocka_unit_test(news_while_a_question_is_out_are_asked_for_in_one),
        cmocka_unit_test(who_comes_back_goes_on),
        cmocka_unit_test(who_is_far_behind_gets_a_page),
        cmocka_unit_test(who_becomes_somebody_begins_anew_and_sees_more),
        cmocka_unit_test(who_takes_nothing_holds_nobody_up_and_is_ended),
        cmocka_unit_test(what_had_no_room_follows_the_flush),
        cmocka_unit_test(a_service_that_fails_is_asked_again),
        cmocka_unit_test(who_follows_what_is_gone_is_told),
        cmocka_unit_test(who_writes_is_told_and_forgotten),
        cmocka_unit_test(a_store_that_was_put_back_is_followed_anew),
        cmocka_unit_test(whatever_happens_each_gets_what_is_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
