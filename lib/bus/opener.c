#include "lib/bus/opener.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { COMPLAIN_MS = 1000, PUBLISHERS = 256 };

bool bus_opener_init(struct bus_opener *opener, const char *address, struct bus_keys *keys,
                     const char *service, struct err *err)
{
    opener->address = address;
    opener->keys = keys;
    seal_init(&opener->seal, keys, SEAL_TOPIC, service);
    return senders_init(&opener->senders, PUBLISHERS, err);
}

void bus_opener_finish(struct bus_opener *opener)
{
    senders_finish(&opener->senders);
    seal_finish(&opener->seal);
}

static bool opener_refuse(struct bus_opener *opener, const char *why)
{
    int64_t now_ms = clock_mono_ms();
    if (now_ms - opener->complained_ms < COMPLAIN_MS) return false;
    opener->complained_ms = now_ms;
    log_warn("topic message refused", F_STR("address", opener->address), F_STR("because", why));
    return false;
}

bool bus_opener_open(struct bus_opener *opener, nng_msg *message, const char **topic,
                     ProtobufCBinaryData *body)
{
    struct seal_head head;
    int64_t now_ms = clock_unix_ms();
    enum seal_fault fault = seal_open(&opener->seal, message, now_ms, &head);
    if (fault == SEAL_FINE && opener->keys) fault = senders_meet(&opener->senders, &head, now_ms);
    if (fault != SEAL_FINE) return opener_refuse(opener, seal_fault_text(fault));
    return bus_wire_split(message, topic, body) || opener_refuse(opener, "it has no topic");
}
