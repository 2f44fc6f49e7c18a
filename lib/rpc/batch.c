#include "lib/rpc/batch.h"

#include <string.h>

#include "lib/base/reason.h"

static void end_spans(struct rpc_answer *answer)
{
    span_end(answer->commit);
    span_end(answer->span);
    answer->span = answer->commit = NULL;
}

void rpc_batch_end_spans(struct rpc_batch *batch)
{
    if (!batch->traced) return;
    for (uint32_t i = 0; i < batch->answers_count; i++) end_spans(&batch->answers[i]);
    batch->traced = false;
}

void rpc_batch_clear(struct rpc_batch *batch)
{
    rpc_batch_end_spans(batch);
    if (batch->request) nng_msg_free(batch->request);
    if (batch->reply) nng_msg_free(batch->reply);
    batch->request = batch->reply = NULL;
    batch->seal = RPC_SEALED;
    batch->again = false;
    batch->outcome = KEYED_NEITHER;
    batch->answers_count = 0;
    batch->ticket = 0;
}

bool rpc_batch_begin(struct rpc_batch *batch)
{
    if (batch->reply) nng_msg_free(batch->reply);
    batch->reply = NULL;
    batch->answers_count = 0;
    batch->ticket = 0;
    return nng_msg_alloc(&batch->reply, 0) == 0;
}

enum { MESSAGE_BYTES = RPC_MAX_MESSAGE_BYTES - 64 * 1024 }; // the rest is for refusals

static bool batch_fits(const struct rpc_batch *batch, size_t len)
{
    return len <= RPC_MAX_REPLY_BYTES && nng_msg_len(batch->reply) + len <= MESSAGE_BYTES;
}

bool rpc_batch_has_room(const struct rpc_batch *batch)
{
    return nng_msg_len(batch->reply) + RPC_MAX_REPLY_BYTES <= MESSAGE_BYTES;
}

void rpc_batch_wait_for(struct rpc_batch *batch, uint64_t ticket)
{
    if (ticket > batch->ticket) batch->ticket = ticket;
}

static void batch_remember(struct rpc_batch *batch, uint32_t id, size_t offset, uint64_t ticket)
{
    batch->answers[batch->answers_count++] = (struct rpc_answer){
        .id = id, .offset = offset, .len = nng_msg_len(batch->reply) - offset, .ticket = ticket};
    rpc_batch_wait_for(batch, ticket);
}

bool rpc_batch_add(struct rpc_batch *batch, const Rpc__Reply *reply, uint64_t ticket)
{
    size_t len = rpc__reply__get_packed_size(reply);
    if (!batch_fits(batch, len)) {
        struct err err;
        err_fail(&err, REPLY_TOO_LARGE, "the reply would be larger than 2 MiB");
        return rpc_batch_add_err(batch, reply->id, &err, ticket);
    }
    size_t offset = nng_msg_len(batch->reply);
    if (!rpc_frame_append(batch->reply, &reply->base, len)) return false;
    batch_remember(batch, reply->id, offset, ticket);
    return true;
}

static const char *batch_sentence(const struct err *err)
{
    if (err_is(err, STORE_CORRUPT)) return "what is stored does not verify";
    return err_internal(err) ? "internal error" : err->message;
}

bool rpc_batch_add_err(struct rpc_batch *batch, uint32_t id, const struct err *err, uint64_t ticket)
{
    return rpc_batch_add_winner(batch, id, err, "", ticket);
}

bool rpc_batch_add_winner(struct rpc_batch *batch, uint32_t id, const struct err *err, const char *winner,
                          uint64_t ticket)
{
    Rpc__Reply reply = RPC__REPLY__INIT;
    reply.id = id;
    reply.code = err_code(err);
    reply.reason = reason_find(err->reason) == reason_find(CONSE__REASON__VALUE__INTERNAL_ERROR)
                       ? CONSE__REASON__VALUE__INTERNAL_ERROR
                       : err->reason;
    reply.message = (char *)batch_sentence(err);
    reply.field = (char *)err->field;
    reply.retry_after_s = err->retry_after_s;
    reply.winner = winner;
    size_t offset = nng_msg_len(batch->reply);
    if (!rpc_frame_append(batch->reply, &reply.base, rpc__reply__get_packed_size(&reply))) return false;
    batch_remember(batch, id, offset, ticket);
    return true;
}

static bool copy_answer(struct rpc_batch *batch, nng_msg *from, const struct rpc_answer *answer)
{
    size_t offset = nng_msg_len(batch->reply);
    const uint8_t *frame = (const uint8_t *)nng_msg_body(from) + answer->offset;
    if (nng_msg_append(batch->reply, frame, answer->len) != 0) return false;
    struct rpc_answer *copy = &batch->answers[batch->answers_count++];
    *copy = *answer;
    copy->offset = offset;
    rpc_batch_wait_for(batch, answer->ticket);
    return true;
}

bool rpc_batch_rebuild(struct rpc_batch *batch, const struct rpc_remaking *remaking)
{
    struct rpc_answer old[RPC_MAX_FRAMES];
    bool selected[RPC_MAX_FRAMES], copied[RPC_MAX_FRAMES] = {false};
    uint32_t count = batch->answers_count;
    memcpy(old, batch->answers, count * sizeof *old);
    nng_msg *from = batch->reply;
    batch->reply = NULL;
    bool ok = rpc_batch_begin(batch);
    for (uint32_t i = 0; i < count; i++) selected[i] = remaking->selects(remaking->arg, &old[i]);
    for (uint32_t i = 0; ok && i < count; i++)
        ok = selected[i] || (copied[i] = copy_answer(batch, from, &old[i]));
    for (uint32_t i = 0; ok && i < count; i++) ok = !selected[i] || remaking->remake(remaking->arg, &old[i]);
    for (uint32_t i = 0; i < count; i++)
        if (!copied[i]) end_spans(&old[i]);
    nng_msg_free(from);
    return ok;
}
