// What the topic auth.revocations keeps, and what its readers get.
#include "services/auth/testing/world.h"
#include "services/auth/sweeper.h"

enum { HOUR_MS = 3600 * 1000, KEPT_MS = 24 * HOUR_MS };

static void revoke_user(const char *user_id, uint64_t generation)
{
    assert_true(revocations_add_user(&w.auth, user_id, generation, w.now_ms, &w.err));
}

static const Bus__ReadReply *read_from(uint64_t from)
{
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = REVOCATIONS_STREAM;
    request.from = from;
    const Bus__ReadReply *reply = ask("auth.feed.Read", &request);
    assert_non_null(reply);
    return reply;
}

static void assert_kept(uint64_t oldest, uint64_t head)
{
    const Bus__ReadReply *page = read_from(1);
    assert_int_equal(page->oldest, oldest);
    assert_int_equal(page->head, head);
    assert_int_equal(page->n_notices, head - oldest + 1);
    for (size_t i = 0; i < page->n_notices; i++) assert_int_equal(page->notices[i]->seq, oldest + i);
}

static void reopen(void)
{
    auth_close(&w.auth);
    open_world();
}

static void a_day_of_revocations_is_kept(void **state)
{
    (void)state;
    for (uint64_t hour = 1; hour <= 30; hour++, w.now_ms += HOUR_MS) revoke_user("u1", hour);
    assert_kept(1, 30);
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_kept(7, 30); // made 24 hours ago, to the millisecond
    w.now_ms++;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_kept(8, 30);
    reopen();
    assert_kept(8, 30);
    revoke_user("u1", 31);
    assert_kept(8, 31);
}

static void a_reader_of_what_is_gone_goes_on_at_the_oldest(void **state)
{
    (void)state;
    for (uint64_t hour = 1; hour <= 30; hour++, w.now_ms += HOUR_MS) revoke_user("u1", hour);
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(read_from(3)->notices[0]->seq, 7);
    assert_int_equal(read_from(9)->notices[0]->seq, 9);
    assert_int_equal(read_from(9)->oldest, 7);
    assert_int_equal(read_from(31)->n_notices, 0);
    assert_int_equal(read_from(31)->oldest, 7);
}

static void the_newest_stays_however_old(void **state)
{
    (void)state;
    assert_true(sweep(&w.auth, w.now_ms, &w.err)); // nothing there yet
    for (uint64_t i = 1; i <= 350; i++) revoke_user("u1", i);
    w.now_ms += 10LL * KEPT_MS;
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_kept(350, 350);
    reopen();
    revoke_user("u1", 351);
    assert_kept(350, 351);
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_kept(351, 351);
}

static void no_user_reads_them(void **state)
{
    (void)state;
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    Bus__HeadsRequest all = BUS__HEADS_REQUEST__INIT;
    request.stream = REVOCATIONS_STREAM;
    all.pattern = "*";
    revoke_user("u1", 1);
    assert_int_equal(((const Bus__Heads *)ask("auth.feed.ListHeads", &all))->n_heads, 1);
    w.caller.user_id = "u1";
    assert_null(ask("auth.feed.Read", &request));
    assert_true(err_is(&w.err, NOT_FOUND));
    assert_int_equal(((const Bus__Heads *)ask("auth.feed.ListHeads", &all))->n_heads, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_day_of_revocations_is_kept),
        TEST(a_reader_of_what_is_gone_goes_on_at_the_oldest),
        TEST(the_newest_stays_however_old),
        TEST(no_user_reads_them),
    };
    return RUN(tests);
}
