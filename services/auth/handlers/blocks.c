// Whom the caller has blocked.
#include "services/auth/handlers/handlers.h"

#include <string.h>

#include "services/auth/accounts.h"
#include "services/auth/blocks.h"
#include "services/auth/handlers/shown.h"

enum { DEFAULT_PAGE = 100 };

HANDLER(block_user, Auth__BlockRequest, Google__Protobuf__Empty)
{
    struct account account;
    if (strcmp(request->user_id, call->caller->user_id) == 0)
        return err_field(err, INVALID_FIELD, "user_id", "nobody blocks themselves");
    return account_get(call->service, request->user_id, call->arena, &account, err) &&
           block_set(call->service, call->caller->user_id, request->user_id, call->arena, call->now_ms, err);
}

HANDLER(unblock_user, Auth__BlockRequest, Google__Protobuf__Empty)
{
    return block_remove(call->service, call->caller->user_id, request->user_id, call->arena, err);
}

static bool block_fill(struct rpc_call *call, const Accounts__Block *row, Auth__Block **out, struct err *err)
{
    Auth__Block *shown = *out = arena_new(call->arena, Auth__Block);
    if (!shown) return err_fail(err, INTERNAL_ERROR, "out of memory");
    auth__block__init(shown);
    shown->created_at = row->created_at;
    return account_person(call->service, row->blocked_id, call->arena, &shown->user, err);
}

bool blocks_shown(struct rpc_call *call, const struct store_rows *rows, Auth__Block ***blocks, size_t *count,
                  struct err *err)
{
    *blocks = arena_array(call->arena, rows->count, sizeof **blocks);
    if (!*blocks) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (; *count < rows->count; ++*count)
        if (!block_fill(call, (const Accounts__Block *)rows->messages[*count], &(*blocks)[*count], err))
            return false;
    return true;
}

// ---- For who seats people together

enum { MOST_BLOCKS = 1000 };

static bool is_named(const Auth__FindBlocksRequest *request, const char *user_id)
{
    for (size_t i = 0; i < request->n_user_ids; i++)
        if (strcmp(request->user_ids[i], user_id) == 0) return true;
    return false;
}

static bool add_pair(const Accounts__Block *row, Auth__FindBlocksReply *reply, struct arena *arena)
{
    Auth__FindBlocksReply__Pair *pair = arena_new(arena, Auth__FindBlocksReply__Pair);
    if (!pair || reply->n_pairs == MOST_BLOCKS) return pair;
    auth__find_blocks_reply__pair__init(pair);
    pair->user_id = row->user_id;
    pair->blocked_id = row->blocked_id;
    reply->pairs[reply->n_pairs++] = pair;
    return true;
}

static bool find_of(struct rpc_call *call, const Auth__FindBlocksRequest *request, const char *user_id,
                    Auth__FindBlocksReply *reply, struct err *err)
{
    struct store_rows rows;
    if (!blocks_find(call->service, user_id, BLOCKS_MOST, "", call->arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count; i++) {
        const Accounts__Block *row = (const Accounts__Block *)rows.messages[i];
        if (is_named(request, row->blocked_id) && !add_pair(row, reply, call->arena))
            return err_fail(err, INTERNAL_ERROR, "out of memory");
    }
    return true;
}

HANDLER(find_blocks, Auth__FindBlocksRequest, Auth__FindBlocksReply)
{
    reply->pairs = arena_array(call->arena, MOST_BLOCKS, sizeof *reply->pairs);
    if (!reply->pairs) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < request->n_user_ids; i++)
        if (!find_of(call, request, request->user_ids[i], reply, err)) return false;
    return true;
}

// ---- One's own

HANDLER(list_blocks, Auth__ListBlocksRequest, Auth__ListBlocksReply)
{
    struct store_rows rows;
    const uint32_t limit = request->page_size ? (uint32_t)request->page_size : DEFAULT_PAGE;
    if (!blocks_find(call->service, call->caller->user_id, limit, request->page_token, call->arena, &rows,
                     err) ||
        !blocks_shown(call, &rows, &reply->blocks, &reply->n_blocks, err))
        return false;
    reply->next_page_token = rows.next_page_token;
    return true;
}

const struct rpc_method block_methods[] = {
    RPC_METHOD("auth.BlockUser", block_user),
    RPC_METHOD("auth.UnblockUser", unblock_user),
    RPC_METHOD("auth.ListBlocks", list_blocks),
    RPC_METHOD("auth.FindBlocks", find_blocks),
    {0},
};
