// The tree over a list's wallets, and what somebody may claim of it who has proofs of others, of before, or
// of nodes that are no wallets.
#include "tests/test.h"

#include "services/chain/lists/leaf.h"
#include "services/chain/lists/nodes.h"

enum { MOST = 100000 };

static struct merkle_hash *leaves;

static int set_up(void **state)
{
    (void)state;
    leaves = calloc(MOST, sizeof *leaves);
    for (uint32_t i = 0; i < MOST; i++) {
        const struct list_mark mark = {.way = LIST_APPROVED, .points = 1, .time_ms = i};
        uint8_t wallet[LIST_KEY_BYTES] = {i >> 16, i >> 8, (uint8_t)i};
        leaves[i] = list_leaf(wallet, 1, &mark, 1);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(leaves);
    return 0;
}

static struct list_nodes *make_tree(uint32_t count)
{
    struct list_nodes *tree = list_nodes_create(leaves, count, 7);
    assert_non_null(tree);
    return tree;
}

static bool is_on(const struct list_nodes *tree, uint32_t place, const struct merkle_hash *leaf,
                  const struct merkle_proof *proof)
{
    const struct merkle_hash root = list_nodes_root(tree);
    return merkle_check(&root, tree->leaves, place, leaf, proof);
}

static void check_tree(uint32_t count, uint32_t step)
{
    struct list_nodes *tree = make_tree(count);
    struct merkle_proof proof;
    const struct merkle_hash root = list_nodes_root(tree), same = merkle_root(leaves, count);
    assert_true(merkle_hash_equal(&root, &same));
    for (uint32_t i = 0; i < count; i += step) {
        list_nodes_prove(tree, i, &proof);
        assert_true(is_on(tree, i, &leaves[i], &proof));
        assert_false(is_on(tree, i, &leaves[(i + 1) % MOST], &proof));
    }
    list_nodes_release(tree);
}

static void each_size_has_the_root_of_the_rfc(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= 70; count++) check_tree(count, 1);
    check_tree(MOST - 1, 991);
    check_tree(MOST, 997);
}

static void one_wallet_is_its_own_root(void **state)
{
    (void)state;
    struct list_nodes *tree = make_tree(1);
    struct merkle_proof proof = {.count = 0};
    assert_true(is_on(tree, 0, &leaves[0], &proof));
    assert_false(is_on(tree, 1, &leaves[0], &proof));
    proof.siblings[proof.count++] = leaves[0];
    assert_false(is_on(tree, 0, &leaves[0], &proof));
    list_nodes_release(tree);
}

static void a_proof_is_good_for_one_wallet_at_one_place(void **state)
{
    (void)state;
    struct list_nodes *tree = make_tree(13);
    struct merkle_proof proof;
    list_nodes_prove(tree, 5, &proof);
    for (uint32_t i = 0; i < 13; i++) {
        assert_int_equal(is_on(tree, i, &leaves[5], &proof), i == 5);
        assert_int_equal(is_on(tree, 5, &leaves[i], &proof), i == 5);
    }
    list_nodes_release(tree);
}

static void a_proof_of_before_proves_nothing_of_now(void **state)
{
    (void)state;
    for (uint32_t count = 1; count < 40; count++) {
        struct list_nodes *before = make_tree(count), *now = make_tree(count + 1);
        struct merkle_proof proof;
        list_nodes_prove(before, count - 1, &proof);
        assert_false(is_on(now, count - 1, &leaves[count - 1], &proof));
        list_nodes_prove(now, count, &proof);
        assert_false(is_on(before, count, &leaves[count], &proof));
        list_nodes_release(before);
        list_nodes_release(now);
    }
}

// A node above the wallets, shown as if it were one, with what is left of a proof.
static void no_inner_node_is_a_wallet(void **state)
{
    (void)state;
    struct list_nodes *tree = make_tree(16);
    const struct merkle_hash *inner = &tree->nodes[16];
    struct merkle_proof proof, rest;
    list_nodes_prove(tree, 0, &proof);
    rest.count = proof.count - 1;
    memcpy(rest.siblings, &proof.siblings[1], rest.count * sizeof *rest.siblings);
    for (uint32_t place = 0; place < 16; place++) {
        assert_false(is_on(tree, place, inner, &rest));
        assert_false(is_on(tree, place, inner, &proof));
    }
    uint8_t both[64];
    memcpy(both, leaves, sizeof both);
    const struct merkle_hash twin = merkle_leaf(both, sizeof both);
    assert_false(merkle_hash_equal(&twin, inner));
    list_nodes_release(tree);
}

// What a leaf says is in it: to move a byte from one field to the next makes another leaf.
static void leaves_tell_their_wallets_apart(void **state)
{
    const uint8_t wallet[LIST_KEY_BYTES] = {1};
    struct list_mark marks[2] = {{.way = LIST_APPROVED, .points = 1}, {.way = LIST_APPROVED, .points = 1}};
    (void)state;
    const struct merkle_hash all = list_leaf(wallet, 2, marks, 2), first = list_leaf(wallet, 2, marks, 1),
                             poorer = list_leaf(wallet, 1, marks, 2);
    assert_false(merkle_hash_equal(&all, &first) || merkle_hash_equal(&all, &poorer));
    marks[1].way = LIST_BURNED;
    const struct merkle_hash burned = list_leaf(wallet, 2, marks, 2);
    assert_false(merkle_hash_equal(&all, &burned));
    struct list_statement said = {.name = "a", .version = 3, .owners = 2, .marks = 2};
    uint8_t one[LIST_STATEMENT_MAX], other[LIST_STATEMENT_MAX];
    size_t len = list_statement_write(&said, one);
    said.name = "b";
    assert_int_equal(list_statement_write(&said, other), len);
    assert_memory_not_equal(one, other, len);
}

static void the_last_holder_lets_go(void **state)
{
    (void)state;
    struct list_nodes *tree = make_tree(3);
    list_nodes_release(list_nodes_hold(tree));
    check_tree(3, 1);
    assert_int_equal(tree->leaves, 3);
    list_nodes_release(tree);
    list_nodes_release(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_size_has_the_root_of_the_rfc),
        cmocka_unit_test(one_wallet_is_its_own_root),
        cmocka_unit_test(a_proof_is_good_for_one_wallet_at_one_place),
        cmocka_unit_test(a_proof_of_before_proves_nothing_of_now),
        cmocka_unit_test(no_inner_node_is_a_wallet),
        cmocka_unit_test(leaves_tell_their_wallets_apart),
        cmocka_unit_test(the_last_holder_lets_go),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
