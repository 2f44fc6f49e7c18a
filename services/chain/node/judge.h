// Judges a message of the coiniXerr protocol, carries it out, and says what is answered. What costs nothing
// is judged first, and nothing is hashed for who could not pay. Blocks; one thread. Private to the room.
#ifndef CHAIN_NODE_JUDGE_H
#define CHAIN_NODE_JUDGE_H

#include "lib/base/arena.h"
#include "services/chain/chain.h"
#include "services/chain/coinixerr/digest.h"

enum { JUDGE_ANSWER_MAX = COINIXERR_BYTES_MAX };

struct judge {
    struct chain *chain;
    struct coinixerr_salt addresses, hashes;
    struct arena arena; // of one message
};

// Takes the installation's secret, which is made at first use.
MUST_CHECK bool judge_open(struct judge *judge, struct chain *chain, struct err *err);
void judge_close(struct judge *judge);

struct judge_answer {
    bool accepted; // the transaction, signed and hashed; else a line that says why not
    size_t length;
    uint8_t bytes[JUDGE_ANSWER_MAX];
};
void judge_answer(struct judge *judge, const uint8_t *message, size_t length, int64_t now_ms,
                  struct judge_answer *answer);

#endif
