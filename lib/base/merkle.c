#include "lib/base/merkle.h"

#include <sodium.h>
#include <string.h>

struct merkle_hash merkle_leaf(const void *bytes, size_t length)
{
    static const uint8_t leaf = 0;
    crypto_hash_sha256_state sha;
    struct merkle_hash hash;

    crypto_hash_sha256_init(&sha);
    crypto_hash_sha256_update(&sha, &leaf, 1);
    crypto_hash_sha256_update(&sha, bytes, length);
    crypto_hash_sha256_final(&sha, hash.bytes);
    return hash;
}

static struct merkle_hash merkle_inner(const struct merkle_hash *left, const struct merkle_hash *right)
{
    uint8_t bytes[1 + 2 * MERKLE_HASH_BYTES] = {1};
    struct merkle_hash hash;

    memcpy(bytes + 1, left, MERKLE_HASH_BYTES);
    memcpy(bytes + 1 + MERKLE_HASH_BYTES, right, MERKLE_HASH_BYTES);
    crypto_hash_sha256(hash.bytes, bytes, sizeof(bytes));
    return hash;
}

// The left subtree is complete: the largest power of two below count.
static uint32_t left_size(uint32_t count) { return (uint32_t)1 << (31 - __builtin_clz(count - 1)); }

// Whole subtrees wait on a stack, larger ones below, one for each bit of the number of leaves seen; at the
// end they fold from the right.
struct merkle_hash merkle_root(const struct merkle_hash *leaves, uint32_t count)
{
    struct merkle_hash stack[33];
    size_t height = 0;

    if (!count) {
        crypto_hash_sha256(stack[0].bytes, NULL, 0);
        return stack[0];
    }
    for (uint32_t i = 0; i < count; i++) {
        stack[height++] = leaves[i];
        for (uint32_t seen = i + 1; !(seen & 1); seen >>= 1, height--)
            stack[height - 2] = merkle_inner(&stack[height - 2], &stack[height - 1]);
    }
    for (; height > 1; height--) stack[height - 2] = merkle_inner(&stack[height - 2], &stack[height - 1]);
    return stack[0];
}

// Goes down from the root, so the siblings come out in the opposite order.
void merkle_prove(const struct merkle_hash *leaves, uint32_t count, uint32_t index,
                  struct merkle_proof *proof)
{
    struct merkle_hash down[MERKLE_PROOF_MAX];
    size_t depth = 0;

    while (count > 1) {
        uint32_t left = left_size(count);

        if (index < left) {
            down[depth++] = merkle_root(leaves + left, count - left);
            count = left;
        } else {
            down[depth++] = merkle_root(leaves, left);
            leaves += left;
            index -= left;
            count -= left;
        }
    }
    proof->count = depth;
    for (size_t i = 0; i < depth; i++) proof->siblings[i] = down[depth - 1 - i];
}

// As RFC 9162 section 2.1.3.2 has it: index and last are the leaf's and the last leaf's numbers at the height
// reached.
bool merkle_check(const struct merkle_hash *root, uint32_t count, uint32_t index,
                  const struct merkle_hash *leaf, const struct merkle_proof *proof)
{
    struct merkle_hash hash = *leaf;
    uint32_t last = count - 1;

    if (index >= count || proof->count > MERKLE_PROOF_MAX) return false;
    for (size_t i = 0; i < proof->count; i++) {
        if (!last) return false;
        if (index & 1 || index == last) {
            hash = merkle_inner(&proof->siblings[i], &hash);
            for (; !(index & 1); index >>= 1, last >>= 1) continue;
        } else {
            hash = merkle_inner(&hash, &proof->siblings[i]);
        }
        index >>= 1;
        last >>= 1;
    }
    return !last && merkle_hash_equal(&hash, root);
}

bool merkle_hash_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}
