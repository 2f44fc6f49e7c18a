// The coiniXerr protocol over TCP, for holders of keys (docs/coinixerr.md). One thread has the connections,
// another judges what they bring, one message after another: so all peers together cost a thread, the memory
// of a fixed number of connections, and never wait in the ledger's lock for each other's hashing.
#ifndef CHAIN_NODE_NODE_H
#define CHAIN_NODE_NODE_H

#include "lib/base/arena.h"
#include "services/chain/chain.h"
#include "services/chain/ledger/accounts.h"

// Starts the threads, if the settings say where to listen. When another process has the place, it is tried
// again and again, and the log says so once.
MUST_CHECK bool node_start(struct chain *chain, struct err *err);
void node_stop(struct node *node); // what is being judged is judged first; NULL is fine

// The key's address, as far as it is known; else it is "", and is made soon where the protocol is on. Any
// thread; reads the store.
MUST_CHECK bool node_show_address(struct chain *chain, const struct ledger_account *key, struct arena *arena,
                                  const char **address, struct err *err);

#endif
