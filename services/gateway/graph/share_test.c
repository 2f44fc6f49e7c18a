// An owner has so much memory for what they follow; others have theirs.
#include "services/gateway/graph/share.h"

#include <sodium.h>
#include <string.h>

#include "tests/test.h"

static const struct caller one = {.household = "192.0.2.1"}, other = {.household = "192.0.2.2"};
static const struct caller user = {.known = true, .household = "192.0.2.1", .claims.user_id = "u"};

static void each_owner_has_a_share(void **state)
{
    struct graphs graphs = {0};
    struct share *shares[4];
    struct err err;
    (void)state;
    assert_true(share_take(&shares[0], &graphs, &one, SHARE_MOST - 10, &err));
    assert_true(share_take(&shares[1], &graphs, &one, 10, &err));
    assert_false(share_take(&shares[2], &graphs, &one, 1, &err));
    assert_true(err_is(&err, TOO_MANY_STREAMS));
    assert_true(share_take(&shares[2], &graphs, &other, SHARE_MOST, &err));
    assert_true(share_take(&shares[3], &graphs, &user, SHARE_MOST, &err)); // of the same address
    assert_int_equal(graphs.shares.count, 3);
    share_give(shares[1], 10);
    assert_true(share_take(&shares[1], &graphs, &one, 5, &err));
    share_give(shares[0], SHARE_MOST - 10);
    share_give(shares[1], 5);
    share_give(shares[2], SHARE_MOST);
    share_give(shares[3], SHARE_MOST);
    share_give(NULL, 7);
    assert_int_equal(graphs.shares.count, 0);
    names_finish(&graphs.shares);
}

static void what_is_refused_leaves_nothing(void **state)
{
    struct graphs graphs = {0};
    struct share *share;
    struct err err;
    (void)state;
    assert_false(share_take(&share, &graphs, &one, SHARE_MOST + 1, &err));
    assert_null(share);
    assert_int_equal(graphs.shares.count, 0);
    names_finish(&graphs.shares);
}

int main(void)
{
    if (sodium_init() < 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_owner_has_a_share),
        cmocka_unit_test(what_is_refused_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
