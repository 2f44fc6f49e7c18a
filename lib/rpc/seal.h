// Seals and opens messages between our programs: the trailer says from where a message comes, in which order
// and when it was sealed, and a keyed BLAKE2b covers all of it. Each use has keys of its own, so nothing that
// was sealed for one service, or as a request, opens as anything else. proto/README.md has the bytes. Any
// thread.
#ifndef LIB_RPC_SEAL_H
#define LIB_RPC_SEAL_H

#include <nng/nng.h>
#include <pthread.h>

#include "lib/rpc/bus_keys.h"

enum {
    SEAL_VERSION = 2,
    SEAL_ID_BYTES = 16,
    SEAL_MAC_BYTES = 32,
    SEAL_BYTES = 2 * SEAL_ID_BYTES + 8 + 8 + SEAL_MAC_BYTES + 1, // what a seal adds
    SEAL_SKEW_MS = 30 * 1000, // a message may be this much older or newer than the clock of its reader
};

enum seal_use { SEAL_REQUEST, SEAL_REPLY, SEAL_TOPIC };

struct seal_head {
    uint8_t sender[SEAL_ID_BYTES];     // random, of a client's link or a publisher
    uint8_t connection[SEAL_ID_BYTES]; // given by the server when greeted; zeros in a greeting and in topics
    uint64_t counter;                  // of the sender's messages, from 1; a reply has that of its request
    int64_t time_ms;                   // unix
};

enum seal_fault {
    SEAL_FINE,
    SEAL_OTHER_VERSION,
    SEAL_WRONG_KEY, // or sealed for another use or service, or changed on its way
    SEAL_OTHER_TIME,
    SEAL_REPEATED,
    SEAL_UNKNOWN_CONNECTION,
    SEAL_TOO_MANY, // senders to remember
};

const char *seal_fault_text(enum seal_fault fault);

struct seal { // for one use at one service
    struct bus_keys *keys;
    char context[64];
    pthread_mutex_t mutex; // guards the fields below
    unsigned version;      // of the keys that these were derived from
    struct bus_key_list derived;
};

// Without keys (NULL) nothing is sealed and everything opens. The keys must outlive it.
void seal_init(struct seal *seal, struct bus_keys *keys, enum seal_use use, const char *service);
void seal_finish(struct seal *seal);

// Appends the seal; false without memory.
MUST_CHECK bool seal_close(struct seal *seal, nng_msg *message, const struct seal_head *head);
// Checks version, keys and time, and cuts the seal off. What was repeated is for senders.h to find. On a
// fault the message is as it was.
MUST_CHECK enum seal_fault seal_open(struct seal *seal, nng_msg *message, int64_t now_ms,
                                     struct seal_head *head);

#endif
