// Why a call to a Solana node failed, as a named code, with what the node said of the transaction.
#ifndef CHAIN_SOLANA_FAULT_H
#define CHAIN_SOLANA_FAULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

enum solana_code {
    SOLANA_OK,
    SOLANA_UNREACHABLE,         // no connection, or lost before the reply: the outcome is unknown
    SOLANA_DEADLINE,            // no reply in time: the outcome is unknown
    SOLANA_RATE_LIMITED,        // HTTP 429
    SOLANA_NODE_DOWN,           // HTTP 408 or 5xx
    SOLANA_HTTP_REFUSED,        // another HTTP status than 200
    SOLANA_BAD_REPLY,           // not JSON-RPC, of another shape than the method's, or too large
    SOLANA_NODE_BEHIND,         // the node is unhealthy, or has not reached the slot asked for
    SOLANA_METHOD_REFUSED,      // bad parameters, unknown method, or another JSON-RPC error
    SOLANA_SIGNATURE_REFUSED,   // a signature of the transaction does not verify
    SOLANA_BLOCKHASH_NOT_FOUND, // expired, or not known to this node yet
    SOLANA_ALREADY_PROCESSED,   // these very bytes have landed before
    SOLANA_NO_FUNDS,            // the payer cannot pay the fee or would fall under the rent
    SOLANA_PROGRAM_REFUSED,     // an instruction failed: see tx
    SOLANA_TRANSACTION_REFUSED, // any other transaction error: see tx.name
    SOLANA_NO_MEMORY,
};

// A transaction error of the runtime.
struct solana_tx_error {
    char name[48];   // "" is no error; "BlockhashNotFound"; of a failed instruction "InsufficientFunds",
                     // "Custom", ...
    int instruction; // its index, or -1
    bool has_custom; // the program's own number
    uint32_t custom;
};

struct solana_fault {
    enum solana_code code;
    int http_status;         // 0: none
    int64_t rpc_code;        // of JSON-RPC, 0: none
    uint32_t retry_after_ms; // 0: not said
    struct solana_tx_error tx;
    char message[224];
};

// Fills *fault and returns false.
bool solana_fault_set(struct solana_fault *fault, enum solana_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *solana_code_name(enum solana_code code); // "BLOCKHASH_NOT_FOUND"
// Another try may go better. Sending is safe to repeat too: the same bytes land at most once.
bool solana_fault_retryable(const struct solana_fault *fault);
// The fault in the words of lib/base/err.h; returns false.
bool solana_fault_err(const struct solana_fault *fault, struct err *err);

// From the `err` of a node's JSON: null, "Name" or {"InstructionError": [index, "Name" or {"Custom": n}]}.
// False: another shape.
bool solana_tx_error_read(struct solana_tx_error *error, const json_t *json);
// From the `error` of a JSON-RPC reply; returns false.
bool solana_fault_read(struct solana_fault *fault, const json_t *error);

#endif
