// What a node says of transactions that have landed.
#include "services/chain/testing/node.h"

#include "services/chain/solana/rpc_landed.h"

static const struct solana_signature signature = {{7}};

static const char *has_not(const char *method, const char *request)
{
    (void)method;
    (void)request;
    return "null";
}

static const char *has_a_newer_one(const char *method, const char *request)
{
    (void)method;
    (void)request;
    return "{\"code\":-32015,\"message\":\"Transaction version (1) is not supported\"}";
}

static const char *fails(const char *method, const char *request)
{
    (void)method;
    (void)request;
    return "{\"code\":-32603,\"message\":\"internal error\"}";
}

static bool ask(node_says *says, struct solana_landed *landed)
{
    struct node node;
    struct solana_fault fault;
    node_start(&node, says);
    bool ok = solana_rpc_transaction(node.rpc, &signature, landed, &fault);
    node_stop(&node);
    return ok;
}

// Anybody may send one, with any address in it: it keeps nobody from reading the others.
static void one_of_a_newer_version_is_there_and_says_nothing(void **state)
{
    (void)state;
    struct solana_landed landed;
    assert_true(ask(has_a_newer_one, &landed));
    assert_true(landed.found && *landed.error.name);
    assert_null(landed.bytes);
    solana_landed_finish(&landed);
}

static void what_is_not_there_is_no_fault(void **state)
{
    (void)state;
    struct solana_landed landed;
    assert_true(ask(has_not, &landed));
    assert_false(landed.found);
    assert_false(ask(fails, &landed));
    assert_false(landed.found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_a_newer_version_is_there_and_says_nothing),
        cmocka_unit_test(what_is_not_there_is_no_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
