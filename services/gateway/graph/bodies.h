// What streams tell, as JSON of a subscription: written once for all viewers of a turn that select the same
// of the same. The loop's thread.
#ifndef GATEWAY_GRAPH_BODIES_H
#define GATEWAY_GRAPH_BODIES_H

#include "services/gateway/feed/feed.h"
#include "services/gateway/graph/shape.h"

// Whether subscriptions tell it, and of which type.
bool body_is_told(const struct feed_message *message);
enum gql_member body_member(const struct feed_message *message);
// What a message tells; what is unpacked of it is in the arena. False: that is full.
MUST_CHECK bool body_tell(struct gql_tell *tell, const struct feed_message *message, struct arena *arena);

// The answer, held; nothing is asked for it. One that can't be written is an error.
struct shared *bodies_get(struct shape *shape, const struct feed_message *message);

void bodies_create(struct graphs *graphs);
void bodies_drop(struct graphs *graphs); // those of the turn that ends
void bodies_destroy(struct graphs *graphs);

#endif
