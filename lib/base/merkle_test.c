#include "lib/base/merkle.h"

#include <sodium.h>

#include "tests/test.h"

enum { LEAVES = 70 };

static struct merkle_hash from_hex(const char *hex)
{
    struct merkle_hash hash;

    assert_int_equal(sodium_hex2bin(hash.bytes, sizeof(hash.bytes), hex, strlen(hex), NULL, NULL, NULL), 0);
    return hash;
}

static void assert_hash(struct merkle_hash hash, const char *hex)
{
    struct merkle_hash expected = from_hex(hex);

    assert_memory_equal(hash.bytes, expected.bytes, sizeof(hash.bytes));
}

static void fill_leaves(struct merkle_hash leaves[LEAVES])
{
    for (int i = 0; i < LEAVES; i++) leaves[i] = merkle_leaf((const uint8_t[]){(uint8_t)i}, 1);
}

// The eight inputs and the roots that certificate transparency logs test themselves with.
static void roots_are_those_of_certificate_transparency(void **state)
{
    static const char *const inputs[] = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct merkle_hash leaves[8];
    uint8_t bytes[16];
    size_t length;

    (void)state;
    assert_hash(merkle_root(NULL, 0), roots[0]);
    for (uint32_t i = 0; i < 8; i++) {
        assert_int_equal(
            sodium_hex2bin(bytes, sizeof(bytes), inputs[i], strlen(inputs[i]), NULL, &length, NULL), 0);
        leaves[i] = merkle_leaf(bytes, length);
        assert_hash(merkle_root(leaves, i + 1), roots[i + 1]);
    }
}

static void every_leaf_of_every_size_is_proved(void **state)
{
    struct merkle_hash leaves[LEAVES];
    struct merkle_proof proof;

    (void)state;
    fill_leaves(leaves);
    for (uint32_t count = 1; count <= LEAVES; count++) {
        struct merkle_hash root = merkle_root(leaves, count);

        for (uint32_t index = 0; index < count; index++) {
            merkle_prove(leaves, count, index, &proof);
            assert_true(merkle_check(&root, count, index, &leaves[index], &proof));
        }
    }
}

// For a given tree a proof holds for one leaf at one place, and no byte of it can change.
static void proof_holds_for_nothing_else(void **state)
{
    struct merkle_hash leaves[LEAVES];
    struct merkle_proof proof;

    (void)state;
    fill_leaves(leaves);
    for (uint32_t count = 1; count <= 17; count++) {
        struct merkle_hash root = merkle_root(leaves, count);

        for (uint32_t index = 0; index < count; index++) {
            merkle_prove(leaves, count, index, &proof);
            for (uint32_t other = 0; other < LEAVES; other++) {
                assert_int_equal(merkle_check(&root, count, other, &leaves[index], &proof), other == index);
                assert_int_equal(merkle_check(&root, count, index, &leaves[other], &proof), other == index);
            }
            for (size_t i = 0; i < proof.count; i++) {
                proof.siblings[i].bytes[i] ^= 0x40;
                assert_false(merkle_check(&root, count, index, &leaves[index], &proof));
                proof.siblings[i].bytes[i] ^= 0x40;
            }
            proof.siblings[proof.count++] = root;
            assert_false(merkle_check(&root, count, index, &leaves[index], &proof));
            proof.count -= 2;
            assert_false(merkle_check(&root, count, index, &leaves[index], &proof));
        }
    }
}

static void hostile_counts_are_refused(void **state)
{
    struct merkle_hash leaf = merkle_leaf("x", 1);
    struct merkle_proof proof = {.count = 0};

    (void)state;
    assert_true(merkle_check(&leaf, 1, 0, &leaf, &proof));
    assert_false(merkle_check(&leaf, 0, 0, &leaf, &proof));
    assert_false(merkle_check(&leaf, UINT32_MAX, 0, &leaf, &proof));
    proof.count = SIZE_MAX;
    assert_false(merkle_check(&leaf, UINT32_MAX, 7, &leaf, &proof));
    proof.count = MERKLE_PROOF_MAX;
    memset(proof.siblings, 0, sizeof(proof.siblings));
    assert_false(merkle_check(&leaf, UINT32_MAX, UINT32_MAX - 1, &leaf, &proof));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_certificate_transparency),
        cmocka_unit_test(every_leaf_of_every_size_is_proved),
        cmocka_unit_test(proof_holds_for_nothing_else),
        cmocka_unit_test(hostile_counts_are_refused),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
