// How much memory the documents take that one owner follows on a loop: a user, or an address for nobodies.
// A document counts for each of its followers, though they share it. The loop's thread.
#ifndef GATEWAY_GRAPH_SHARE_H
#define GATEWAY_GRAPH_SHARE_H

#include "services/gateway/graph/graphs.h"

enum { SHARE_MOST = 4 << 20 }; // bytes: a usual document takes 64 KiB, and a connection may follow 32

struct share;

// TOO_MANY_STREAMS: the owner has no room for that much. Each one taken is given back with its bytes.
MUST_CHECK bool share_take(struct share **share, struct graphs *graphs, const struct caller *owner,
                           size_t bytes, struct err *err);
void share_give(struct share *share, size_t bytes); // NULL is fine

#endif
