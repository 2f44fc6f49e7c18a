// The transaction of a wish, signed by the authority, which pays for all of it. Pure but for the random name
// of an event's list.
#ifndef CHAIN_WISHES_COMPOSE_H
#define CHAIN_WISHES_COMPOSE_H

#include "services/chain/cluster/cluster.h"
#include "services/chain/wishes/step.h"
#include "services/chain/solana/message.h"

struct composed {
    uint8_t bytes[SOLANA_PACKET_MAX];
    size_t len;
};

MUST_CHECK bool compose_wish(const struct wish *wish, const struct sight *sight,
                             const struct cluster_now *now, const struct solana_signer *signer,
                             struct composed *out, struct err *err);

#endif
