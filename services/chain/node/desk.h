// The thread that judges messages, one after another, and makes addresses that were asked for. Private to
// the room.
#ifndef CHAIN_NODE_DESK_H
#define CHAIN_NODE_DESK_H

#include "services/chain/coinixerr/frame.h"
#include "services/chain/ledger/accounts.h"
#include "services/chain/node/judge.h"

// A message on its way. It and its answer are the desk's between desk_bring and the call of done.
struct desk_message {
    const uint8_t *bytes;
    size_t length;
    struct judge_answer answer;
    struct desk_message *next;
};

struct desk_options {
    struct chain *chain;
    void (*done)(void *arg); // some messages have their answers: desk_answered gives them. Never blocks
    void *arg;
};

struct desk;

MUST_CHECK bool desk_start(struct desk **desk, const struct desk_options *options, struct err *err);
// The message that is being judged is judged first; others are dropped. NULL is fine.
void desk_stop(struct desk *desk);

void desk_bring(struct desk *desk, struct desk_message *message); // never blocks
struct desk_message *desk_answered(struct desk *desk);            // all, by `next`; NULL: none
// Asks that the key's address be made; dropped when too many wait. Any thread, never blocks.
void desk_want(struct desk *desk, const struct ledger_account *key);

#endif
