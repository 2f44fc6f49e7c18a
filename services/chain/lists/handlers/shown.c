#include "services/chain/lists/handlers/shown.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/base58.h"
#include "lib/base/stamp.h"
#include "services/chain/certifier.h"

static ProtobufCBinaryData copy_bytes(struct arena *arena, const void *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, arena_copy(arena, bytes, len)};
}

bool list_begin(struct book_call *b, const char *name, struct list **list, struct err *err)
{
    if (!book_begin(b, err)) return false;
    *list = lists_find(&b->book->lists, name);
    return *list || err_fail(err, NOT_FOUND, "there is no such whitelist");
}

// ---- Lists and wallets

Chain__Whitelist *list_shown(const struct book_call *b, const struct list *list)
{
    const struct ledger_owner owner = ledger_owner_of(&b->book->accounts, list->account);
    Chain__Whitelist *shown = arena_new(b->arena, Chain__Whitelist);
    if (!shown) return NULL;
    chain__whitelist__init(shown);
    shown->name = arena_str(b->arena, list->name);
    if (owner.kind == LEDGER_USER) shown->god_id = arena_str(b->arena, uuid_text(owner.id).text);
    shown->created_at = stamp_new(b->arena, list->made_ms);
    shown->owners = list->owners_count;
    shown->entries = list->marks;
    shown->wanted = list->wanted;
    shown->burned = list->burned;
    if (list->opened) shown->address = list_shown_key(list->address, b->arena);
    return b->arena->failed ? NULL : shown;
}

const char *list_shown_key(const uint8_t key[LIST_KEY_BYTES], struct arena *arena)
{
    char text[BASE58_KEY_TEXT];
    return base58_encode(text, sizeof text, key, LIST_KEY_BYTES) ? arena_str(arena, text) : NULL;
}

static Chain__WhitelistEntry *show_mark(const struct list_mark *mark, struct arena *arena)
{
    char signature[BASE58_SIGNATURE_TEXT];
    Chain__WhitelistEntry *shown = arena_new(arena, Chain__WhitelistEntry);
    if (!shown) return NULL;
    chain__whitelist_entry__init(shown);
    shown->mint = list_shown_key(mark->mint, arena);
    shown->way = (Chain__WhitelistEntry__Way)mark->way;
    shown->points = mark->points;
    shown->time = stamp_new(arena, mark->time_ms);
    bool burned = mark->way == LIST_BURNED;
    if (burned && base58_encode(signature, sizeof signature, mark->signature, sizeof mark->signature))
        shown->signature = arena_str(arena, signature);
    return shown;
}

Chain__WhitelistOwner *list_shown_owner(const struct list_owner *owner, struct arena *arena)
{
    Chain__WhitelistOwner *shown = arena_new(arena, Chain__WhitelistOwner);
    if (!shown) return NULL;
    chain__whitelist_owner__init(shown);
    shown->wallet = list_shown_key(owner->wallet, arena);
    shown->score = owner->score;
    shown->entries = arena_array(arena, owner->count, sizeof *shown->entries);
    for (uint32_t i = 0; i < owner->count && !arena->failed; i++)
        shown->entries[shown->n_entries++] = show_mark(&owner->marks[i], arena);
    return arena->failed ? NULL : shown;
}

// ---- What is signed

bool list_tree_take(const struct book_call *b, const struct list *list, struct list_tree *tree,
                    struct err *err)
{
    *tree = (struct list_tree){.number = list->number, .nodes = list_hold_nodes(list)};
    tree->statement = (struct list_statement){.chain = b->book->blocks.chain,
                                              .name = arena_str(b->arena, list->name),
                                              .version = list->changed,
                                              .time_ms = list->changed_ms,
                                              .owners = list->owners_count,
                                              .marks = list->marks};
    book_signer(b->book, &tree->key_number);
    if (tree->nodes) return !b->arena->failed || book_filled(NULL, err);
    tree->leaves = arena_array(b->arena, list->owners_count + 1, sizeof *tree->leaves);
    if (b->arena->failed) return book_filled(NULL, err);
    for (uint32_t i = 0; i < list->owners_count; i++) tree->leaves[i] = list->owners[i]->leaf;
    return true;
}

// For who asks next. The ledger may be away by now, or the list another one.
static void keep_nodes(const struct list_tree *tree, struct rpc_call *call)
{
    AUTO_BOOK struct book_call b = {.chain = call->service, .arena = call->arena};
    struct err ignored = {0};
    if (!book_begin_own(&b, call->now_ms, false, &ignored)) return;
    struct list *list = lists_get(&b.book->lists, tree->number);
    if (list) list_keep_nodes(list, tree->nodes);
}

bool list_tree_make(struct list_tree *tree, struct rpc_call *call, struct err *err)
{
    if (tree->nodes) return true;
    tree->nodes = list_nodes_create(tree->leaves, tree->statement.owners, tree->statement.version);
    if (!tree->nodes) return book_filled(NULL, err);
    keep_nodes(tree, call);
    return true;
}

void list_tree_finish(struct list_tree *tree) { list_nodes_release(tree->nodes); }

static Chain__WhitelistRoot *show_root(const struct list_statement *statement, struct arena *arena)
{
    uint8_t bytes[LIST_STATEMENT_MAX];
    Chain__WhitelistRoot *shown = arena_new(arena, Chain__WhitelistRoot);
    if (!shown) return NULL;
    chain__whitelist_root__init(shown);
    shown->root = copy_bytes(arena, &statement->root, sizeof statement->root);
    shown->chain = copy_bytes(arena, &statement->chain, sizeof statement->chain);
    shown->version = statement->version;
    shown->time = stamp_new(arena, statement->time_ms);
    shown->owners = statement->owners;
    shown->entries = statement->marks;
    shown->statement = copy_bytes(arena, bytes, list_statement_write(statement, bytes));
    return shown;
}

static void sign_root(Chain__WhitelistRoot *root, const struct chain *chain, const struct key *key,
                      struct arena *arena)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES], public_key[PUBLIC_KEY], signature[crypto_sign_BYTES],
        certificate[KEY_CERTIFICATE];
    crypto_sign_seed_keypair(public_key, secret, key->bytes);
    crypto_sign_detached(signature, NULL, root->statement.data, root->statement.len, secret);
    sodium_memzero(secret, sizeof secret);
    root->signature = copy_bytes(arena, signature, sizeof signature);
    root->key = copy_bytes(arena, public_key, sizeof public_key);
    if (certifier_get(chain->certifier, public_key, certificate))
        root->certificate = copy_bytes(arena, certificate, sizeof certificate);
}

bool list_tree_sign(struct list_tree *tree, struct rpc_call *call, Chain__WhitelistRoot **root,
                    struct err *err)
{
    struct chain *chain = call->service;
    AUTO_KEY struct key key;
    tree->statement.root = list_nodes_root(tree->nodes);
    if (!keyring_find(chain->keys, CHAIN_KEY_LEDGER, tree->key_number, &key, err)) return false;
    *root = show_root(&tree->statement, call->arena);
    if (call->arena->failed || !*root) return book_filled(NULL, err);
    sign_root(*root, chain, &key, call->arena);
    return !call->arena->failed || book_filled(NULL, err);
}
