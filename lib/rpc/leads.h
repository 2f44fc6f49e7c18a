// Which peer was named as the one that goes on writing a stream, for ten seconds: two peers that write it in
// turn would each undo what the other has just done. Only a hint: any peer answers rightly. One thread.
#ifndef LIB_RPC_LEADS_H
#define LIB_RPC_LEADS_H

#include <stdint.h>

#include "lib/net/peers.h"

enum { RPC_LEADS = 256, RPC_LEADS_STREAM = 64 };

struct rpc_lead {
    char stream[RPC_LEADS_STREAM];
    char address[PEERS_ADDRESS];
    int64_t until_ms; // monotonic
};

struct rpc_leads {
    struct rpc_lead *places; // by the stream's hash; a newer one takes an older one's place; NULL: none yet
};

void rpc_leads_learn(struct rpc_leads *leads, const char *stream, const char *address, int64_t mono_ms);
// NULL when there is none; valid until the next is learnt.
const char *rpc_leads_find(const struct rpc_leads *leads, const char *stream, int64_t mono_ms);
void rpc_leads_finish(struct rpc_leads *leads);

#endif
