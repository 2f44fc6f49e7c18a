#include "services/chain/lists/nodes.h"

#include <stdlib.h>
#include <string.h>

// Of all levels. The last of an odd level is the last of the next one too.
static size_t count_nodes(uint32_t leaves)
{
    size_t count = leaves;
    for (uint32_t level = leaves; level > 1; count += level) level = (level + 1) / 2;
    return leaves ? count : 1;
}

static void join_level(const struct merkle_hash *level, uint32_t count, struct merkle_hash *above)
{
    for (uint32_t i = 0; i + 1 < count; i += 2) above[i / 2] = merkle_root(&level[i], 2);
    if (count % 2) above[count / 2] = level[count - 1];
}

struct list_nodes *list_nodes_create(const struct merkle_hash *leaves, uint32_t count, uint64_t version)
{
    struct list_nodes *made = malloc(sizeof *made + count_nodes(count) * sizeof *made->nodes);
    if (!made) return NULL;
    atomic_init(&made->holders, 1);
    made->version = version;
    made->leaves = count;
    if (!count) made->nodes[0] = merkle_root(NULL, 0);
    if (count) memcpy(made->nodes, leaves, count * sizeof *leaves);
    struct merkle_hash *level = made->nodes;
    for (; count > 1; count = (count + 1) / 2) {
        join_level(level, count, level + count);
        level += count;
    }
    return made;
}

struct list_nodes *list_nodes_hold(struct list_nodes *nodes)
{
    atomic_fetch_add(&nodes->holders, 1);
    return nodes;
}

void list_nodes_release(struct list_nodes *nodes)
{
    if (nodes && atomic_fetch_sub(&nodes->holders, 1) == 1) free(nodes);
}

struct merkle_hash list_nodes_root(const struct list_nodes *nodes)
{
    return nodes->nodes[count_nodes(nodes->leaves) - 1];
}

void list_nodes_prove(const struct list_nodes *nodes, uint32_t index, struct merkle_proof *proof)
{
    const struct merkle_hash *level = nodes->nodes;
    proof->count = 0;
    for (uint32_t count = nodes->leaves; count > 1; count = (count + 1) / 2) {
        if ((index ^ 1) < count) proof->siblings[proof->count++] = level[index ^ 1];
        level += count;
        index /= 2;
    }
}
