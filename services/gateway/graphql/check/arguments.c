#include "services/gateway/graphql/check/arguments.h"

#include <sodium.h>

struct argument_node {
    uint64_t kind, name;
    struct argument_hash before, inner;
};

static struct argument_hash hash_bytes(const uint8_t *key, const void *bytes, size_t len)
{
    struct argument_hash hash;
    crypto_shorthash_siphashx24((uint8_t *)hash.words, bytes, len, key);
    return hash;
}

static struct argument_hash hash_node(const uint8_t *key, struct argument_node node)
{
    return hash_bytes(key, &node, sizeof node);
}

static struct argument_hash hash_value(const uint8_t *key, const struct ast_value *value);

static struct argument_hash hash_items(const uint8_t *key, const struct ast_value *item)
{
    struct argument_hash all = {{0}};
    for (; item; item = item->next)
        all = hash_node(
            key, (struct argument_node){.kind = AST_LIST, .before = all, .inner = hash_value(key, item)});
    return all;
}

static struct argument_hash hash_value(const uint8_t *key, const struct ast_value *value)
{
    struct argument_node node = {.kind = value->kind};
    switch (value->kind) {
    case AST_VARIABLE:
    case AST_ENUM:
        node.name = value->name;
        break;
    case AST_INT:
    case AST_FLOAT:
    case AST_STRING:
    case AST_BLOCK:
        node.inner = hash_bytes(key, value->text, value->len);
        break;
    case AST_LIST:
        node.inner = hash_items(key, value->items);
        break;
    case AST_OBJECT:
        node.inner = arguments_hash(key, value->fields);
        break;
    case AST_TRUE:
    case AST_FALSE:
    case AST_NULL:
        break;
    }
    return hash_node(key, node);
}

// A sum, so the order does not count; names are there once.
struct argument_hash arguments_hash(const uint8_t key[GQL_NAMES_KEY], const struct ast_argument *first)
{
    struct argument_hash all = {{0}};
    for (; first; first = first->next) {
        struct argument_hash each = hash_node(
            key, (struct argument_node){
                     .kind = AST_OBJECT, .name = first->name, .inner = hash_value(key, first->value)});
        all.words[0] += each.words[0];
        all.words[1] += each.words[1];
    }
    return all;
}

bool arguments_are_same(const struct argument_hash *one, const struct argument_hash *two)
{
    return one->words[0] == two->words[0] && one->words[1] == two->words[1];
}
