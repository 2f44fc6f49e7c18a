// Opens what a SUB socket receives: checks the seal, that it was not taken before, and splits it. Other
// publishers' messages may come by the same socket, so nobody is cut off; the log has at most one line a
// second. One thread.
#ifndef LIB_BUS_OPENER_H
#define LIB_BUS_OPENER_H

#include "lib/bus/wire.h"
#include "lib/rpc/senders.h"

struct bus_opener {
    const char *address; // for the log; stays
    struct bus_keys *keys;
    struct seal seal;
    struct senders senders; // the publishers
    int64_t complained_ms;  // monotonic
};

// service: which publishes. Finish it also after a failure.
MUST_CHECK bool bus_opener_init(struct bus_opener *opener, const char *address, struct bus_keys *keys,
                                const char *service, struct err *err);
void bus_opener_finish(struct bus_opener *opener);
// Topic and body point into the message. False when it is refused.
MUST_CHECK bool bus_opener_open(struct bus_opener *opener, nng_msg *message, const char **topic,
                                ProtobufCBinaryData *body);

#endif
