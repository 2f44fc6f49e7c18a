#include "services/chain/solana/rpc_blocks.h"

#include "services/chain/solana/rpc_call.h"

static bool read_first(const json_t *result, uint64_t from, struct solana_block *out)
{
    size_t count = json_array_size(result);
    *out = (struct solana_block){.found = count};
    if (!json_is_array(result) || count > 1) return false;
    return !count || (solana_json_u64(json_array_get(result, 0), &out->slot) && out->slot >= from);
}

static bool find_first(struct solana_rpc *rpc, uint64_t from, struct solana_block *out,
                       struct solana_fault *fault)
{
    json_t *params =
        json_pack("[I, i, {s:s}]", (json_int_t)from, 1, "commitment", solana_rpc_landed_commitment(rpc));
    json_t *result = solana_rpc_call(rpc, "getBlocksWithLimit", params, fault);
    if (!result) return false;
    bool ok = read_first(result, from, out) || solana_bad_reply(fault, "getBlocksWithLimit");
    json_decref(result);
    return ok;
}

static bool read_block(const json_t *result, uint64_t from, struct solana_block *out)
{
    uint64_t parent;
    return solana_json_u64(json_object_get(result, "parentSlot"), &parent) && parent < from &&
           solana_json_key(json_object_get(result, "blockhash"), &out->hash);
}

static bool read_hash(struct solana_rpc *rpc, uint64_t from, struct solana_block *out,
                      struct solana_fault *fault)
{
    json_t *params = json_pack("[I, {s:s, s:s, s:b, s:i}]", (json_int_t)out->slot, "commitment",
                               solana_rpc_landed_commitment(rpc), "transactionDetails", "none", "rewards", 0,
                               "maxSupportedTransactionVersion", 0);
    json_t *result = solana_rpc_call(rpc, "getBlock", params, fault);
    if (!result) return false;
    bool ok = read_block(result, from, out) || solana_bad_reply(fault, "getBlock");
    json_decref(result);
    return ok;
}

bool solana_rpc_first_block(struct solana_rpc *rpc, uint64_t from, struct solana_block *out,
                            struct solana_fault *fault)
{
    return find_first(rpc, from, out, fault) && (!out->found || read_hash(rpc, from, out, fault));
}
