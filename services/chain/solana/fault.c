#include "services/chain/solana/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    RPC_PREFLIGHT_FAILURE = -32002,
    RPC_SIGNATURE_FAILURE = -32003,
    RPC_NODE_UNHEALTHY = -32005,
    RPC_MIN_CONTEXT_SLOT = -32016,
};

bool solana_fault_set(struct solana_fault *fault, enum solana_code code, const char *format, ...)
{
    *fault = (struct solana_fault){.code = code, .tx.instruction = -1};
    va_list args;
    va_start(args, format);
    vsnprintf(fault->message, sizeof fault->message, format, args);
    va_end(args);
    return false;
}

const char *solana_code_name(enum solana_code code)
{
    static const char *const names[] = {
        [SOLANA_OK] = "OK",
        [SOLANA_UNREACHABLE] = "UNREACHABLE",
        [SOLANA_DEADLINE] = "DEADLINE",
        [SOLANA_RATE_LIMITED] = "RATE_LIMITED",
        [SOLANA_NODE_DOWN] = "NODE_DOWN",
        [SOLANA_HTTP_REFUSED] = "HTTP_REFUSED",
        [SOLANA_BAD_REPLY] = "BAD_REPLY",
        [SOLANA_NODE_BEHIND] = "NODE_BEHIND",
        [SOLANA_METHOD_REFUSED] = "METHOD_REFUSED",
        [SOLANA_SIGNATURE_REFUSED] = "SIGNATURE_REFUSED",
        [SOLANA_BLOCKHASH_NOT_FOUND] = "BLOCKHASH_NOT_FOUND",
        [SOLANA_ALREADY_PROCESSED] = "ALREADY_PROCESSED",
        [SOLANA_NO_FUNDS] = "NO_FUNDS",
        [SOLANA_PROGRAM_REFUSED] = "PROGRAM_REFUSED",
        [SOLANA_TRANSACTION_REFUSED] = "TRANSACTION_REFUSED",
        [SOLANA_NO_MEMORY] = "NO_MEMORY",
    };
    return names[code];
}

bool solana_fault_retryable(const struct solana_fault *fault)
{
    switch (fault->code) {
    case SOLANA_UNREACHABLE:
    case SOLANA_DEADLINE:
    case SOLANA_RATE_LIMITED:
    case SOLANA_NODE_DOWN:
    case SOLANA_NODE_BEHIND:
        return true;
    default:
        return false;
    }
}

static Conse__Reason__Value reason_of(enum solana_code code)
{
    switch (code) {
    case SOLANA_DEADLINE:
        return CONSE__REASON__VALUE__DEADLINE_PASSED;
    case SOLANA_RATE_LIMITED:
        return CONSE__REASON__VALUE__SERVICE_BUSY;
    case SOLANA_UNREACHABLE:
    case SOLANA_NODE_DOWN:
    case SOLANA_NODE_BEHIND:
        return CONSE__REASON__VALUE__SERVICE_AWAY;
    case SOLANA_SIGNATURE_REFUSED:
        return CONSE__REASON__VALUE__WALLET_PROOF_INVALID;
    case SOLANA_BLOCKHASH_NOT_FOUND:
    case SOLANA_ALREADY_PROCESSED:
        return CONSE__REASON__VALUE__CONFLICT;
    case SOLANA_NO_FUNDS:
    case SOLANA_PROGRAM_REFUSED:
    case SOLANA_TRANSACTION_REFUSED:
        return CONSE__REASON__VALUE__INVALID_FIELD;
    default:
        return CONSE__REASON__VALUE__INTERNAL_ERROR;
    }
}

bool solana_fault_err(const struct solana_fault *fault, struct err *err)
{
    err_set(err, reason_of(fault->code), NULL, "solana: %s", fault->message);
    err_retry_after(err, fault->retry_after_ms);
    return false;
}

static bool read_name(struct solana_tx_error *error, const char *name)
{
    int len = snprintf(error->name, sizeof error->name, "%s", name);
    return len > 0 && (size_t)len < sizeof error->name;
}

// [index, "Name"] or [index, {"Name": value}]
static bool read_instruction_error(struct solana_tx_error *error, const json_t *json)
{
    const json_t *index = json_array_get(json, 0), *inner = json_array_get(json, 1);
    if (!json_is_integer(index) || json_integer_value(index) < 0 || json_integer_value(index) > UINT8_MAX)
        return false;
    error->instruction = (int)json_integer_value(index);
    if (json_is_string(inner)) return read_name(error, json_string_value(inner));
    void *field = json_object_iter((json_t *)inner);
    if (!field) return false;
    const json_t *custom = json_object_get(inner, "Custom");
    error->has_custom = json_is_integer(custom);
    error->custom = (uint32_t)json_integer_value(custom);
    return read_name(error, json_object_iter_key(field));
}

bool solana_tx_error_read(struct solana_tx_error *error, const json_t *json)
{
    *error = (struct solana_tx_error){.instruction = -1};
    if (!json || json_is_null(json)) return true;
    if (json_is_string(json)) return read_name(error, json_string_value(json));
    const json_t *instruction = json_object_get(json, "InstructionError");
    if (instruction) return read_instruction_error(error, instruction);
    void *field = json_object_iter((json_t *)json);
    return field && read_name(error, json_object_iter_key(field));
}

static enum solana_code code_of_tx(const struct solana_tx_error *tx)
{
    static const struct {
        const char *name;
        enum solana_code code;
    } known[] = {
        {"BlockhashNotFound", SOLANA_BLOCKHASH_NOT_FOUND}, {"AlreadyProcessed", SOLANA_ALREADY_PROCESSED},
        {"SignatureFailure", SOLANA_SIGNATURE_REFUSED},    {"AccountNotFound", SOLANA_NO_FUNDS},
        {"InsufficientFundsForFee", SOLANA_NO_FUNDS},      {"InsufficientFundsForRent", SOLANA_NO_FUNDS},
    };
    if (tx->instruction >= 0) return SOLANA_PROGRAM_REFUSED;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(tx->name, known[i].name) == 0) return known[i].code;
    return SOLANA_TRANSACTION_REFUSED;
}

static enum solana_code code_of_rpc(int64_t rpc_code)
{
    switch (rpc_code) {
    case RPC_SIGNATURE_FAILURE:
        return SOLANA_SIGNATURE_REFUSED;
    case RPC_NODE_UNHEALTHY:
    case RPC_MIN_CONTEXT_SLOT:
        return SOLANA_NODE_BEHIND;
    default:
        return SOLANA_METHOD_REFUSED;
    }
}

bool solana_fault_read(struct solana_fault *fault, const json_t *error)
{
    const json_t *code = json_object_get(error, "code"), *message = json_object_get(error, "message");
    if (!json_is_integer(code) || !json_is_string(message))
        return solana_fault_set(fault, SOLANA_BAD_REPLY, "a JSON-RPC error without code or message");
    int64_t rpc_code = json_integer_value(code);
    solana_fault_set(fault, code_of_rpc(rpc_code), "%s", json_string_value(message));
    fault->rpc_code = rpc_code;
    if (rpc_code != RPC_PREFLIGHT_FAILURE) return false;
    const json_t *tx = json_object_get(json_object_get(error, "data"), "err");
    if (solana_tx_error_read(&fault->tx, tx) && fault->tx.name[0]) fault->code = code_of_tx(&fault->tx);
    return false;
}
