// What a wish of a restored ledger waits for, and history knows: how a ticket ended that is gone, and whether
// the pot of an event was divided that is closed. Belongs to the thread that sends.
#ifndef CHAIN_CLUSTER_PAST_H
#define CHAIN_CLUSTER_PAST_H

#include "services/chain/cluster/closed.h"
#include "services/chain/solana/programs.h"
#include "services/chain/solana/rpc.h"
#include "services/chain/wishes/step.h"

enum {
    PAST_KEPT = 512,               // more than are asked for while one waits
    PAST_AGAIN_MS = 5 * 60 * 1000, // when history does not know
    PAST_SOON_MS = 10 * 1000       // when the node did not answer, or what it said may be lost on the way
};

// Which addresses were asked for of late, and where of the wishes the next question stands.
struct past {
    struct past_asked {
        struct solana_key address;
        int64_t again_ms;           // monotonic
        struct closed_event closed; // as far as its history was looked into
    } asked[PAST_KEPT];
    size_t next;
    size_t from;
};

struct past_question {
    struct solana_rpc *rpc; // finalized
    const struct solana_programs *programs;
    const struct wish *wish;
    size_t number; // of the wish, among all
    int64_t now_ms;
};
// Completes the sight of a wish that step_asks_history. Blocks; a node is asked for an address every few
// minutes only, and for the next wishes first. True: it was asked, which is enough for a turn.
bool past_look(struct past *past, const struct past_question *question, struct arena *arena,
               struct sight *sight);
// At the end of a turn in which nothing was asked: the next one begins with the first wish again.
void past_begin_anew(struct past *past);

#endif
