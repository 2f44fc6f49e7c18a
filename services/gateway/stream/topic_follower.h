// Follows the topics of events and people, and tells every loop's parked reads of what comes.
#ifndef GATEWAY_STREAM_TOPIC_FOLLOWER_H
#define GATEWAY_STREAM_TOPIC_FOLLOWER_H

#include "lib/base/err.h"

struct gateway;
struct topic_follower;

// The loops must be open, and stay so until topic_follower_stop.
MUST_CHECK bool topic_follower_start(struct topic_follower **follower, struct gateway *gateway,
                                     struct err *err);
void topic_follower_stop(struct topic_follower *follower); // NULL is fine

#endif
