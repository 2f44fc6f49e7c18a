#include "services/chain/solana/rpc_landed.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/chain/solana/rpc_call.h"

enum { OTHER_VERSION = -32015 }; // of JSON-RPC: a transaction that clients of today can't read

static bool read_status(const json_t *json, struct solana_status *out)
{
    *out = (struct solana_status){.found = !json_is_null(json)};
    if (!out->found) return true;
    return solana_json_u64(json_object_get(json, "slot"), &out->slot) &&
           solana_json_commitment(json_object_get(json, "confirmationStatus"), &out->reached) &&
           solana_tx_error_read(&out->error, json_object_get(json, "err"));
}

static bool read_statuses(const json_t *result, size_t count, struct solana_status *out)
{
    const json_t *list = json_object_get(result, "value");
    if (json_array_size(list) != count) return false;
    for (size_t i = 0; i < count; i++)
        if (!read_status(json_array_get(list, i), &out[i])) return false;
    return true;
}

static json_t *signature_list(const struct solana_signature *signatures, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char text[SOLANA_SIGNATURE_TEXT];
        solana_signature_format(&signatures[i], text);
        if (json_array_append_new(list, json_string(text)) == 0) continue;
        json_decref(list);
        return NULL;
    }
    return list;
}

bool solana_rpc_statuses(struct solana_rpc *rpc, const struct solana_signature *signatures, size_t count,
                         struct solana_status *out, struct solana_fault *fault)
{
    if (count > SOLANA_STATUSES_MAX)
        return solana_fault_set(fault, SOLANA_METHOD_REFUSED, "more than %d signatures", SOLANA_STATUSES_MAX);
    json_t *params =
        json_pack("[o, {s:b}]", signature_list(signatures, count), "searchTransactionHistory", 1);
    json_t *result = solana_rpc_call(rpc, "getSignatureStatuses", params, fault);
    if (!result) return false;
    bool ok = read_statuses(result, count, out) || solana_bad_reply(fault, "getSignatureStatuses");
    json_decref(result);
    return ok;
}

static bool read_time(const json_t *json, int64_t *out)
{
    *out = json_integer_value(json);
    return !json || json_is_null(json) || json_is_integer(json);
}

static bool read_history(const json_t *result, size_t limit, struct solana_history_entry *out, size_t *count)
{
    *count = json_array_size(result);
    if (!json_is_array(result) || *count > limit) return false;
    for (size_t i = 0; i < *count; i++) {
        const json_t *entry = json_array_get(result, i);
        if (!solana_json_signature(json_object_get(entry, "signature"), &out[i].signature) ||
            !solana_json_u64(json_object_get(entry, "slot"), &out[i].slot) ||
            !read_time(json_object_get(entry, "blockTime"), &out[i].time_s) ||
            !solana_tx_error_read(&out[i].error, json_object_get(entry, "err")))
            return false;
    }
    return true;
}

static json_t *optional_signature(const struct solana_signature *signature)
{
    if (!signature) return NULL;
    char text[SOLANA_SIGNATURE_TEXT];
    solana_signature_format(signature, text);
    return json_string(text);
}

bool solana_rpc_history(struct solana_rpc *rpc, const struct solana_history_query *query,
                        struct solana_history_entry *out, size_t *count, struct solana_fault *fault)
{
    char address[SOLANA_KEY_TEXT];
    solana_key_format(&query->address, address);
    json_t *params = json_pack("[s, {s:s, s:I, s:o*, s:o*}]", address, "commitment",
                               solana_rpc_landed_commitment(rpc), "limit", (json_int_t)query->limit, "before",
                               optional_signature(query->before), "until", optional_signature(query->until));
    json_t *result = solana_rpc_call(rpc, "getSignaturesForAddress", params, fault);
    if (!result) return false;
    bool ok =
        read_history(result, query->limit, out, count) || solana_bad_reply(fault, "getSignaturesForAddress");
    json_decref(result);
    return ok;
}

static bool read_balances(const json_t *list, size_t count, uint64_t **out)
{
    if (json_array_size(list) != count) return false;
    *out = calloc(count + 1, sizeof **out);
    for (size_t i = 0; *out && i < count; i++)
        if (!solana_json_u64(json_array_get(list, i), &(*out)[i])) return false;
    return *out != NULL;
}

static bool read_keys(const json_t *list, struct solana_landed *out)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!solana_json_key(json_array_get(list, i), &out->looked_up[out->looked_up_count++])) return false;
    return true;
}

static bool read_looked_up(const json_t *loaded, struct solana_landed *out)
{
    const json_t *writable = json_object_get(loaded, "writable"),
                 *readonly = json_object_get(loaded, "readonly");
    out->looked_up =
        calloc(json_array_size(writable) + json_array_size(readonly) + 1, sizeof *out->looked_up);
    return out->looked_up && read_keys(writable, out) && read_keys(readonly, out);
}

static bool read_landed(const json_t *result, struct solana_landed *out)
{
    out->found = !json_is_null(result);
    if (!out->found) return true;
    const json_t *meta = json_object_get(result, "meta");
    out->balance_count = json_array_size(json_object_get(meta, "preBalances"));
    return solana_json_u64(json_object_get(result, "slot"), &out->slot) &&
           read_time(json_object_get(result, "blockTime"), &out->time_s) &&
           solana_json_base64(json_object_get(result, "transaction"), &out->bytes, &out->len) &&
           solana_json_u64(json_object_get(meta, "fee"), &out->fee) &&
           solana_tx_error_read(&out->error, json_object_get(meta, "err")) &&
           read_balances(json_object_get(meta, "preBalances"), out->balance_count, &out->before) &&
           read_balances(json_object_get(meta, "postBalances"), out->balance_count, &out->after) &&
           read_looked_up(json_object_get(meta, "loadedAddresses"), out);
}

static bool is_of_other_version(struct solana_landed *out, const struct solana_fault *fault)
{
    out->found = fault->rpc_code == OTHER_VERSION;
    if (out->found) snprintf(out->error.name, sizeof out->error.name, "UnsupportedVersion");
    return out->found;
}

bool solana_rpc_transaction(struct solana_rpc *rpc, const struct solana_signature *signature,
                            struct solana_landed *out, struct solana_fault *fault)
{
    char text[SOLANA_SIGNATURE_TEXT];
    solana_signature_format(signature, text);
    *out = (struct solana_landed){0};
    json_t *params = json_pack("[s, {s:s, s:s, s:i}]", text, "encoding", "base64", "commitment",
                               solana_rpc_landed_commitment(rpc), "maxSupportedTransactionVersion", 0);
    json_t *result = solana_rpc_call(rpc, "getTransaction", params, fault);
    if (!result) return is_of_other_version(out, fault);
    bool ok = read_landed(result, out) || solana_bad_reply(fault, "getTransaction");
    if (!ok) solana_landed_finish(out);
    json_decref(result);
    return ok;
}

void solana_landed_finish(struct solana_landed *landed)
{
    free(landed->bytes);
    free(landed->looked_up);
    free(landed->before);
    free(landed->after);
    *landed = (struct solana_landed){0};
}
