// Hints of who leads a stream: how long they are kept, and that they are bounded.
#include <stdio.h>
#include <string.h>

#include "lib/rpc/leads.h"
#include "tests/test.h"

enum { TEN_SECONDS = 10000 };

static void a_lead_is_kept_for_ten_seconds(void **state)
{
    struct rpc_leads leads = {0};
    (void)state;
    assert_null(rpc_leads_find(&leads, "one", 0));
    rpc_leads_learn(&leads, "one", "tcp://a:1", 5);
    assert_string_equal(rpc_leads_find(&leads, "one", 5 + TEN_SECONDS - 1), "tcp://a:1");
    assert_null(rpc_leads_find(&leads, "one", 5 + TEN_SECONDS));
    assert_null(rpc_leads_find(&leads, "another", 5));
    rpc_leads_finish(&leads);
}

static void the_newest_counts(void **state)
{
    struct rpc_leads leads = {0};
    (void)state;
    rpc_leads_learn(&leads, "one", "tcp://a:1", 0);
    rpc_leads_learn(&leads, "one", "tcp://b:1", 9000);
    assert_string_equal(rpc_leads_find(&leads, "one", TEN_SECONDS), "tcp://b:1");
    rpc_leads_finish(&leads);
}

// Of more streams than there are places, some are forgotten, and none is taken for another.
static void many_streams_share_the_places(void **state)
{
    enum { STREAMS = 4 * RPC_LEADS };
    struct rpc_leads leads = {0};
    char stream[32], address[32];
    unsigned kept = 0;
    (void)state;
    for (int i = 0; i < STREAMS; i++) {
        snprintf(stream, sizeof stream, "stream %d", i);
        snprintf(address, sizeof address, "tcp://a:%d", i);
        rpc_leads_learn(&leads, stream, address, 0);
    }
    for (int i = 0; i < STREAMS; i++) {
        snprintf(stream, sizeof stream, "stream %d", i);
        snprintf(address, sizeof address, "tcp://a:%d", i);
        const char *found = rpc_leads_find(&leads, stream, 0);
        assert_true(!found || strcmp(found, address) == 0);
        kept += found != NULL;
    }
    assert_in_range(kept, 1, RPC_LEADS);
    rpc_leads_finish(&leads);
}

static void what_has_no_room_is_not_kept(void **state)
{
    struct rpc_leads leads = {0};
    char stream[RPC_LEADS_STREAM + 1];
    (void)state;
    memset(stream, 's', sizeof stream - 1);
    stream[sizeof stream - 1] = 0;
    rpc_leads_learn(&leads, stream, "tcp://a:1", 0);
    assert_null(rpc_leads_find(&leads, stream, 0));
    rpc_leads_finish(&leads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lead_is_kept_for_ten_seconds),
        cmocka_unit_test(the_newest_counts),
        cmocka_unit_test(many_streams_share_the_places),
        cmocka_unit_test(what_has_no_room_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
