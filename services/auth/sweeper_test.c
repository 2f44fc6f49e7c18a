// The sweep is done by one of several processes.
#include "lib/replica/testing/other.h"
#include "services/auth/sweeper.h"
#include "services/auth/testing/world.h"

#define URL "shared:sweeper"

static const int64_t day_ms = 24LL * 3600 * 1000;
static const char *const leases[] = {AUTH_SWEEP, NULL};

static size_t count_codes(void)
{
    const struct store_query query = {.page_token = ""};
    struct store_rows rows;
    assert_true(store_find(w.auth.store, &auth_tables[AUTH_OTPS], &query, &w.arena, &rows, &w.err));
    return rows.count;
}

static void put_old_code(void)
{
    Accounts__Otp row = ACCOUNTS__OTP__INIT;
    row.phone = "+989121234567";
    row.expires_at = stamp_new(&w.arena, w.now_ms - 3 * day_ms);
    assert_true(auth_save(&w.auth, AUTH_OTPS, &row.base, 0, &w.err));
}

static void what_is_old_is_removed_by_who_holds_the_lease(void **state)
{
    (void)state;
    struct other other;
    auth_close(&w.auth);
    shared_store_register();
    snprintf(w.url, sizeof w.url, URL);
    open_world();
    put_old_code();
    other_begin(&other, URL, auth_tables, leases);
    w.auth.replica = other_join(w.auth.store, auth_tables, "ipc:///ours", leases);
    assert_true(replica_start(w.auth.replica, &w.err));
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(count_codes(), 1);
    other_end(&other);
    other_await(w.auth.replica, AUTH_SWEEP);
    assert_true(sweep(&w.auth, w.now_ms, &w.err));
    assert_int_equal(count_codes(), 0);
}

static int drop(void **state)
{
    tear_down(state);
    shared_store_drop(URL);
    return 0;
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_old_is_removed_by_who_holds_the_lease, set_up, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
