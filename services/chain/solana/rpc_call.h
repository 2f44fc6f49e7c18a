// The call behind all methods of rpc.h, and the reading of its result.
#ifndef CHAIN_SOLANA_RPC_CALL_H
#define CHAIN_SOLANA_RPC_CALL_H

#include <jansson.h>

#include "services/chain/solana/rpc.h"

// Takes over params (a list; NULL means no memory). Returns NULL with the fault filled, or a new reference to
// the result, which may be null.
json_t *solana_rpc_call(struct solana_rpc *rpc, const char *method, json_t *params,
                        struct solana_fault *fault);
const char *solana_rpc_commitment(const struct solana_rpc *rpc);
// For the methods that a node refuses at the commitment "processed".
const char *solana_rpc_landed_commitment(const struct solana_rpc *rpc);

// jansson has no u64: replaces numbers over INT64_MAX (such as the rent epoch of every account) by INT64_MAX,
// in place.
void solana_json_saturate(char *text, size_t len);
// False when absent, of another type, or negative.
bool solana_json_u64(const json_t *json, uint64_t *out);
bool solana_json_key(const json_t *json, struct solana_key *out);
bool solana_json_signature(const json_t *json, struct solana_signature *out);
// ["...", "base64"]; *bytes is the caller's to free, never NULL.
bool solana_json_base64(const json_t *json, uint8_t **bytes, size_t *len);
bool solana_json_commitment(const json_t *json, enum solana_commitment *out);
// A string in base64, or NULL for no memory.
json_t *solana_json_encode(struct solana_bytes bytes);
// An account as answers have it; null: it is absent. The caller finishes it, also after false.
bool solana_json_account(const json_t *value, struct solana_account *out);
bool solana_bad_reply(struct solana_fault *fault, const char *method);

#endif
