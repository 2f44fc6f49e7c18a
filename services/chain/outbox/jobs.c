#include "services/chain/outbox/jobs.h"

static ProtobufCBinaryData borrow_bytes(const uint8_t *bytes, size_t len)
{
    return (ProtobufCBinaryData){len, (uint8_t *)bytes};
}

static bool add_entry(struct book_call *b, const struct outbox_aim *aim, enum outbox_state state,
                      const struct outbox_bytes *bytes)
{
    Ledger__JobChanged changed = LEDGER__JOB_CHANGED__INIT;
    uint8_t id[OUTBOX_ID_BYTES];
    outbox_id(aim, id);
    changed.job = borrow_bytes(id, sizeof id);
    changed.kind = aim->kind;
    changed.state = state;
    changed.subject = borrow_bytes(aim->subject, sizeof aim->subject);
    changed.slot = aim->slot;
    changed.reference = borrow_bytes(aim->reference.bytes, sizeof aim->reference.bytes);
    changed.transaction = borrow_bytes(bytes->bytes, bytes->len);
    changed.last_valid_height = bytes->last_valid_height;
    return book_add(b, LEDGER__ENTRY__BODY_JOB_CHANGED, &changed.base, NULL, 0);
}

bool outbox_add(struct book_call *b, const struct outbox_aim *aim, const struct outbox_bytes *bytes)
{
    const struct outbox_job *job = outbox_find(&b->book->outbox, aim);
    if (job && job->state == OUTBOX_SENT) return !b->failed;
    return add_entry(b, aim, OUTBOX_SENT, bytes);
}

void outbox_move(struct book_call *b, const struct outbox_aim *aim, enum outbox_state state)
{
    const struct outbox_job *job = outbox_find(&b->book->outbox, aim);
    if (!job || job->state == state) return;
    const struct outbox_aim kept = job->aim; // the job is gone once it is done
    const struct outbox_bytes same = {arena_copy(b->arena, job->bytes, job->len), job->len,
                                      job->last_valid_height};
    if (same.bytes) add_entry(b, &kept, state, &same);
    b->failed |= !same.bytes;
}
