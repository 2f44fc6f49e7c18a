// The server's side of sealed messages: requests are opened, each once and for a connection of this server,
// greetings begin connections, and replies are sealed. Without keys nothing is sealed and all are taken.
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/nng/socket.h"
#include "lib/rpc/state.h"

enum {
    SENDERS = 1024,     // clients' links that are remembered
    COMPLAIN_MS = 1000, // between two lines of the log
};

bool rpc_unseal_init(struct rpc_server *server, struct err *err)
{
    seal_init(&server->requests, server->options.bus_keys, SEAL_REQUEST, server->options.name);
    seal_init(&server->replies, server->options.bus_keys, SEAL_REPLY, server->options.name);
    return senders_init(&server->senders, server->options.bus_keys ? SENDERS : 1, err);
}

void rpc_unseal_finish(struct rpc_server *server)
{
    seal_finish(&server->requests);
    seal_finish(&server->replies);
    senders_finish(&server->senders);
}

// The sender is cut off. Anybody may connect and send something, so the log has at most one line a second.
static void unseal_refuse(struct rpc_batch *batch, enum seal_fault fault)
{
    struct rpc_server *server = batch->lane->server;
    int64_t last_ms = atomic_load(&server->complained_ms), now_ms = clock_mono_ms();
    batch->seal = RPC_FOREIGN;
    metric_add(server->foreign, 1);
    rpc_socket_cut(nng_msg_get_pipe(batch->request));
    if (now_ms - last_ms < COMPLAIN_MS ||
        !atomic_compare_exchange_strong(&server->complained_ms, &last_ms, now_ms))
        return;
    log_warn("call refused", F_STR("service", server->options.name),
             F_STR("because", seal_fault_text(fault)));
}

// By the clock as it was when the message came.
static enum seal_fault open_request(struct rpc_batch *batch)
{
    if (!batch->lane->server->options.bus_keys) return SEAL_FINE;
    int64_t waited_ms = clock_mono_ms() - batch->received_ms;
    return seal_open(&batch->lane->server->requests, batch->request, clock_unix_ms() - waited_ms,
                     &batch->head);
}

bool rpc_unseal(struct rpc_batch *batch)
{
    struct rpc_server *server = batch->lane->server;
    if (batch->seal != RPC_SEALED) return batch->seal == RPC_UNSEALED;
    enum seal_fault fault = open_request(batch);
    if (fault == SEAL_FINE && server->options.bus_keys) fault = senders_take(&server->senders, &batch->head);
    if (fault == SEAL_FINE)
        batch->seal = RPC_UNSEALED;
    else
        unseal_refuse(batch, fault);
    return fault == SEAL_FINE;
}

bool rpc_greet(struct rpc_batch *batch)
{
    struct rpc_server *server = batch->lane->server;
    if (!server->options.bus_keys || nng_msg_len(batch->request) != SEAL_BYTES) return false;
    enum seal_fault fault = open_request(batch);
    if (fault == SEAL_FINE) fault = senders_greet(&server->senders, &batch->head, batch->head.connection);
    if (fault == SEAL_FINE && !rpc_batch_begin(batch)) return true;
    if (fault != SEAL_FINE) unseal_refuse(batch, fault);
    return true;
}

bool rpc_seal_reply(struct rpc_batch *batch)
{
    if (batch->lane->server->options.bus_keys) batch->head.time_ms = clock_unix_ms();
    return seal_close(&batch->lane->server->replies, batch->reply, &batch->head);
}
