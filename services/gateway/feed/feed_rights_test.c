// How viewers are ended, or judged anew: when they may see no more, by their tokens, and at the gateway's
// end.
#include "services/gateway/feed/channel.h"
#include "services/gateway/feed/testing/house.h"

static void shut_out(struct house *house, int user)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.shut_out[user] = true;
    house_log.newest = house_log.changes[user] = house_log.count + 1;
    pthread_mutex_unlock(&house_log.lock);
    happen(house, -1);
}

// Who was there is told that they may no more; who comes, that there is nothing.
static void who_may_see_no_more_is_ended(void **state)
{
    struct house house;
    struct guest guests[4] = {0}, late = {0}, back = {0};
    (void)state;
    open_house(&house, "inproc://shut");
    for (int i = 0; i < 4; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 4));
    shut_out(&house, 0);
    HOUSE_UNTIL(&house, guests[1].told[FEED_ERROR] == 1);
    assert_int_equal(guests[1].told[FEED_RESET], 1);
    assert_int_equal(guests[1].told[FEED_ENTRY], 0);
    assert_true(err_is(&guests[1].err, NOT_FOUND));
    assert_int_equal(guests[1].viewer.subs_count, 0);
    come(&house, &late, 0, "");
    HOUSE_UNTIL(&house, late.told[FEED_ERROR] == 1);
    assert_int_equal(late.told[FEED_RESET] + late.told[FEED_SNAPSHOT], 0);
    come(&house, &back, 0, guests[1].cursor);
    HOUSE_UNTIL(&house, back.told[FEED_ERROR] == 1);
    assert_int_equal(back.told[FEED_RESET], 1);
    guests[1].here = false;
    happen(&house, -1);
    HOUSE_UNTIL(&house, all_know_all(guests, 4));
    assert_int_equal(guests[0].told[FEED_ENTRY], 2);
    close_house(&house);
}

// Before an answer nobody knows whether there is such an event, and whether they may see it.
static void who_may_see_nothing_is_not_there(void **state)
{
    struct house house;
    struct guest guest = {0}, other = {0};
    (void)state;
    open_house(&house, "inproc://there");
    gate_set(&house.world.gate, true);
    come(&house, &guest, 0, "");
    HOUSE_UNTIL(&house, gate_inside(&house.world.gate) == 1);
    assert_false(presence_has(house.presence, AN_ID, user_name(0)));
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, knows_all(&guest));
    assert_true(presence_has(house.presence, AN_ID, user_name(0)));
    shut_out(&house, 1);
    come(&house, &other, 1, "");
    HOUSE_UNTIL(&house, other.told[FEED_ERROR] == 1);
    assert_false(presence_has(house.presence, AN_ID, user_name(1)));
    close_house(&house);
}

// Others may come back in a moment; who did not answer for so long is not there.
static void who_is_silent_is_gone_at_once(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_house(&house, "inproc://silent");
    for (int i = 0; i < 2; i++) come(&house, &guests[i], i, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 2));
    go(&guests[1]);
    feed_end_silent(&guests[0].viewer);
    assert_int_equal(guests[0].why, FEED_SLOW);
    HOUSE_UNTIL(&house, !presence_has(house.presence, AN_ID, user_name(0)));
    assert_true(presence_has(house.presence, AN_ID, user_name(1)));
    close_house(&house);
}

// As when texts are kept no more: nobody has changed, and each is told; they are asked for together.
static void a_view_that_is_another_one_for_all_is_begun_anew_at_once(void **state)
{
    enum { MANY = 200 };
    static struct guest guests[MANY];
    struct house house;
    (void)state;
    open_house(&house, "inproc://era");
    memset(guests, 0, sizeof guests);
    for (int i = 0; i < MANY; i++) come(&house, &guests[i], i % 2 ? 0 : -1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    int before = asked();
    pthread_mutex_lock(&house_log.lock);
    house_log.era++;
    pthread_mutex_unlock(&house_log.lock);
    happen(&house, -1);
    HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(guests[i].told[FEED_RESET], 1);
        assert_int_equal(guests[i].told[FEED_SNAPSHOT], 2);
    }
    assert_true(asked() - before <= 4);
    close_house(&house);
}

static void make_void(struct house *house, int user)
{
    struct err err;
    Auth__Revocation revocation = AUTH__REVOCATION__INIT;
    revocation.user_id = user_name(user);
    revocation.generation = 1;
    assert_true(access_revoke(house->access, &revocation, &err));
}

static void a_revoked_viewer_is_ended_before_more_is_told(void **state)
{
    struct house house;
    struct guest guests[3] = {0};
    (void)state;
    open_house(&house, "inproc://revoked");
    for (int i = 0; i < 3; i++) come(&house, &guests[i], i - 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    int told = guests[1].told[FEED_ENTRY];
    make_void(&house, 0);
    happen(&house, -1);
    loop_turn(house.loop);
    assert_int_equal(guests[1].ended, 1);
    assert_int_equal(guests[1].why, FEED_REVOKED);
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    assert_int_equal(guests[1].told[FEED_ENTRY], told);
    assert_int_equal(guests[0].ended + guests[2].ended, 0);
    close_house(&house);
}

static void renew(struct guest *guest, uint32_t level, int64_t life_s)
{
    struct caller caller = guest->viewer.caller;
    caller.claims.level = level;
    caller.claims.expires_s = clock_unix_ms() / 1000 + life_s;
    feed_renew(&guest->viewer, &caller);
}

static void a_token_that_is_renewed_lasts(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_house(&house, "inproc://renewed");
    for (int i = 0; i < 2; i++) come(&house, &guests[i], i, "");
    for (int i = 0; i < 2; i++) renew(&guests[i], 3, 1);
    renew(&guests[0], 3, 900);
    HOUSE_UNTIL(&house, guests[1].ended == 1);
    assert_int_equal(guests[1].why, FEED_EXPIRED);
    happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&guests[0]));
    assert_int_equal(guests[0].ended, 0);
    close_house(&house);
}

// What was asked for with the level of before is not told.
static void another_level_is_judged_anew(void **state)
{
    struct house house;
    struct guest guests[2] = {0};
    (void)state;
    open_house(&house, "inproc://level");
    for (int i = 0; i < 2; i++) come(&house, &guests[i], i, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 2));
    gate_set(&house.world.gate, true);
    happen(&house, -1);
    HOUSE_UNTIL(&house, gate_inside(&house.world.gate) == 1);
    int before = asked();
    renew(&guests[0], 2, 900);
    renew(&guests[1], 3, 900);
    gate_set(&house.world.gate, false);
    HOUSE_UNTIL(&house, all_know_all(guests, 2));
    assert_true(asked() - before >= 2);
    assert_int_equal(guests[0].told[FEED_ENTRY], 1);
    assert_int_equal(guests[1].told[FEED_ENTRY], 1);
    close_house(&house);
}

static void sit(struct house *house, int user, bool seated, bool begun_anew)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.seated[user] = seated;
    house_log.era += begun_anew;
    if (begun_anew) house_log.newest = house_log.changes[user] = house_log.count + 1;
    pthread_mutex_unlock(&house_log.lock);
    happen(house, -1);
}

// A venue's share is there from when the event is live until its end, in whichever stream it is told.
static void a_seat_counts_as_long_as_its_event_is_live(void **state)
{
    struct house house;
    struct guest guests[3] = {0};
    (void)state;
    open_house(&house, "inproc://seats");
    for (int i = 0; i < 2; i++) come(&house, &guests[i], 0, "");
    come(&house, &guests[2], 1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, 3));
    assert_false(guests[0].viewer.subs->seated);
    sit(&house, 0, true, false);
    HOUSE_UNTIL(&house, guests[0].viewer.subs->seated && guests[1].viewer.subs->seated);
    sit(&house, 0, false, true);
    HOUSE_UNTIL(&house, !guests[0].viewer.subs->seated && !guests[1].viewer.subs->seated);
    assert_false(guests[2].viewer.subs->seated);
    close_house(&house);
}

// When each is to end: nobody is later than that, and of so many some are early and some late.
static void check_spread(const struct house *house, const struct guest *guests, int count, int64_t spread_ms)
{
    int64_t now_ms = loop_now_ms(house->loop), first_ms = INT64_MAX, last_ms = 0;
    for (int i = 0; i < count; i++) {
        int64_t in_ms = guests[i].viewer.timer.at_ms - now_ms;
        if (in_ms < first_ms) first_ms = in_ms;
        if (in_ms > last_ms) last_ms = in_ms;
    }
    assert_true(first_ms >= 0 && first_ms < spread_ms / 10);
    assert_true(last_ms <= spread_ms && last_ms > spread_ms * 9 / 10);
}

static void a_drain_ends_all_over_a_while(void **state)
{
    enum { MANY = 200 };
    static struct guest guests[MANY];
    struct house house;
    struct guest late = {0};
    struct err err;
    (void)state;
    open_house(&house, "inproc://drain");
    for (int i = 0; i < MANY; i++) come(&house, &guests[i], -1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, MANY));
    feed_drain(house.feed, 600000);
    check_spread(&house, guests, MANY, MANY * 10);
    feed_drain(house.feed, 300);
    check_spread(&house, guests, MANY, 300);
    assert_false(try_come(&house, &late, -1, "", &err));
    assert_true(err_is(&err, SERVICE_DRAINING));
    HOUSE_UNTIL(&house, feed_viewers(house.feed) == 0);
    for (int i = 0; i < MANY; i++) assert_int_equal(guests[i].why, FEED_DRAINING);
    close_house(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_may_see_no_more_is_ended),
        cmocka_unit_test(who_may_see_nothing_is_not_there),
        cmocka_unit_test(who_is_silent_is_gone_at_once),
        cmocka_unit_test(a_view_that_is_another_one_for_all_is_begun_anew_at_once),
        cmocka_unit_test(a_revoked_viewer_is_ended_before_more_is_told),
        cmocka_unit_test(a_token_that_is_renewed_lasts),
        cmocka_unit_test(another_level_is_judged_anew),
        cmocka_unit_test(a_seat_counts_as_long_as_its_event_is_live),
        cmocka_unit_test(a_drain_ends_all_over_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
