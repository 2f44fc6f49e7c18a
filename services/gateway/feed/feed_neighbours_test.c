// Viewers of one stream, or streams of one viewer, do not hold each other up: not by cursors that are no
// truth, not by pages that fail, not by what takes the room.
#include <poll.h>

#include "services/gateway/feed/testing/house.h"

static void set_no_pages(bool no_pages)
{
    pthread_mutex_lock(&house_log.lock);
    house_log.no_pages = no_pages;
    pthread_mutex_unlock(&house_log.lock);
}

static void come_from(struct house *house, struct guest *guest, const char *like, uint64_t offset)
{
    struct cursor cursor;
    char after[CURSOR_TEXT];
    assert_true(cursor_parse(like, &cursor));
    cursor.offset = offset;
    cursor_write(&cursor, after);
    come(house, guest, -1, after);
}

static void who_says_to_be_ahead_harms_nobody_else(void **state)
{
    struct house house;
    struct guest first = {0}, liar = {0}, others[2] = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://ahead");
    happen(&house, -1);
    come(&house, &first, -1, "");
    HOUSE_UNTIL(&house, first.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, first.cursor);
    go(&first);
    come_from(&house, &liar, cursor, 999999999);
    HOUSE_UNTIL(&house, liar.told[FEED_LIVE] == 1);
    come(&house, &others[0], -1, "");
    come(&house, &others[1], -1, cursor);
    HOUSE_UNTIL(&house, all_know_all(others, 2));
    int before = asked();
    for (int i = 0; i < 5; i++) {
        happen(&house, -1);
        HOUSE_UNTIL(&house, all_know_all(others, 2));
    }
    assert_true(asked() - before <= 10);
    assert_int_equal(others[0].told[FEED_ENTRY], 5);
    assert_int_equal(others[0].ended + others[1].ended, 0);
    assert_int_equal(liar.told[FEED_ENTRY], 0);
    close_house(&house);
}

static void a_page_that_fails_holds_up_nobody_else(void **state)
{
    enum { BEHIND = 8 };
    struct house house;
    struct guest live = {0}, behind[BEHIND] = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://no-pages");
    come(&house, &live, -1, "");
    HOUSE_UNTIL(&house, live.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, live.cursor);
    for (int i = 0; i < AT_HAND * 2; i++) happen(&house, -1);
    HOUSE_UNTIL(&house, knows_all(&live));
    set_no_pages(true);
    for (size_t i = 0; i < BEHIND; i++) come_from(&house, &behind[i], cursor, i);
    for (int i = 0; i < 20; i++) {
        int64_t begun_ms = clock_mono_ms();
        happen(&house, -1);
        HOUSE_UNTIL(&house, knows_all(&live));
        assert_true(clock_mono_ms() - begun_ms < 1000);
        HOUSE_UNTIL(&house, clock_mono_ms() - begun_ms > 20); // pages are tried meanwhile
    }
    for (size_t i = 0; i < BEHIND; i++) assert_int_equal(behind[i].told[FEED_ENTRY], 0);
    set_no_pages(false);
    HOUSE_UNTIL(&house, all_know_all(behind, BEHIND));
    for (size_t i = 0; i < BEHIND; i++)
        assert_int_equal(behind[i].told[FEED_RESET] + behind[i].told[FEED_ERROR] + behind[i].ended, 0);
    close_house(&house);
}

// As what the god shows late.
static void what_is_shown_without_news_comes_after_a_page_too(void **state)
{
    struct house house;
    struct guest early = {0}, late = {0};
    char cursor[CURSOR_TEXT];
    (void)state;
    open_house(&house, "inproc://after-page");
    come(&house, &early, -1, "");
    HOUSE_UNTIL(&house, early.told[FEED_SNAPSHOT] == 1);
    strcpy(cursor, early.cursor);
    go(&early);
    for (int i = 0; i < AT_HAND * 2; i++) happen_silently(-1);
    house_log.next_in_ms = 50;
    come(&house, &late, -1, cursor);
    HOUSE_UNTIL(&house, late.told[FEED_LIVE] == 1);
    happen_silently(-1);
    HOUSE_UNTIL(&house, knows_all(&late));
    close_house(&house);
}

static void what_is_told_elsewhere_is_asked_for_one_alone(void **state)
{
    enum { PEOPLE = 4 };
    struct house house;
    struct guest guests[PEOPLE] = {0};
    Bus__Notice notice = BUS__NOTICE__INIT;
    char stream[64];
    (void)state;
    open_house(&house, "inproc://own");
    for (int i = 0; i < PEOPLE; i++) house_log.somebody[i] = true;
    for (int i = 0; i < PEOPLE; i++) come(&house, &guests[i], i, "");
    happen(&house, -1);
    HOUSE_UNTIL(&house, all_know_all(guests, PEOPLE));
    snprintf(stream, sizeof stream, "users.%s", user_name(2));
    notice.stream = stream;
    notice.kind = "E";
    int before = asked();
    topics_publish(house.topics, &notice);
    HOUSE_UNTIL(&house, asked() > before);
    assert_int_equal(house_log.viewers, 1);
    happen(&house, -1);
    HOUSE_UNTIL(&house, all_know_all(guests, PEOPLE));
    assert_int_equal(house_log.viewers, PEOPLE);
    close_house(&house);
}

// ---- A crowd

struct told { // of a crowd: entries to each
    uint64_t least, most;
};

static struct told told_of(const struct guest *guests, size_t count)
{
    struct told told = {UINT64_MAX, 0};
    for (size_t i = 0; i < count; i++) {
        if (guests[i].seen < told.least) told.least = guests[i].seen;
        if (guests[i].seen > told.most) told.most = guests[i].seen;
    }
    return told;
}

// What is new comes before all were told of what was; nobody waits until nothing more is.
static void a_crowd_is_told_in_parts_by_turns(void **state)
{
    enum { CROWD = 500, NEWS = 60, PARTS = 20, ROUND = 32 };
    static struct guest guests[CROWD];
    struct house house;
    int parts = 0;
    (void)state;
    open_house(&house, "inproc://crowd");
    for (size_t i = 0; i < CROWD; i++) come(&house, &guests[i], -1, "");
    HOUSE_UNTIL(&house, all_know_all(guests, CROWD));
    struct told told = told_of(guests, CROWD);
    uint64_t first = told.most, happened = first;
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (told.least < first + NEWS && clock_mono_ms() < until_ms) {
        if (told.most == happened && happened < first + NEWS) happen(&house, -1), happened++;
        loop_turn(house.loop);
        poll(NULL, 0, 1); // each part takes its time
        told = told_of(guests, CROWD);
        parts += told.least < told.most;
        assert_true(told.most - told.least <= ROUND);
    }
    assert_int_equal(told.least, first + NEWS);
    assert_true(parts >= PARTS);
    close_house(&house);
}

// ---- Two streams of one viewer

struct both {
    struct feed_viewer viewer;
    const struct feed_sub *subs[2];
    int snapshots[2], gathered;
};

static bool one_has_room(void *arg) { return ((const struct both *)arg)->gathered == 0; }

static size_t nothing_waits(const void *arg)
{
    (void)arg;
    return 0;
}

static void both_deliver(void *arg, const struct feed_message *message)
{
    struct both *both = arg;
    both->gathered++;
    if (message->kind == FEED_SNAPSHOT) both->snapshots[message->sub == both->subs[1]]++;
}

static void both_flush(void *arg) { ((struct both *)arg)->gathered = 0; }

static void both_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    (void)why, (void)retry_ms;
    feed_leave(&((struct both *)arg)->viewer);
}

// Both answers come before anything is flushed, and the first one takes the room.
static void a_second_stream_is_not_forgotten(void **state)
{
    static const struct feed_transport narrow = {one_has_room, nothing_waits, both_deliver, both_flush,
                                                 on_remind,    both_end,      NULL};
    struct house house;
    struct both both = {0};
    struct err err;
    struct caller caller = {.address = "192.0.2.1", .household = "192.0.2.1"};
    (void)state;
    open_house(&house, "inproc://second");
    caller.claims.expires_s = clock_unix_ms() / 1000 + 900;
    assert_true(feed_join(house.feed, &both.viewer, &narrow, &both, &caller, &err));
    both.subs[0] = feed_subscribe(&both.viewer, TOPIC, "", &err);
    both.subs[1] = feed_subscribe(&both.viewer, "event:01890000-0000-7000-8000-0000000000ff", "", &err);
    assert_true(both.subs[0] && both.subs[1]);
    int64_t begun_ms = clock_mono_ms();
    HOUSE_UNTIL(&house, both.snapshots[0] == 1 && both.snapshots[1] == 1);
    assert_true(clock_mono_ms() - begun_ms < 1000); // not with the next head
    close_house(&house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_says_to_be_ahead_harms_nobody_else),
        cmocka_unit_test(a_page_that_fails_holds_up_nobody_else),
        cmocka_unit_test(what_is_shown_without_news_comes_after_a_page_too),
        cmocka_unit_test(what_is_told_elsewhere_is_asked_for_one_alone),
        cmocka_unit_test(a_crowd_is_told_in_parts_by_turns),
        cmocka_unit_test(a_second_stream_is_not_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
