// The way of a client's calls: sent to a peer, kept until one is connected, and asked once more when their
// peer goes away or names another one.
#include "lib/rpc/sent.h"

#include <stdlib.h>

#include "lib/base/clock.h"

enum { PATIENCE_MS = 500 }; // of a call that finds nobody connected

// ---- Sending

static bool keep_envelope(struct rpc_waiting *call, const Rpc__Request *envelope)
{
    size_t len = rpc__request__get_packed_size(envelope);
    uint8_t *bytes = malloc(len ? len : 1);
    if (!bytes) return false;
    rpc__request__pack(envelope, bytes);
    call->envelope = (ProtobufCBinaryData){len, bytes};
    return true;
}

// A call may be asked once more, when its peer goes away or names another one; that needs its envelope again.
bool rpc_sent_send(struct rpc_client *client, struct rpc_waiting *call, struct rpc_link *link,
                   Rpc__Request *envelope)
{
    bool choice = rpc_pool_has_choice(&client->pool), first = !envelope->attempt;
    bool wanted = first && (call->keyed || choice);
    bool kept = wanted && keep_envelope(call, envelope);
    envelope->movable = kept && choice && call->stream;
    if (!rpc_link_add(link, call->class, &envelope->base)) return false;
    rpc_link_attach(link, call);
    return true;
}

static void hold_call(struct rpc_client *client, struct rpc_waiting *call)
{
    call->patience_ms = clock_mono_ms() + PATIENCE_MS;
    call->next = NULL;
    call->previous = client->last_patient;
    *(client->last_patient ? &client->last_patient->next : &client->patient) = call;
    client->last_patient = call;
    client->patient_bytes += call->envelope.len;
}

bool rpc_sent_keep(struct rpc_client *client, struct rpc_waiting *call, const Rpc__Request *envelope)
{
    if (!keep_envelope(call, envelope)) return false;
    hold_call(client, call);
    return true;
}

static void let_go(struct rpc_client *client, struct rpc_waiting *call)
{
    *(call->previous ? &call->previous->next : &client->patient) = call->next;
    *(call->next ? &call->next->previous : &client->last_patient) = call->previous;
    client->patient_bytes -= call->envelope.len;
}

// ---- Ending

void rpc_sent_end(struct rpc_client *client, struct rpc_waiting *call)
{
    if (call->link)
        rpc_link_detach(call->link, call);
    else
        let_go(client, call);
    rpc_calls_free(&client->calls, call);
}

void rpc_sent_fail(struct rpc_client *client, struct rpc_waiting *call, const struct err *err)
{
    rpc_done *done = call->done;
    void *arg = call->arg;
    span_refuse(call->span, err);
    rpc_sent_end(client, call);
    done(arg, false, NULL, 0, err);
}

// ---- Once more

// The envelope that was kept, with the time that is left; NULL when there is none.
static Rpc__Request *take_envelope(struct rpc_waiting *call)
{
    int64_t left_ms = call->deadline_ms - clock_mono_ms();
    if (!call->envelope.data || left_ms <= 0) return NULL;
    Rpc__Request *envelope = rpc__request__unpack(NULL, call->envelope.len, call->envelope.data);
    free(call->envelope.data);
    call->envelope = (ProtobufCBinaryData){0};
    if (envelope) envelope->timeout_ms = (uint32_t)left_ms;
    return envelope;
}

// Once, for the envelope is given up.
static bool ask_again_at(struct rpc_waiting *call, struct rpc_link *link)
{
    Rpc__Request *envelope = take_envelope(call);
    if (!envelope) return false;
    envelope->attempt++;
    bool added = rpc_link_add(link, call->class, &envelope->base);
    rpc__request__free_unpacked(envelope, NULL);
    if (!added) return false;
    rpc_link_detach(call->link, call);
    rpc_link_attach(link, call);
    return true;
}

// False when there is no other peer to ask.
bool rpc_sent_ask_another(struct rpc_client *client, struct rpc_waiting *call)
{
    struct rpc_link *link =
        call->repeatable ? rpc_pool_choose(&client->pool, call->class, NULL, call->link) : NULL;
    return link && ask_again_at(call, link);
}

bool rpc_sent_ask_elsewhere(struct rpc_client *client, struct rpc_waiting *call)
{
    struct rpc_link *link = rpc_pool_choose(&client->pool, call->class, call->stream, call->link);
    return link && ask_again_at(call, link);
}

// The stream's next calls go to the winner too. One that is not known, or not connected, can't be asked: then
// the peer that named it decides after all.
bool rpc_sent_ask_winner(struct rpc_client *client, struct rpc_waiting *call, const char *winner)
{
    struct rpc_link *link = rpc_pool_find(&client->pool, call->class, winner);
    if (link && call->stream) rpc_leads_learn(&client->pool.leads, call->stream, winner, clock_mono_ms());
    return ask_again_at(call, link ? link : call->link);
}

bool rpc_sent_ask_newer(struct rpc_client *client, struct rpc_waiting *call, const char *writer)
{
    struct rpc_link *link = rpc_pool_find(&client->pool, call->class, writer);
    if (link == call->link) link = NULL; // the program that wrote it ran at that address before
    if (link && call->stream) rpc_leads_learn(&client->pool.leads, call->stream, writer, clock_mono_ms());
    if (!link) link = rpc_pool_choose(&client->pool, call->class, NULL, call->link);
    return link && ask_again_at(call, link);
}

static bool is_read(const struct rpc_waiting *call)
{
    return call->class == CONSE__CLASS__READ || call->class == CONSE__CLASS__BULK;
}

// The peer says the same of a write that it has not stored by then, but its answer comes at the same moment.
void rpc_sent_fail_late(struct rpc_client *client, struct rpc_waiting *call)
{
    struct err err;
    bool was_sent = call->link || call->lost;
    if (is_read(call) || !was_sent)
        err_fail(&err, DEADLINE_PASSED, "%s did not answer in time", client->service);
    else
        err_fail(&err, OUTCOME_UNKNOWN, "%s did not answer in time; its outcome is unknown", client->service);
    rpc_sent_fail(client, call, &err);
}

static void fail_lost(struct rpc_client *client, struct rpc_waiting *call)
{
    struct err err;
    if (is_read(call))
        err_fail(&err, SERVICE_AWAY, "%s went away during the call", client->service);
    else
        err_fail(&err, OUTCOME_UNKNOWN, "%s went away during the call; its outcome is unknown",
                 client->service);
    rpc_retry_soon(&err);
    rpc_sent_fail(client, call, &err);
}

// A command with a key goes to another peer, or waits a moment for the same one.
static bool ask_keyed(struct rpc_client *client, struct rpc_waiting *call)
{
    if (!call->keyed || !call->envelope.data) return false;
    struct rpc_link *link = rpc_pool_choose(&client->pool, call->class, call->stream, call->link);
    if (link) return ask_again_at(call, link);
    rpc_link_detach(call->link, call);
    call->link = NULL;
    hold_call(client, call);
    return true;
}

static void lose_call(struct rpc_client *client, struct rpc_waiting *call)
{
    call->lost = true;
    if (!rpc_sent_ask_another(client, call) && !ask_keyed(client, call)) fail_lost(client, call);
}

// Callbacks may make and cancel calls meanwhile: those before the loss are at the head of the link's list,
// new ones at its end.
void rpc_sent_lose(struct rpc_client *client, struct rpc_link *link)
{
    struct rpc_waiting *call;
    while ((call = link->calls) != NULL && call->losses != link->seen_losses) lose_call(client, call);
}

// ---- Waiting for a connection

// Without memory for the envelope, the call ends at its deadline.
static void send_patient(struct rpc_client *client, struct rpc_waiting *call, int64_t now_ms)
{
    struct rpc_link *link = rpc_pool_choose(&client->pool, call->class, call->stream, NULL);
    if (!link || rpc_link_full(link) || call->deadline_ms <= now_ms) return;
    let_go(client, call);
    Rpc__Request *envelope = take_envelope(call);
    if (envelope && call->lost) envelope->attempt++;
    if (!envelope || !rpc_sent_send(client, call, link, envelope)) rpc_link_attach(link, call);
    if (envelope) rpc__request__free_unpacked(envelope, NULL);
}

// The oldest are the first to lose patience.
static void fail_patient(struct rpc_client *client, int64_t now_ms)
{
    struct err err;
    err_fail(&err, SERVICE_AWAY, "%s is away", client->service);
    rpc_retry_soon(&err);
    while (client->patient && client->patient->patience_ms <= now_ms)
        if (client->patient->lost)
            fail_lost(client, client->patient);
        else
            rpc_sent_fail(client, client->patient, &err);
}

void rpc_sent_take_patient(struct rpc_client *client, int64_t now_ms)
{
    struct rpc_waiting *call = rpc_pool_has_link(&client->pool) ? client->patient : NULL;
    for (struct rpc_waiting *next; call; call = next) {
        next = call->next;
        send_patient(client, call, now_ms);
    }
    if (client->patient && client->patient->patience_ms <= now_ms) fail_patient(client, now_ms);
}
