// Checks who signed an event's checkpoints: the server's identity, or a key that the identity has certified.
// Pure.
#ifndef CONSECTL_CHECKPOINT_CHECK_H
#define CONSECTL_CHECKPOINT_CHECK_H

#include "events.pb-c.h"
#include "lib/base/err.h"

// identity: the server's public key. STORE_CORRUPT, naming the phase, when a signature is missing or
// another's.
MUST_CHECK bool checkpoints_check(const char *event_id, const Events__LogReply *log,
                                  const uint8_t identity[32], struct err *err);

#endif
