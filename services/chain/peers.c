#include "services/chain/peers.h"

#include <string.h>

#include "lib/bus/listener.h"
#include "services/chain/book/call.h"

#define TOLD "chain.log"

static void on_peer(void *arg, const char *stream, uint64_t seq)
{
    struct chain *chain = arg;
    if (strcmp(stream, TOLD) != 0) return;
    book_note_head(chain, seq);
    atomic_store(&chain->news, true);
}

bool chain_peers_follow(struct chain *chain, const struct peers_source *source, struct err *err)
{
    const struct bus_listener_options options = {.service = "chain",
                                                 .address = source->bus,
                                                 .bus_keys = source->bus_keys,
                                                 .hear = on_peer,
                                                 .arg = chain};
    return !store_is_shared(chain->store) || bus_listener_start(&chain->peers, &options, err);
}

void chain_peers_unfollow(struct chain *chain)
{
    bus_listener_stop(chain->peers);
    chain->peers = NULL;
}

void chain_peers_tell(struct chain *chain, uint64_t seq)
{
    if (chain->publisher && store_is_shared(chain->store)) bus_tell_peers(chain->publisher, TOLD, seq);
}
