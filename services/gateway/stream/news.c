#include "services/gateway/stream/news.h"

#include <stdlib.h>

#include "lib/bus/bus.h"
#include "services/gateway/gateway.h"
#include "services/gateway/stream/waits.h"

struct news {
    struct gateway *gateway;
    struct bus_subscriber *events, *users;
};

// On a subscriber's thread.
static bool on_notice(void *arg, const Bus__Notice *notice)
{
    const struct gateway *gateway = ((struct news *)arg)->gateway;
    for (size_t i = 0; i < gateway->loops_count; i++) waits_notice(gateway->loops[i].waits, notice->stream);
    return true;
}

static bool subscribe(struct bus_subscriber **subscriber, struct news *news, const char *pattern,
                      struct err *err)
{
    struct service *service = news->gateway->service;
    struct bus_subscriber_options options = {.pattern = pattern,
                                             .address = service_bus_of(service, "events"),
                                             .feed_service = "events",
                                             .feed_address = service_listen_of(service, "events"),
                                             .bus_key = service->bus_key,
                                             .handler = on_notice,
                                             .arg = news};
    return bus_subscriber_start(subscriber, &options, err);
}

bool news_start(struct news **out, struct gateway *gateway, struct err *err)
{
    struct news *news = calloc(1, sizeof *news);
    if (!news) return err_fail(err, INTERNAL_ERROR, "no memory");
    news->gateway = gateway;
    if (!subscribe(&news->events, news, "events.*", err) || !subscribe(&news->users, news, "users.*", err))
        return news_stop(news), false;
    *out = news;
    return true;
}

void news_stop(struct news *news)
{
    if (!news) return;
    if (news->events) bus_subscriber_stop(news->events);
    if (news->users) bus_subscriber_stop(news->users);
    free(news);
}
