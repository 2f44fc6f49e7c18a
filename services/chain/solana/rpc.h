// A client of a Solana node's JSON-RPC. Every call has a deadline, a bounded reply and retries with back-off;
// the fault is a named code. A client belongs to one thread; calls block. Everything is read at the client's
// commitment.
#ifndef CHAIN_SOLANA_RPC_H
#define CHAIN_SOLANA_RPC_H

#include "services/chain/solana/fault.h"
#include "services/chain/solana/key.h"
#include "services/chain/solana/message.h"
#include "services/chain/solana/retry.h"

struct solana_rpc;

enum solana_commitment { SOLANA_PROCESSED, SOLANA_CONFIRMED, SOLANA_FINALIZED };

struct solana_rpc_options {
    const char *url;
    enum solana_commitment commitment;
    uint32_t deadline_ms;      // of a call with all its tries; 15 000 when 0
    uint32_t try_ms;           // of one try; 5000 when 0
    uint32_t reply_max;        // bytes; 4 MiB when 0
    struct solana_retry retry; // 2 retries from 500 ms to 8 s when all 0
};

MUST_CHECK bool solana_rpc_create(struct solana_rpc **rpc, const struct solana_rpc_options *options,
                                  struct solana_fault *fault);
void solana_rpc_destroy(struct solana_rpc *rpc); // NULL is fine

struct solana_blockhash {
    struct solana_key hash;
    uint64_t last_valid_height; // a transaction with it may land up to this block height
    uint64_t slot;
};

MUST_CHECK bool solana_rpc_latest_blockhash(struct solana_rpc *rpc, struct solana_blockhash *out,
                                            struct solana_fault *fault);
MUST_CHECK bool solana_rpc_slot(struct solana_rpc *rpc, uint64_t *slot, struct solana_fault *fault);
MUST_CHECK bool solana_rpc_block_height(struct solana_rpc *rpc, uint64_t *height, struct solana_fault *fault);
MUST_CHECK bool solana_rpc_rent(struct solana_rpc *rpc, uint64_t bytes, uint64_t *lamports,
                                struct solana_fault *fault);

struct solana_account {
    bool found;
    bool executable;
    uint64_t lamports;
    struct solana_key owner;
    uint8_t *data; // owned by the struct
    size_t data_len;
    uint64_t slot; // at which it was read
};

MUST_CHECK bool solana_rpc_balance(struct solana_rpc *rpc, const struct solana_key *key, uint64_t *lamports,
                                   struct solana_fault *fault);
// An absent account is no fault.
MUST_CHECK bool solana_rpc_account(struct solana_rpc *rpc, const struct solana_key *key,
                                   struct solana_account *out, struct solana_fault *fault);
void solana_account_finish(struct solana_account *account);

struct solana_bytes {
    const uint8_t *bytes;
    size_t len;
};

// Sends signed bytes. Sending the same bytes again is safe and is the way to retry; when they have landed
// already, that is success.
MUST_CHECK bool solana_rpc_send(struct solana_rpc *rpc, struct solana_bytes tx,
                                struct solana_signature *signature, struct solana_fault *fault);
// The same without a preflight: true means only that the node took the bytes.
MUST_CHECK bool solana_rpc_send_unchecked(struct solana_rpc *rpc, struct solana_bytes tx,
                                          struct solana_signature *signature, struct solana_fault *fault);

struct solana_simulation {
    struct solana_tx_error error;
    uint64_t units;
    char *logs; // one line each; owned by the struct
};

// Signatures are not checked and the blockhash is replaced, so an unsigned transaction can be tried.
MUST_CHECK bool solana_rpc_simulate(struct solana_rpc *rpc, struct solana_bytes tx,
                                    struct solana_simulation *out, struct solana_fault *fault);
void solana_simulation_finish(struct solana_simulation *simulation);

#endif
