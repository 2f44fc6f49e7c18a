// Lists as people see them, and what is signed of them. Private to the room.
#ifndef CHAIN_LISTS_HANDLERS_SHOWN_H
#define CHAIN_LISTS_HANDLERS_SHOWN_H

#include "lists.pb-c.h"
#include "services/chain/book/call.h"

// Enters the ledger and finds the list. NOT_FOUND: there is none of that name.
MUST_CHECK bool list_begin(struct book_call *b, const char *name, struct list **list, struct err *err);

// In the arena; NULL when that is full.
Chain__Whitelist *list_shown(const struct book_call *b, const struct list *list);
Chain__WhitelistOwner *list_shown_owner(const struct list_owner *owner, struct arena *arena);
const char *list_shown_key(const uint8_t key[LIST_KEY_BYTES], struct arena *arena);

// What is proven of a list, taken under the ledger's lock. The tree, if nobody has made it yet, is made
// without it.
struct list_tree {
    uint32_t number;                 // the list's
    struct list_statement statement; // without the root
    uint32_t key_number;             // of who signs
    struct merkle_hash *leaves;      // in the arena; NULL: there was a tree
    struct list_nodes *nodes;
};
#define AUTO_LIST_TREE __attribute__((cleanup(list_tree_finish)))
void list_tree_finish(struct list_tree *tree);

MUST_CHECK bool list_tree_take(const struct book_call *b, const struct list *list, struct list_tree *tree,
                               struct err *err);
// Not under the lock, which it takes to keep what it made.
MUST_CHECK bool list_tree_make(struct list_tree *tree, struct rpc_call *call, struct err *err);
// Of a tree that was made. Not under the lock: it may read a key from the store.
MUST_CHECK bool list_tree_sign(struct list_tree *tree, struct rpc_call *call, Chain__WhitelistRoot **root,
                               struct err *err);

#endif
