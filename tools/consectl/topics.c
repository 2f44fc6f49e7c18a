// consectl topics: follows what services publish.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/schema/passport.h"
#include "lib/bus/bus.h"
#include "tools/consectl/consectl.h"

static bool print_notice(void *arg, const Bus__Notice *notice)
{
    const struct ctl *ctl = arg;
    if (ctl->json)
        ctl_print_json(&notice->base);
    else
        printf("%s %llu %s %zu bytes\n", notice->stream, (unsigned long long)notice->seq, notice->kind,
               notice->payload.len);
    return fflush(stdout) == 0;
}

// The service whose streams match the pattern, the last of several; NULL when there is none.
static const char *publisher_of(const char *pattern)
{
    const char *publisher = NULL;
    for (const struct schema_stream *stream = schema_streams; stream->name; stream++)
        if (passport_may_fit(stream, pattern)) publisher = stream->service;
    return publisher;
}

static void wait_for_signal(void)
{
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigwait(&set, &signal);
}

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int topics_tail(struct ctl *ctl, int argc, char **argv)
{
    (void)argc;
    char bus[PLACE], feed[PLACE];
    struct err err;
    const char *service = publisher_of(argv[0]);
    if (!service) return err_fail(&err, NOT_FOUND, "no service publishes %s", argv[0]), ctl_fail(ctl, &err);
    if (!place_topics(ctl, bus, service, &err) || !place_peers(ctl, feed, service, &err))
        return ctl_fail(ctl, &err);
    const struct bus_subscriber_options options = {
        .self = CONSE__ASKER__VALUE__OPERATOR,
        .pattern = argv[0],
        .address = bus,
        .feed_service = service,
        .feed_address = feed,
        .bus_keys = ctl->bus_keys,
        .fetch_private = true,
        .from_start = ctl->option,
        .handler = print_notice,
        .arg = ctl,
    };
    struct bus_subscriber *subscriber;
    block_signals(); // before the subscriber's thread starts
    if (!bus_subscriber_start(&subscriber, &options, &err)) return ctl_fail(ctl, &err);
    wait_for_signal();
    bus_subscriber_stop(subscriber);
    return STATUS_OK;
}

const struct ctl_command topic_commands[] = {
    {.name = "topics tail",
     .usage = "PATTERN [--from-start]",
     .help = "prints notices as they come",
     .more = "One line per notice: stream, number, kind and size; with --json the notice itself. PATTERN is "
             "a stream's name,\n"
             "or its beginning and a *: events.*, users.ID, auth.revocations. A gap is filled from the "
             "service's store, so\n"
             "nothing is missed or comes twice. With --from-start every stream is printed from its first "
             "entry. Ctrl-C ends\n"
             "it. For example: consectl topics tail 'events.*'",
     .option = "--from-start",
     .least = 1,
     .most = 1,
     .run = topics_tail},
    {0},
};
