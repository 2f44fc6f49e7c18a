// Who does by itself what the service has to do, and who leaves a full disk alone.
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/replica/replica.h"
#include "services/chain/book/lead.h"
#include "services/chain/testing/house.h"

#define URL "shared:lead"

// In front of the system call that SQLite makes.
static atomic_bool full;

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at);

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    if (!atomic_load(&full)) return syscall(SYS_pwrite64, fd, bytes, len, at);
    errno = ENOSPC;
    return -1;
}

static int tear_down(void **state)
{
    (void)state;
    atomic_store(&full, false);
    clock_hold_mono(-1);
    return 0;
}

static const char *const TO_ANN = "{'to_user_id': '" ANN "', 'amount': '1000', 'memo': 'start'}";

static void grant(struct house *house) { house_must(house, DEV, "chain.Grant", TO_ANN); }

static struct house *start_as(const char *self)
{
    struct house *house = house_at(URL);
    house->self = self;
    house_restart(house);
    house->fresh = true;
    return house;
}

static bool leads(struct house *house, bool fresh)
{
    struct book_call b = {.chain = &house->chain, .arena = &house->arena};
    struct err err = {0};
    assert_true(book_begin_own(&b, house->now_ms, fresh, &err));
    bool ours = lead_is_ours(b.book);
    book_end(&b);
    return ours;
}

static void who_wrote_last_leads(void **state)
{
    (void)state;
    shared_store_register();
    struct house *one = start_as("tcp://one:1"), *two = start_as("tcp://two:1");
    grant(one);
    assert_true(leads(one, true));
    assert_false(leads(two, true));
    grant(two);
    assert_true(leads(two, true));
    assert_false(leads(one, true));
    house_close(two);
    house_close(one);
    shared_store_drop(URL);
}

// Else both would write it in turn.
static void a_call_goes_to_who_wrote_last(void **state)
{
    (void)state;
    shared_store_register();
    struct house *one = start_as("tcp://one:1"), *two = start_as("tcp://two:1");
    grant(one);
    two->movable = true;
    house_refuses(two, DEV, "chain.Grant", TO_ANN, IS(WRONG_PEER));
    assert_string_equal(two->winner, "tcp://one:1");
    assert_int_equal(house_balance(two, ANN), 1000); // what is read is read anywhere
    two->movable = false;
    grant(two); // who asked has no choice
    two->movable = true;
    grant(two);
    assert_int_equal(house_balance(one, ANN), 3000);
    clock_hold_mono(clock_mono_ms() + LEAD_SILENT_MS);
    one->movable = true;
    grant(one);
    clock_hold_mono(-1);
    house_close(two);
    house_close(one);
    shared_store_drop(URL);
}

static void what_it_wrote_before_a_restart_is_its_own(void **state)
{
    (void)state;
    shared_store_register();
    struct house *one = start_as("tcp://one:1");
    grant(one);
    house_restart(one);
    one->movable = true;
    assert_true(leads(one, true));
    grant(one);
    house_close(one);
    shared_store_drop(URL);
}

static void *let_go(void *arg)
{
    const struct house *house = arg;
    shared_store_await_held(house->chain.store);
    usleep(50000); // for many tries, if none waits for the one before
    shared_store_release(house->chain.store);
    return NULL;
}

// As when another process was quicker, and this one's own write has yet to fail.
static void it_begins_when_its_own_write_is_through(void **state)
{
    (void)state;
    shared_store_register();
    struct house *one = start_as("tcp://one:1");
    struct err err = {0};
    pthread_t thread;
    grant(one);
    shared_store_hold(one->chain.store);
    struct book_call b = {.chain = &one->chain, .arena = &one->arena};
    assert_true(book_begin_own(&b, one->now_ms, true, &err));
    book_seal(&b);
    assert_true(book_commit(&b, NULL, &err));
    book_end(&b);
    pthread_create(&thread, NULL, let_go, one);
    assert_true(keeper_begin(&one->chain, &err));
    pthread_join(thread, NULL);
    house_close(one);
    shared_store_drop(URL);
}

static void join_others(struct house *house)
{
    static const char *const leases[] = {CHAIN_PROJECTS, NULL};
    const struct replica_options options = {house->chain.store, chain_tables, "chain",
                                            "tcp://two:1",      leases,       {0}};
    struct err err = {0};
    assert_true(replica_open(&house->chain.replica, &options, &err));
}

static void when_it_is_silent_who_has_the_lease_does(void **state)
{
    (void)state;
    struct err err = {0};
    shared_store_register();
    struct house *one = start_as("tcp://one:1"), *two = start_as("tcp://two:1");
    join_others(two);
    grant(one);
    assert_false(leads(two, true));
    clock_hold_mono(clock_mono_ms() + LEAD_SILENT_MS);
    assert_false(leads(two, false)); // it has none yet
    clock_hold_mono(-1);
    assert_true(replica_start(two->chain.replica, &err));
    while (!replica_holds(two->chain.replica, CHAIN_PROJECTS)) continue;
    grant(one);
    assert_false(leads(two, true));
    clock_hold_mono(clock_mono_ms() + LEAD_SILENT_MS);
    assert_true(leads(two, false));
    clock_hold_mono(-1);
    house_close(two);
    house_close(one);
    shared_store_drop(URL);
}

// Each write that fails has the ledger loaded again.
static void a_full_disk_is_tried_now_and_then(void **state)
{
    (void)state;
    struct house *house = house_at(NULL);
    grant(house);
    int64_t now_ms = clock_mono_ms();
    clock_hold_mono(now_ms);
    atomic_store(&full, true);
    house_refuses(house, DEV, "chain.Grant", TO_ANN, IS(STORE_FULL));
    assert_true(store_is_full(house->chain.store));
    house_refuses(house, DEV, "chain.Grant", TO_ANN, IS(STORE_FULL)); // it tried
    atomic_store(&full, false);
    house_refuses(house, DEV, "chain.Grant", TO_ANN, IS(STORE_FULL));
    assert_int_equal(house_balance(house, ANN), 1000);
    clock_hold_mono(now_ms + 5000);
    grant(house);
    grant(house);
    assert_int_equal(house_balance(house, ANN), 3000);
    house_close(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(who_wrote_last_leads, tear_down),
        cmocka_unit_test_teardown(a_call_goes_to_who_wrote_last, tear_down),
        cmocka_unit_test_teardown(what_it_wrote_before_a_restart_is_its_own, tear_down),
        cmocka_unit_test_teardown(it_begins_when_its_own_write_is_through, tear_down),
        cmocka_unit_test_teardown(when_it_is_silent_who_has_the_lease_does, tear_down),
        cmocka_unit_test_teardown(a_full_disk_is_tried_now_and_then, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
