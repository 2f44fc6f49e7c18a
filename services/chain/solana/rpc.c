#include "services/chain/solana/rpc.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"
#include "services/chain/solana/http.h"
#include "services/chain/solana/rpc_call.h"

enum {
    DEADLINE_MS = 15000,
    TRY_MS = 5000,
    REPLY_MAX = 4 << 20,
    RETRIES = 2,
    RETRY_MIN_MS = 500,
    RETRY_MAX_MS = 8000,
};

struct solana_rpc {
    struct solana_http *http;
    struct solana_rpc_options options;
    json_int_t last_id;
};

static void set_defaults(struct solana_rpc_options *o)
{
    if (!o->deadline_ms) o->deadline_ms = DEADLINE_MS;
    if (!o->try_ms) o->try_ms = TRY_MS;
    if (!o->reply_max) o->reply_max = REPLY_MAX;
    if (!o->retry.retries && !o->retry.min_ms && !o->retry.max_ms)
        o->retry = (struct solana_retry){RETRIES, RETRY_MIN_MS, RETRY_MAX_MS};
}

bool solana_rpc_create(struct solana_rpc **out, const struct solana_rpc_options *options,
                       struct solana_fault *fault)
{
    struct solana_rpc *rpc = calloc(1, sizeof *rpc);
    if (!rpc) return solana_fault_set(fault, SOLANA_NO_MEMORY, "no memory for an RPC client");
    rpc->options = *options;
    set_defaults(&rpc->options);
    rpc->options.url = NULL; // http has its own copy
    if (!solana_http_create(&rpc->http, options->url, rpc->options.reply_max, fault)) {
        free(rpc);
        return false;
    }
    *out = rpc;
    return true;
}

void solana_rpc_destroy(struct solana_rpc *rpc)
{
    if (!rpc) return;
    solana_http_destroy(rpc->http);
    free(rpc);
}

const char *solana_rpc_commitment(const struct solana_rpc *rpc)
{
    static const char *const names[] = {"processed", "confirmed", "finalized"};
    return names[rpc->options.commitment];
}

const char *solana_rpc_landed_commitment(const struct solana_rpc *rpc)
{
    return rpc->options.commitment == SOLANA_FINALIZED ? "finalized" : "confirmed";
}

static void sleep_ms(uint32_t ms)
{
    struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0) continue;
}

// The result of a reply to request `id`, or NULL with the fault.
static json_t *open_reply(const struct buf *reply, json_int_t id, struct solana_fault *fault)
{
    solana_json_saturate(reply->bytes, reply->len);
    json_t *root = json_loadb(reply->bytes, reply->len, JSON_REJECT_DUPLICATES, NULL);
    json_t *result = json_incref(json_object_get(root, "result"));
    const json_t *error = json_object_get(root, "error"), *answered = json_object_get(root, "id");
    if (error && !json_is_null(error)) {
        solana_fault_read(fault, error);
        json_decref(result);
        result = NULL;
    } else if (!result || !json_is_integer(answered) || json_integer_value(answered) != id) {
        solana_fault_set(fault, SOLANA_BAD_REPLY, "the reply is no JSON-RPC answer to the request");
        json_decref(result);
        result = NULL;
    }
    json_decref(root);
    return result;
}

static json_t *call_once(struct solana_rpc *rpc, const char *body, uint32_t timeout_ms,
                         struct solana_fault *fault)
{
    const struct buf *reply;
    if (!solana_http_post(rpc->http, body, timeout_ms, &reply, fault)) return NULL;
    return open_reply(reply, rpc->last_id, fault);
}

// Waits before the next try. False: the fault stands, because it must not be retried or the deadline would
// pass.
static bool wait_to_retry(const struct solana_rpc *rpc, uint32_t done, int64_t deadline_ms,
                          const struct solana_fault *fault)
{
    if (!solana_fault_retryable(fault) || done > rpc->options.retry.retries) return false;
    uint32_t wait =
        solana_retry_wait_ms(&rpc->options.retry, done, fault->retry_after_ms, randombytes_random());
    if (clock_mono_ms() + wait >= deadline_ms) return false;
    sleep_ms(wait);
    return true;
}

static json_t *call_until(struct solana_rpc *rpc, const char *body, int64_t deadline_ms,
                          struct solana_fault *fault)
{
    for (uint32_t done = 1;; done++) {
        int64_t left = deadline_ms - clock_mono_ms();
        if (left <= 0) {
            solana_fault_set(fault, SOLANA_DEADLINE, "the node did not answer in time");
            return NULL;
        }
        uint32_t timeout_ms = left < rpc->options.try_ms ? (uint32_t)left : rpc->options.try_ms;
        json_t *result = call_once(rpc, body, timeout_ms, fault);
        if (result || !wait_to_retry(rpc, done, deadline_ms, fault)) return result;
    }
}

json_t *solana_rpc_call(struct solana_rpc *rpc, const char *method, json_t *params,
                        struct solana_fault *fault)
{
    int64_t deadline_ms = clock_mono_ms() + rpc->options.deadline_ms;
    json_t *request = params ? json_pack("{s:s, s:I, s:s, s:o}", "jsonrpc", "2.0", "id", ++rpc->last_id,
                                         "method", method, "params", params)
                             : NULL;
    char *body = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    if (!body) {
        solana_fault_set(fault, SOLANA_NO_MEMORY, "no memory for a call of %s", method);
        return NULL;
    }
    json_t *result = call_until(rpc, body, deadline_ms, fault);
    free(body);
    return result;
}
