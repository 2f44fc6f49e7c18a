// What is on the lists, with its proofs. Everybody may know it.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base58.h"
#include "services/chain/lists/handlers/methods.h"
#include "services/chain/lists/handlers/shown.h"

enum { PAGE = 20, ENTRIES_AT_ONCE = 2000 };

static uint32_t page_size(int32_t asked) { return asked > 0 ? (uint32_t)asked : PAGE; }

static bool read_key(const char *text, uint8_t key[LIST_KEY_BYTES], const char *field, struct err *err)
{
    return base58_decode(key, LIST_KEY_BYTES, text) ||
           err_field(err, INVALID_FIELD, field, "is not 32 bytes in base58");
}

// ---- Lists

static bool read_token(const char *token, uint32_t *from, struct err *err)
{
    char *end;
    *from = (uint32_t)strtoul(token, &end, 10);
    bool number = !*token || (*token >= '1' && *token <= '9' && !*end && strlen(token) < 6);
    return number || err_field(err, BAD_PAGE_TOKEN, "page_token", "is not a page token of this list");
}

HANDLER(list_all, Chain__ListWhitelistsRequest, Chain__ListWhitelistsReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    uint32_t from, limit = page_size(request->page_size);
    if (!read_token(request->page_token, &from, err) || !book_begin(&b, err)) return false;
    const struct lists *lists = &b.book->lists;
    reply->whitelists = arena_array(b.arena, limit, sizeof *reply->whitelists);
    for (; from < lists->count && reply->n_whitelists < limit && !b.arena->failed; from++)
        reply->whitelists[reply->n_whitelists++] = list_shown(&b, lists->all[from]);
    if (from < lists->count) reply->next_page_token = arena_printf(b.arena, "%" PRIu32, from);
    return !b.arena->failed || book_filled(NULL, err);
}

static bool take_list(struct rpc_call *call, const char *name, Chain__Whitelist **shown,
                      struct list_tree *tree, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    if (!list_begin(&b, name, &list, err)) return false;
    *shown = list_shown(&b, list);
    return book_filled(*shown, err) && list_tree_take(&b, list, tree, err);
}

HANDLER(get_list, Chain__WhitelistRequest, Chain__ProvenWhitelist)
{
    AUTO_LIST_TREE struct list_tree tree = {.number = 0};
    return take_list(call, request->name, &reply->whitelist, &tree, err) &&
           list_tree_make(&tree, call, err) && list_tree_sign(&tree, call, &reply->root, err);
}

// ---- What it takes

static Chain__WhitelistMint *show_mint(const struct list_mint *mint, struct arena *arena)
{
    Chain__WhitelistMint *shown = arena_new(arena, Chain__WhitelistMint);
    if (!shown) return NULL;
    chain__whitelist_mint__init(shown);
    shown->mint = list_shown_key(mint->mint, arena);
    shown->points = mint->points;
    return shown;
}

HANDLER(list_mints, Chain__ListWhitelistMintsRequest, Chain__ListWhitelistMintsReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    uint8_t after[LIST_KEY_BYTES];
    uint32_t from = 0, limit = page_size(request->page_size);
    if (*request->page_token && !read_key(request->page_token, after, "page_token", err)) return false;
    if (!list_begin(&b, request->name, &list, err)) return false;
    if (*request->page_token && list_find_mint(list, after, &from)) from++;
    reply->mints = arena_array(b.arena, limit, sizeof *reply->mints);
    for (; from < list->wanted && reply->n_mints < limit && !b.arena->failed; from++)
        reply->mints[reply->n_mints++] = show_mint(&list->mints[from], b.arena);
    if (from < list->wanted && !b.arena->failed)
        reply->next_page_token = reply->mints[reply->n_mints - 1]->mint;
    return !b.arena->failed || book_filled(NULL, err);
}

// ---- Its wallets

HANDLER(list_owners, Chain__ListWhitelistOwnersRequest, Chain__ListWhitelistOwnersReply)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    uint8_t after[LIST_KEY_BYTES];
    uint32_t from = 0, limit = page_size(request->page_size);
    if (*request->page_token && !read_key(request->page_token, after, "page_token", err)) return false;
    if (!list_begin(&b, request->name, &list, err)) return false;
    if (*request->page_token && list_find_owner(list, after, &from)) from++;
    reply->owners = arena_array(b.arena, limit, sizeof *reply->owners);
    for (uint32_t entries = 0; from < list->owners_count && reply->n_owners < limit && !b.arena->failed;
         from++) {
        entries += list->owners[from]->count;
        if (reply->n_owners && entries > ENTRIES_AT_ONCE) break;
        reply->owners[reply->n_owners++] = list_shown_owner(list->owners[from], b.arena);
    }
    if (from < list->owners_count && !b.arena->failed)
        reply->next_page_token = reply->owners[reply->n_owners - 1]->wallet;
    return !b.arena->failed || book_filled(NULL, err);
}

static bool take_owner(struct rpc_call *call, const Chain__WhitelistOwnerRequest *request,
                       Chain__ProvenWhitelistOwner *reply, struct list_tree *tree, struct err *err)
{
    AUTO_BOOK struct book_call b = {.call = call};
    struct list *list;
    uint8_t wallet[LIST_KEY_BYTES];
    if (!read_key(request->wallet, wallet, "wallet", err) || !list_begin(&b, request->name, &list, err))
        return false;
    const struct list_owner *owner = list_find_owner(list, wallet, &reply->place);
    if (!owner) return err_fail(err, NOT_FOUND, "the wallet is not on the whitelist");
    reply->owner = list_shown_owner(owner, call->arena);
    return book_filled(reply->owner, err) && list_tree_take(&b, list, tree, err);
}

HANDLER(get_owner, Chain__WhitelistOwnerRequest, Chain__ProvenWhitelistOwner)
{
    AUTO_LIST_TREE struct list_tree tree = {.number = 0};
    struct merkle_proof proof;
    if (!take_owner(call, request, reply, &tree, err) || !list_tree_make(&tree, call, err)) return false;
    list_nodes_prove(tree.nodes, reply->place, &proof);
    const struct merkle_hash *leaf = &tree.nodes->nodes[reply->place];
    reply->leaf = (ProtobufCBinaryData){sizeof *leaf, arena_copy(call->arena, leaf, sizeof *leaf)};
    reply->siblings = arena_array(call->arena, proof.count + 1, sizeof *reply->siblings);
    if (!reply->siblings) return book_filled(NULL, err);
    for (size_t i = 0; i < proof.count; i++) {
        const struct merkle_hash *sibling = &proof.siblings[i];
        reply->siblings[reply->n_siblings++] =
            (ProtobufCBinaryData){sizeof *sibling, arena_copy(call->arena, sibling, sizeof *sibling)};
    }
    return list_tree_sign(&tree, call, &reply->root, err);
}

const struct rpc_method list_reading_methods[] = {
    RPC_METHOD("chain.ListWhitelists", list_all),       RPC_METHOD("chain.GetWhitelist", get_list),
    RPC_METHOD("chain.ListWhitelistMints", list_mints), RPC_METHOD("chain.ListWhitelistOwners", list_owners),
    RPC_METHOD("chain.GetWhitelistOwner", get_owner),   {0},
};
