#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "services/chain/solana/rpc_call.h"
#include "services/chain/solana/transaction.h"

enum { LOGS_MAX = 256 << 10 };

// The node's answer is known beforehand: the first signature of the transaction.
static bool first_signature(struct solana_bytes tx, struct solana_signature *out, struct solana_fault *fault)
{
    struct solana_transaction parsed;
    struct err err;
    if (!solana_transaction_parse(&parsed, tx.bytes, tx.len, &err))
        return solana_fault_set(fault, SOLANA_METHOD_REFUSED, "no transaction: %s", err.message);
    *out = parsed.signatures[0];
    return true;
}

static bool rpc_send_send(struct solana_rpc *rpc, struct solana_bytes tx, bool skip_preflight,
                          struct solana_signature *signature, struct solana_fault *fault)
{
    if (!first_signature(tx, signature, fault)) return false;
    json_t *params =
        json_pack("[o, {s:s, s:b, s:s, s:i}]", solana_json_encode(tx), "encoding", "base64", "skipPreflight",
                  skip_preflight, "preflightCommitment", solana_rpc_commitment(rpc), "maxRetries", 0);
    json_t *result = solana_rpc_call(rpc, "sendTransaction", params, fault);
    if (!result) return fault->code == SOLANA_ALREADY_PROCESSED;
    struct solana_signature answered;
    bool same = solana_json_signature(result, &answered) &&
                memcmp(answered.bytes, signature->bytes, sizeof answered.bytes) == 0;
    json_decref(result);
    return same || solana_bad_reply(fault, "sendTransaction");
}

bool solana_rpc_send(struct solana_rpc *rpc, struct solana_bytes tx, struct solana_signature *signature,
                     struct solana_fault *fault)
{
    return rpc_send_send(rpc, tx, false, signature, fault);
}

bool solana_rpc_send_unchecked(struct solana_rpc *rpc, struct solana_bytes tx,
                               struct solana_signature *signature, struct solana_fault *fault)
{
    return rpc_send_send(rpc, tx, true, signature, fault);
}

static bool join_logs(const json_t *logs, char **out)
{
    struct buf text;
    buf_init(&text, LOGS_MAX);
    size_t i;
    json_t *line;
    bool strings = true;
    json_array_foreach(logs, i, line)
    {
        strings = strings && json_is_string(line);
        if (!strings) break;
        buf_str(&text, json_string_value(line));
        buf_char(&text, '\n');
    }
    size_t len;
    bool ok = strings && !text.failed;
    *out = ok ? buf_take(&text, &len) : NULL;
    buf_finish(&text);
    return ok && *out;
}

static bool read_simulation(const json_t *result, struct solana_simulation *out)
{
    const json_t *value = json_object_get(result, "value"), *units = json_object_get(value, "unitsConsumed");
    return json_is_object(value) && solana_tx_error_read(&out->error, json_object_get(value, "err")) &&
           (!units || solana_json_u64(units, &out->units)) &&
           join_logs(json_object_get(value, "logs"), &out->logs);
}

bool solana_rpc_simulate(struct solana_rpc *rpc, struct solana_bytes tx, struct solana_simulation *out,
                         struct solana_fault *fault)
{
    *out = (struct solana_simulation){0};
    json_t *params =
        json_pack("[o, {s:s, s:b, s:b, s:s}]", solana_json_encode(tx), "encoding", "base64", "sigVerify", 0,
                  "replaceRecentBlockhash", 1, "commitment", solana_rpc_commitment(rpc));
    json_t *result = solana_rpc_call(rpc, "simulateTransaction", params, fault);
    if (!result) return false;
    bool ok = read_simulation(result, out) || solana_bad_reply(fault, "simulateTransaction");
    if (!ok) solana_simulation_finish(out);
    json_decref(result);
    return ok;
}

void solana_simulation_finish(struct solana_simulation *simulation)
{
    free(simulation->logs);
    *simulation = (struct solana_simulation){0};
}
