// Jobs of the outbox in one append with what they are for. Called between book_begin and book_commit.
#ifndef CHAIN_OUTBOX_JOBS_H
#define CHAIN_OUTBOX_JOBS_H

#include "services/chain/book/call.h"
#include "services/chain/outbox/outbox.h"

// A transaction that may be sent once it is stored.
struct outbox_bytes {
    const uint8_t *bytes; // signed by all
    size_t len;
    uint64_t last_valid_height;
};

// Stores the bytes of a new job, or new bytes of one that is due. The sender sends them until what the job is
// for is so, or they can't land any more. Of a job whose bytes may still land it adds nothing. False: it
// could not be added, and nothing will be committed.
bool outbox_add(struct book_call *b, const struct outbox_aim *aim, const struct outbox_bytes *bytes);
// Says how it is with a job; nothing of one that is not there, or is so already.
void outbox_move(struct book_call *b, const struct outbox_aim *aim, enum outbox_state state);

#endif
