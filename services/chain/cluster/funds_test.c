// That the authority has too little is told when it stays so, and once.
#include "services/chain/testing/lamports.h"
#include "services/chain/testing/node.h"

#include "lib/base/clock.h"
#include "services/chain/cluster/funds.h"

enum { ENOUGH = 100000000, LITTLE = 5000, AGAIN_MS = 2000, PERIOD_MS = 5000 };

static struct lamports lamports;
static struct node node;
static struct funds funds;
static atomic_llong has; // the authority's wallet
static int64_t now_ms;

static const char *says(const char *method, const char *request)
{
    static char balance[64];
    (void)request;
    if (strcmp(method, "getBalance") != 0) return NULL;
    snprintf(balance, sizeof balance, "{\"context\":{\"slot\":1},\"value\":%lld}", atomic_load(&has));
    return balance;
}

static int set_up(void **state)
{
    (void)state;
    lamports_init(&lamports, house_at(NULL));
    lamports.cluster.chain = &lamports.evening.house->chain;
    node_start(&node, says);
    funds_init(&funds, lamports.cluster.chain);
    now_ms = 1000000;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clock_hold_mono(-1);
    node_stop(&node);
    lamports_close(&lamports);
    return 0;
}

// So much later, the wallet has so much. True: the node was asked.
static bool look(int64_t later_ms, long long amount)
{
    const unsigned before = atomic_load(&node.calls);
    atomic_store(&has, amount);
    clock_hold_mono(now_ms += later_ms);
    funds_look(&funds, node.rpc, &lamports.cluster.now.authority);
    return atomic_load(&node.calls) != before;
}

static void what_comes_at_once_is_no_fault(void **state)
{
    (void)state;
    assert_true(look(0, 0));
    assert_false(funds.low);
    assert_false(look(AGAIN_MS - 1, ENOUGH));
    assert_true(look(1, ENOUGH));
    assert_false(funds.low);
    assert_int_equal(lamports.cluster.now.lamports, ENOUGH);
    assert_false(look(PERIOD_MS - 1, ENOUGH));
    assert_true(look(1, ENOUGH));
}

static void what_stays_little_is_told(void **state)
{
    (void)state;
    assert_true(look(0, LITTLE));
    assert_false(funds.low);
    assert_true(look(AGAIN_MS, LITTLE));
    assert_true(funds.low);
    assert_false(look(AGAIN_MS, LITTLE)); // it was told
    assert_true(look(PERIOD_MS, ENOUGH));
    assert_false(funds.low);
    assert_true(look(PERIOD_MS, LITTLE));
    assert_false(funds.low);
    assert_true(look(AGAIN_MS, LITTLE));
    assert_true(funds.low);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_comes_at_once_is_no_fault),
        TEST(what_stays_little_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
