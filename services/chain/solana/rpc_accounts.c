#include <stdlib.h>

#include "services/chain/solana/rpc_call.h"

// Calls a method whose result is one number.
static bool call_number(struct solana_rpc *rpc, const char *method, json_t *params, uint64_t *out,
                        struct solana_fault *fault)
{
    json_t *result = solana_rpc_call(rpc, method, params, fault);
    if (!result) return false;
    bool ok = solana_json_u64(result, out) || solana_bad_reply(fault, method);
    json_decref(result);
    return ok;
}

bool solana_rpc_slot(struct solana_rpc *rpc, uint64_t *slot, struct solana_fault *fault)
{
    return call_number(rpc, "getSlot", json_pack("[{s:s}]", "commitment", solana_rpc_commitment(rpc)), slot,
                       fault);
}

bool solana_rpc_block_height(struct solana_rpc *rpc, uint64_t *height, struct solana_fault *fault)
{
    json_t *params = json_pack("[{s:s}]", "commitment", solana_rpc_commitment(rpc));
    return call_number(rpc, "getBlockHeight", params, height, fault);
}

bool solana_rpc_rent(struct solana_rpc *rpc, uint64_t bytes, uint64_t *lamports, struct solana_fault *fault)
{
    json_t *params = json_pack("[I, {s:s}]", (json_int_t)bytes, "commitment", solana_rpc_commitment(rpc));
    return call_number(rpc, "getMinimumBalanceForRentExemption", params, lamports, fault);
}

static bool read_blockhash(const json_t *result, struct solana_blockhash *out)
{
    const json_t *value = json_object_get(result, "value");
    return solana_json_u64(json_object_get(json_object_get(result, "context"), "slot"), &out->slot) &&
           solana_json_key(json_object_get(value, "blockhash"), &out->hash) &&
           solana_json_u64(json_object_get(value, "lastValidBlockHeight"), &out->last_valid_height);
}

bool solana_rpc_latest_blockhash(struct solana_rpc *rpc, struct solana_blockhash *out,
                                 struct solana_fault *fault)
{
    json_t *params = json_pack("[{s:s}]", "commitment", solana_rpc_commitment(rpc));
    json_t *result = solana_rpc_call(rpc, "getLatestBlockhash", params, fault);
    if (!result) return false;
    bool ok = read_blockhash(result, out) || solana_bad_reply(fault, "getLatestBlockhash");
    json_decref(result);
    return ok;
}

bool solana_rpc_balance(struct solana_rpc *rpc, const struct solana_key *key, uint64_t *lamports,
                        struct solana_fault *fault)
{
    char text[SOLANA_KEY_TEXT];
    solana_key_format(key, text);
    json_t *params = json_pack("[s, {s:s}]", text, "commitment", solana_rpc_commitment(rpc));
    json_t *result = solana_rpc_call(rpc, "getBalance", params, fault);
    if (!result) return false;
    bool ok =
        solana_json_u64(json_object_get(result, "value"), lamports) || solana_bad_reply(fault, "getBalance");
    json_decref(result);
    return ok;
}

bool solana_json_account(const json_t *value, struct solana_account *out)
{
    out->found = value && !json_is_null(value);
    if (!out->found) return value;
    out->executable = json_is_true(json_object_get(value, "executable"));
    return solana_json_u64(json_object_get(value, "lamports"), &out->lamports) &&
           solana_json_key(json_object_get(value, "owner"), &out->owner) &&
           solana_json_base64(json_object_get(value, "data"), &out->data, &out->data_len);
}

static bool read_account(const json_t *result, struct solana_account *out)
{
    return solana_json_u64(json_object_get(json_object_get(result, "context"), "slot"), &out->slot) &&
           solana_json_account(json_object_get(result, "value"), out);
}

bool solana_rpc_account(struct solana_rpc *rpc, const struct solana_key *key, struct solana_account *out,
                        struct solana_fault *fault)
{
    char text[SOLANA_KEY_TEXT];
    solana_key_format(key, text);
    *out = (struct solana_account){0};
    json_t *params =
        json_pack("[s, {s:s, s:s}]", text, "encoding", "base64", "commitment", solana_rpc_commitment(rpc));
    json_t *result = solana_rpc_call(rpc, "getAccountInfo", params, fault);
    if (!result) return false;
    bool ok = read_account(result, out) || solana_bad_reply(fault, "getAccountInfo");
    if (!ok) solana_account_finish(out);
    json_decref(result);
    return ok;
}

void solana_account_finish(struct solana_account *account)
{
    free(account->data);
    *account = (struct solana_account){0};
}
