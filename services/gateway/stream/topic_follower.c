#include "services/gateway/stream/topic_follower.h"

#include <stdlib.h>

#include "lib/bus/bus.h"
#include "services/gateway/gateway.h"
#include "services/gateway/stream/waits.h"

struct topic_follower {
    struct gateway *gateway;
    struct bus_subscriber *events, *users;
};

// On a subscriber's thread.
static bool on_notice(void *arg, const Bus__Notice *notice)
{
    const struct gateway *gateway = ((struct topic_follower *)arg)->gateway;
    for (size_t i = 0; i < gateway->loops_count; i++) waits_notice(gateway->loops[i].waits, notice->stream);
    return true;
}

static bool subscribe(struct bus_subscriber **subscriber, struct topic_follower *follower,
                      const char *pattern, struct err *err)
{
    struct service *service = follower->gateway->service;
    struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                             .pattern = pattern,
                                             .address = service_bus_of(service, "events"),
                                             .feed_service = "events",
                                             .feed_address = service_listen_of(service, "events"),
                                             .bus_key = service->bus_key,
                                             .handler = on_notice,
                                             .arg = follower};
    return bus_subscriber_start(subscriber, &options, err);
}

bool topic_follower_start(struct topic_follower **out, struct gateway *gateway, struct err *err)
{
    struct topic_follower *follower = calloc(1, sizeof *follower);
    if (!follower) return err_fail(err, INTERNAL_ERROR, "no memory");
    follower->gateway = gateway;
    if (!subscribe(&follower->events, follower, "events.*", err) ||
        !subscribe(&follower->users, follower, "users.*", err))
        return topic_follower_stop(follower), false;
    *out = follower;
    return true;
}

void topic_follower_stop(struct topic_follower *follower)
{
    if (!follower) return;
    if (follower->events) bus_subscriber_stop(follower->events);
    if (follower->users) bus_subscriber_stop(follower->users);
    free(follower);
}
