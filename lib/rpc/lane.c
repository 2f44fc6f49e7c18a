#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/nng/listener.h"
#include "lib/rpc/nng/socket.h"
#include "lib/rpc/state.h"

enum {
    STACK_BYTES = 512 * 1024,
    SEND_MS = 5000, // a peer that takes no reply for this long is cut off, because it holds a context
};

static bool nng_failed(struct err *err, int rv, const char *what)
{
    return err_fail(err, INTERNAL_ERROR, "%s: %s", what, nng_strerror(rv));
}

static void lane_receive(struct rpc_batch *batch)
{
    batch->sending = false;
    rpc_batch_clear(batch);
    nng_aio_set_timeout(batch->aio, NNG_DURATION_INFINITE);
    nng_ctx_recv(batch->ctx, batch->aio);
}

static void count_outstanding(struct rpc_server *server, int by)
{
    pthread_mutex_lock(&server->mutex);
    server->outstanding += (uint32_t)by;
    if (by < 0) server->sent_ms = clock_mono_ms();
    if (server->outstanding == 0) pthread_cond_broadcast(&server->quiet);
    pthread_mutex_unlock(&server->mutex);
}

void rpc_lane_answer(struct rpc_batch *batch)
{
    struct rpc_server *server = batch->lane->server;
    rpc_commands_release(&server->commands, batch);
    rpc_batch_end_spans(batch);
    if (!batch->reply || !rpc_seal_reply(batch)) {
        count_outstanding(server, -1);
        lane_receive(batch);
        return;
    }
    batch->sending = true;
    nng_aio_set_msg(batch->aio, batch->reply);
    batch->reply = NULL;
    nng_aio_set_timeout(batch->aio, SEND_MS);
    nng_ctx_send(batch->ctx, batch->aio);
}

static bool is_large(const struct rpc_batch *batch)
{
    return batch->lane->server->has_turns && nng_msg_len(batch->request) > RPC_LARGE_BYTES;
}

static void left_queue(struct rpc_batch *batch)
{
    metric_add(batch->lane->server->waiting, -1);
    if (is_large(batch)) atomic_fetch_sub(&batch->lane->large, 1);
}

static struct rpc_batch *batch_of(struct keyed_task *task)
{
    return task ? (struct rpc_batch *)((char *)task - offsetof(struct rpc_batch, task)) : NULL;
}

// Returns the batch that finds no room, which may be another one, or NULL.
static struct rpc_batch *enqueue_turn(struct rpc_lane *lane, struct rpc_batch *batch)
{
    rpc_turn_of(batch);
    metric_add(lane->server->waiting, 1);
    bool too_many = is_large(batch) && atomic_fetch_add(&lane->large, 1) >= RPC_MOST_LARGE;
    struct rpc_batch *victim =
        too_many ? batch : batch_of(keyed_queue_put(lane->turns, &batch->task, batch->received_ms));
    if (victim) left_queue(victim);
    return victim;
}

static struct rpc_batch *lane_enqueue(struct rpc_lane *lane, struct rpc_batch *batch)
{
    if (lane->turns) return enqueue_turn(lane, batch);
    pthread_mutex_lock(&lane->mutex);
    bool room = lane->admitted < lane->limit && !lane->stopped;
    if (room) {
        lane->admitted++;
        batch->next = NULL;
        *lane->last = batch;
        lane->last = &batch->next;
        metric_add(lane->server->waiting, 1);
        pthread_cond_signal(&lane->wake);
    }
    pthread_mutex_unlock(&lane->mutex);
    return room ? NULL : batch;
}

static void lane_refuse(struct rpc_batch *batch)
{
    struct rpc_server *server = batch->lane->server;
    struct err err;
    if (atomic_load(&server->draining))
        err_fail(&err, SERVICE_DRAINING, "%s is shutting down", server->options.name);
    else
        err_fail(&err, SERVICE_BUSY, "%s has as much work as it takes on", server->options.name);
    err.retry_after_s = 1;
    metric_add(server->refused, 1);
    if (!rpc_refuse(batch, &err)) rpc_batch_clear(batch);
    rpc_lane_answer(batch);
}

// What had a place before needs no other; of slow calls one that finds no room is refused, as nothing of it
// is stored.
bool rpc_lane_again(struct rpc_batch *batch)
{
    struct rpc_lane *lane = batch->lane;
    batch->again = true;
    if (lane->turns) {
        struct rpc_batch *victim = enqueue_turn(lane, batch);
        if (victim && victim != batch) lane_refuse(victim);
        return victim != batch;
    }
    pthread_mutex_lock(&lane->mutex);
    bool runs = !lane->stopped;
    if (runs) {
        lane->admitted++;
        batch->next = lane->first;
        lane->first = batch;
        if (!batch->next) lane->last = &batch->next;
        metric_add(lane->server->waiting, 1);
        pthread_cond_signal(&lane->wake);
    }
    pthread_mutex_unlock(&lane->mutex);
    return runs;
}

static void lane_take(struct rpc_batch *batch)
{
    struct rpc_server *server = batch->lane->server;
    batch->request = nng_aio_get_msg(batch->aio);
    nng_aio_set_msg(batch->aio, NULL);
    batch->received_ns = clock_mono_ns();
    batch->received_ms = batch->received_ns / 1000000;
    count_outstanding(server, 1);
    if (rpc_greet(batch)) return rpc_lane_answer(batch);
    metric_add(server->messages, 1);
    struct rpc_batch *victim = atomic_load(&server->draining) ? batch : lane_enqueue(batch->lane, batch);
    if (victim) lane_refuse(victim);
}

// NNG's task threads come here when a context has received or sent. Nothing here waits.
static void on_aio(void *arg)
{
    struct rpc_batch *batch = arg;
    int rv = nng_aio_result(batch->aio);
    bool sent = batch->sending;
    if (sent && rv != 0) {
        nng_msg_free(nng_aio_get_msg(batch->aio));
        nng_aio_set_msg(batch->aio, NULL);
        if (batch->request) rpc_socket_cut(nng_msg_get_pipe(batch->request));
    }
    if (sent) count_outstanding(batch->lane->server, -1);
    if (rv == NNG_ECLOSED || rv == NNG_ECANCELED) return;
    if (!sent && rv == 0)
        lane_take(batch);
    else
        lane_receive(batch);
}

static struct rpc_batch *next_batch(struct rpc_lane *lane, struct keyed_turn *turn)
{
    if (lane->turns) return batch_of(keyed_queue_take(lane->turns, turn));
    pthread_mutex_lock(&lane->mutex);
    while (!lane->first && !lane->stopped) pthread_cond_wait(&lane->wake, &lane->mutex);
    struct rpc_batch *batch = lane->first;
    if (batch) {
        lane->first = batch->next;
        if (!lane->first) lane->last = &lane->first;
    }
    pthread_mutex_unlock(&lane->mutex);
    return batch;
}

static void lane_leave(struct rpc_lane *lane, struct keyed_turn *turn, enum keyed_outcome outcome)
{
    if (lane->turns) return keyed_queue_end(lane->turns, turn, outcome);
    pthread_mutex_lock(&lane->mutex);
    lane->admitted--;
    pthread_mutex_unlock(&lane->mutex);
}

static void *worker_main(void *arg)
{
    struct rpc_lane *lane = arg;
    struct arena arena;
    arena_init(&arena, lane->server->options.arena_cap_bytes);
    struct rpc_batch *batch;
    struct keyed_turn turn;
    while ((batch = next_batch(lane, &turn)) != NULL) {
        left_queue(batch);
        lane_leave(lane, &turn, rpc_dispatch(batch, &arena));
    }
    arena_finish(&arena);
    return NULL;
}

static bool start_workers(struct rpc_lane *lane, uint32_t count, struct err *err)
{
    lane->workers = calloc(count, sizeof *lane->workers);
    if (!lane->workers) return err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    int rv = 0;
    while (lane->workers_count < count) {
        rv = pthread_create(&lane->workers[lane->workers_count], &attr, worker_main, lane);
        if (rv) break;
        lane->workers_count++;
    }
    pthread_attr_destroy(&attr);
    return rv == 0 || err_errno(err, rv, "cannot start a worker");
}

static bool open_contexts(struct rpc_lane *lane, uint32_t count, struct err *err)
{
    lane->batches = calloc(count, sizeof *lane->batches);
    if (!lane->batches) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (uint32_t i = 0; i < count; i++) {
        struct rpc_batch *batch = &lane->batches[i];
        batch->lane = lane;
        int rv = nng_ctx_open(&batch->ctx, lane->socket);
        if (rv == 0) rv = nng_aio_alloc(&batch->aio, on_aio, batch);
        if (rv) return nng_failed(err, rv, "cannot open an RPC context");
        lane->batches_count++;
    }
    return true;
}

bool rpc_lane_start(struct rpc_lane *lane, const char *address, struct rpc_lane_size size, struct err *err)
{
    lane->limit = size.workers + size.queue;
    if (lane->slow) lane->turns = keyed_queue_create(lane->limit);
    if (lane->slow && !lane->turns) return err_fail(err, INTERNAL_ERROR, "out of memory");
    lane->last = &lane->first;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->wake, NULL);
    int rv = nng_rep0_open(&lane->socket);
    if (rv) return nng_failed(err, rv, "cannot open an RPC socket");
    rv = nng_socket_set_size(lane->socket, NNG_OPT_RECVMAXSZ, RPC_MAX_REQUEST_BYTES);
    if (rv) return nng_failed(err, rv, "cannot bound the RPC socket");
    if (!open_contexts(lane, size.contexts, err) || !start_workers(lane, size.workers, err)) return false;
    for (uint32_t i = 0; i < size.contexts; i++) lane_receive(&lane->batches[i]);
    return rpc_listener_open(&lane->listener, lane->socket, address, err);
}

void rpc_lane_join(struct rpc_lane *lane)
{
    if (!lane->server) return;
    pthread_mutex_lock(&lane->mutex);
    lane->stopped = true;
    pthread_cond_broadcast(&lane->wake);
    pthread_mutex_unlock(&lane->mutex);
    if (lane->turns) keyed_queue_stop(lane->turns);
    for (uint32_t i = 0; i < lane->workers_count; i++) pthread_join(lane->workers[i], NULL);
}

void rpc_lane_close(struct rpc_lane *lane)
{
    if (!lane->server) return;
    rpc_listener_close(lane->listener);
    for (uint32_t i = 0; i < lane->batches_count; i++) nng_aio_stop(lane->batches[i].aio);
    nng_close(lane->socket); // not while a callback uses a context: NNG 1.5.2 frees what that still needs
    for (uint32_t i = 0; i < lane->batches_count; i++) {
        nng_msg *unsent = nng_aio_get_msg(lane->batches[i].aio);
        if (unsent) nng_msg_free(unsent);
        nng_aio_free(lane->batches[i].aio);
        rpc_batch_clear(&lane->batches[i]);
    }
    free(lane->batches);
    free(lane->workers);
    keyed_queue_destroy(lane->turns);
    pthread_cond_destroy(&lane->wake);
    pthread_mutex_destroy(&lane->mutex);
}
