#include "lib/rpc/server.h"

#include <assert.h>
#include <nng/nng.h>
#include <nng/supplemental/util/platform.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/rpc/address.h"
#include "lib/rpc/state.h"
#include "lib/thread/wait.h"

enum {
    FAST_CONTEXTS = 64,
    SHARED_WORKERS = 8, // at least, because some wait for the store's server
    SLOW_REFUSERS = 4,  // contexts beyond what may run or wait, to say SERVICE_BUSY at once
    ARENA_BYTES = 8 * 1024 * 1024,
    STOP_MS = 1000, // for replies that a peer does not take
    LINGER_MS = 20, // for NNG to hand the last reply to the kernel
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rpc_served *)a)->name, ((const struct rpc_served *)b)->name);
}

const struct rpc_served *rpc_server_find(const struct rpc_server *server, const char *name)
{
    struct rpc_served wanted = {.name = name};
    return bsearch(&wanted, server->methods, server->methods_count, sizeof wanted, by_name);
}

static void serve_method(struct rpc_server *server, const struct rpc_method *method)
{
    const struct schema_method *schema = rpc_schema_of(method->name);
    assert(schema && schema->request->sizeof_message == method->sizes[0] &&
           schema->reply->sizeof_message == method->sizes[1]);
    if (schema->turns_by || schema->turns_caller || schema->outside) server->has_turns = true;
    char labels[128];
    snprintf(labels, sizeof labels, "method=\"%s\"", method->name);
    char timed[160];
    snprintf(timed, sizeof timed, "%s,class=\"%s\"", labels,
             protobuf_c_enum_descriptor_get_value(&conse__class__descriptor, (int)schema->class)->name);
    struct metrics *metrics = server->options.metrics;
    server->methods[server->methods_count++] = (struct rpc_served){
        method->name, schema, method->handler,
        metrics_counter(metrics, "conse_rpc_calls_total", "Calls answered, refusals too.", labels),
        metrics_histogram(metrics, "conse_rpc_seconds", "Time in the handler, without waiting for the disk.",
                          timed)};
}

const struct rpc_method *rpc_method_find(const struct rpc_method *const *tables, const char *name)
{
    for (; *tables; tables++)
        for (const struct rpc_method *method = *tables; method->name; method++)
            if (strcmp(method->name, name) == 0) return method;
    return NULL;
}

static size_t count_methods(const struct rpc_method *const *tables)
{
    size_t count = 0;
    for (; *tables; tables++)
        for (const struct rpc_method *method = *tables; method->name; method++) count++;
    return count;
}

static bool serve_methods(struct rpc_server *server, struct err *err)
{
    size_t count = count_methods(server->options.methods);
    server->methods = calloc(count + 1, sizeof *server->methods);
    if (!server->methods) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (const struct rpc_method *const *table = server->options.methods; *table; table++)
        for (const struct rpc_method *method = *table; method->name; method++) serve_method(server, method);
    qsort(server->methods, count, sizeof *server->methods, by_name);
    struct metrics *metrics = server->options.metrics;
    server->waiting = metrics_gauge(metrics, "conse_rpc_queue", "Messages that wait for a worker.", "");
    server->refused = metrics_counter(metrics, "conse_rpc_refused_total", "Messages refused at once.", "");
    server->messages =
        metrics_counter(metrics, "conse_rpc_messages_total", "Messages with calls, one or several.", "");
    server->again = metrics_counter(metrics, "conse_rpc_again_total", "Calls decided once more.", "");
    server->foreign =
        metrics_counter(metrics, "conse_rpc_foreign_total", "Messages that did not open as ours.", "");
    return true;
}

static bool start_lanes(struct rpc_server *server, struct err *err)
{
    const struct rpc_server_options *options = &server->options;
    server->fast.server = server;
    struct rpc_lane_size fast = {options->workers, options->queue, FAST_CONTEXTS};
    if (!rpc_lane_start(&server->fast, options->address, fast, err)) return false;
    if (!rpc_has_slow(options->name)) return true;
    char beside[256];
    if (!options->slow_address && !rpc_slow_address(options->address, beside, sizeof beside))
        return err_fail(err, INVALID_FIELD, "%s is no address to listen at", options->address);
    const char *address = options->slow_address ? options->slow_address : beside;
    uint32_t workers = options->slow_workers ? options->slow_workers : 1;
    server->slow.server = server;
    server->slow.slow = true;
    struct rpc_lane_size slow = {workers, options->slow_queue, workers + options->slow_queue + SLOW_REFUSERS};
    return rpc_lane_start(&server->slow, address, slow, err);
}

static bool server_start_checked(struct rpc_server *server, struct err *err)
{
    const struct rpc_server_options *options = &server->options;
    const char *slow = options->slow_address ? options->slow_address : options->address;
    return rpc_address_check(options->address, options->bus_keys, NULL, err) &&
           rpc_address_check(slow, options->bus_keys, NULL, err) && rpc_unseal_init(server, err) &&
           serve_methods(server, err) && start_lanes(server, err);
}

bool rpc_server_start(struct rpc_server **out, const struct rpc_server_options *options, struct err *err)
{
    struct rpc_server *server = calloc(1, sizeof *server);
    if (!server) return err_fail(err, INTERNAL_ERROR, "out of memory");
    server->options = *options;
    if (!server->options.workers) server->options.workers = 1;
    if (options->store && store_is_shared(options->store) && server->options.workers < SHARED_WORKERS)
        server->options.workers = SHARED_WORKERS;
    if (!server->options.arena_cap_bytes) server->options.arena_cap_bytes = ARENA_BYTES;
    pthread_mutex_init(&server->mutex, NULL);
    wait_init(&server->quiet);
    crypto_shorthash_keygen(server->turn_key);
    rpc_commands_init(&server->commands, options->store);
    if (!rpc_pending_start(&server->pending, options->store, err) || !server_start_checked(server, err)) {
        rpc_server_stop(server);
        return false;
    }
    *out = server;
    return true;
}

static void wait_quiet(struct rpc_server *server, int64_t timeout_ms)
{
    int64_t end_ms = clock_mono_ms() + timeout_ms;
    pthread_mutex_lock(&server->mutex);
    while (server->outstanding > 0 && wait_until(&server->quiet, &server->mutex, end_ms)) continue;
    pthread_mutex_unlock(&server->mutex);
}

void rpc_server_drain(struct rpc_server *server, int64_t timeout_ms)
{
    atomic_store(&server->draining, true);
    wait_quiet(server, timeout_ms);
}

static void server_linger(struct rpc_server *server)
{
    pthread_mutex_lock(&server->mutex);
    int64_t left_ms = server->sent_ms + LINGER_MS - clock_mono_ms();
    pthread_mutex_unlock(&server->mutex);
    if (left_ms > 0 && left_ms <= LINGER_MS) nng_msleep((nng_duration)left_ms);
}

void rpc_server_stop(struct rpc_server *server)
{
    if (!server) return;
    atomic_store(&server->draining, true);
    rpc_lane_join(&server->fast);
    rpc_lane_join(&server->slow);
    rpc_pending_stop(&server->pending);
    wait_quiet(server, STOP_MS);
    server_linger(server);
    rpc_lane_close(&server->fast);
    rpc_lane_close(&server->slow);
    rpc_commands_finish(&server->commands);
    rpc_unseal_finish(server);
    pthread_cond_destroy(&server->quiet);
    pthread_mutex_destroy(&server->mutex);
    free(server->methods);
    free(server);
}

void rpc_finish(void) { nng_fini(); }
