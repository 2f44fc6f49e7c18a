#include "lib/bus/subscriber.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/schema/passport.h"
#include "lib/rpc/address.h"

enum { KNOWN_STREAMS = 65536, NOTICES_PER_TURN = 256, ARENA_BYTES = 16 * 1024 * 1024, PAUSE_MS = 25 };

// ---- Patterns

static void forget_unfollowed(struct bus_subscriber *subscriber)
{
    for (struct bus_stream *stream = subscriber->streams.newest, *older; stream; stream = older) {
        older = stream->older;
        if (!bus_patterns_fit(&subscriber->patterns, stream->name)) bus_forget(subscriber, stream->name);
    }
}

static void begin_pattern(struct bus_subscriber *subscriber, struct bus_pattern *pattern)
{
    pattern->subscribed = bus_dialers_subscribe(&subscriber->dialers, pattern->text, true);
    pattern->listed = pattern->ever_listed = false;
    pattern->list_retry_ms = 0;
    pattern->list_after[0] = 0;
}

static void end_pattern(struct bus_subscriber *subscriber, struct bus_pattern *pattern)
{
    if (pattern->subscribed && !bus_dialers_subscribe(&subscriber->dialers, pattern->text, false)) return;
    pattern->subscribed = false;
    forget_unfollowed(subscriber);
    bus_patterns_drop(&subscriber->patterns, pattern);
}

static void tell_added(struct bus_subscriber *subscriber, struct bus_pattern *pattern)
{
    if (!pattern->ever_listed || !bus_patterns_tell(&subscriber->patterns, pattern)) return;
    if (subscriber->added) subscriber->added(subscriber->arg, pattern->text);
}

// A pattern whose heads are on their way stays until they arrive: until then nothing is known of later
// streams.
static void follow_patterns(struct bus_subscriber *subscriber)
{
    struct bus_pattern *next;
    for (struct bus_pattern *pattern = bus_patterns_all(&subscriber->patterns); pattern; pattern = next) {
        bool used = bus_patterns_used(&subscriber->patterns, pattern);
        next = pattern->next;
        if (used && !pattern->subscribed) begin_pattern(subscriber, pattern);
        if (!used && pattern != subscriber->listing) end_pattern(subscriber, pattern);
        if (used) tell_added(subscriber, pattern);
    }
}

// True when each pattern has got this far. A notice that comes before all are listed would be taken for new,
// unless only some streams are wanted.
static bool all_listed(struct bus_subscriber *subscriber, bool ever)
{
    struct bus_pattern *pattern = bus_patterns_all(&subscriber->patterns);
    while (pattern && (ever ? pattern->ever_listed : pattern->listed)) pattern = pattern->next;
    return !pattern;
}

static bool may_receive(struct bus_subscriber *subscriber)
{
    return subscriber->wanted || all_listed(subscriber, true);
}

// ---- The thread

// The list of heads and what was read after it count as news from the publisher: no need to wait for an
// announcement, unless that says more.
static void note_caught_up(struct bus_subscriber *subscriber)
{
    if (atomic_exchange(&subscriber->caught_up, true) || subscriber->announced) return;
    atomic_store(&subscriber->heard_ms, clock_mono_ms());
}

static int pause_of(struct bus_subscriber *subscriber, int64_t next_ms, int64_t now_ms)
{
    const struct bus_pattern *pattern = bus_patterns_all(&subscriber->patterns);
    for (; pattern; pattern = pattern->next)
        if (!pattern->listed && pattern->list_retry_ms < next_ms) next_ms = pattern->list_retry_ms;
    if (next_ms <= now_ms) return PAUSE_MS;
    return next_ms - now_ms > 1000 ? 1000 : (int)(next_ms - now_ms);
}

static void wait_events(struct bus_subscriber *subscriber, int64_t next_ms, bool more)
{
    struct pollfd fds[] = {
        {.fd = rpc_client_fd(subscriber->client), .events = POLLIN},
        {.fd = subscriber->wake_fd, .events = POLLIN},
        {.fd = may_receive(subscriber) ? subscriber->dialers.receive_fd : -1, .events = POLLIN}};
    eventfd_t ignored;
    poll(fds, 3, more ? 0 : pause_of(subscriber, next_ms, clock_mono_ms()));
    if (fds[1].revents) eventfd_read(subscriber->wake_fd, &ignored);
}

static void *subscriber_main(void *arg)
{
    struct bus_subscriber *subscriber = arg;
    bool more = false;
    while (!atomic_load(&subscriber->stopped)) {
        int64_t now_ms = clock_mono_ms();
        int64_t follow_ms = bus_dialers_follow(&subscriber->dialers, now_ms);
        follow_patterns(subscriber);
        bus_list_heads(subscriber, now_ms);
        int64_t read_ms = bus_read_behind(subscriber, now_ms);
        rpc_client_flush(subscriber->client);
        if (all_listed(subscriber, false) && !subscriber->streams.behind && !subscriber->reading)
            note_caught_up(subscriber);
        wait_events(subscriber, read_ms < follow_ms ? read_ms : follow_ms, more);
        rpc_client_process(subscriber->client, clock_mono_ms());
        int taken = 0;
        bool may = may_receive(subscriber);
        while (may && taken < NOTICES_PER_TURN && bus_receive(subscriber)) taken++;
        bus_note_reached(subscriber);
        more = taken == NOTICES_PER_TURN;
    }
    return NULL;
}

// ---- Life

// A pattern that this program may not read would be followed in vain.
static bool subscriber_pattern(struct bus_subscriber *subscriber, const char *pattern, struct err *err)
{
    const struct schema_stream *stream = schema_streams;
    while (stream->name && !(passport_reads(stream, subscriber->self) && passport_may_fit(stream, pattern)))
        stream++;
    return stream->name ? bus_patterns_add(&subscriber->patterns, pattern, err)
                        : err_fail(err, CALLER_REFUSED, "no stream %s is for this program", pattern);
}

static bool copy_options(struct bus_subscriber *subscriber, const struct bus_subscriber_options *options,
                         struct err *err)
{
    subscriber->address = strdup(options->address);
    subscriber->feed_service = strdup(options->feed_service);
    subscriber->feed_address = strdup(options->feed_address);
    if (!subscriber->address || !subscriber->feed_service || !subscriber->feed_address)
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    subscriber->bus_keys = options->bus_keys;
    subscriber->fetch_private = options->fetch_private;
    subscriber->from_start = options->from_start;
    subscriber->handler = options->handler;
    subscriber->wanted = options->wanted;
    subscriber->hint = options->hint;
    subscriber->added = options->added;
    subscriber->arg = options->arg;
    snprintf(subscriber->read_name, sizeof subscriber->read_name, "%s.feed.Read", options->feed_service);
    snprintf(subscriber->list_name, sizeof subscriber->list_name, "%s.feed.ListHeads", options->feed_service);
    subscriber->self = options->self;
    const struct schema_stream *stream = passport_find_stream(schema_streams, options->pattern);
    if (stream && stream->announced) subscriber->announced = stream->name;
    return subscriber_pattern(subscriber, options->pattern, err);
}

static void copy_cursors(struct bus_subscriber *subscriber, const struct bus_subscriber_options *options)
{
    subscriber->generation = options->generation;
    for (size_t i = 0; i < options->cursors_count; i++) {
        bool made;
        struct bus_stream *stream = bus_streams_get(&subscriber->streams, options->cursors[i].stream, &made);
        if (stream) stream->cursor = stream->head = options->cursors[i].seq;
    }
}

static bool subscriber_start(struct bus_subscriber *subscriber, const struct bus_subscriber_options *options,
                             struct err *err)
{
    if (!copy_options(subscriber, options, err)) return false;
    if (!bus_opener_init(&subscriber->opener, subscriber->address, options->bus_keys, options->feed_service,
                         err))
        return false;
    copy_cursors(subscriber, options);
    const struct rpc_client_options to = {.service = subscriber->feed_service,
                                          .self = options->self,
                                          .address = subscriber->feed_address,
                                          .bus_keys = subscriber->bus_keys};
    if (!rpc_address_check(options->address, subscriber->bus_keys, NULL, err)) return false;
    subscriber->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (subscriber->wake_fd < 0) return err_errno(err, errno, "cannot start the subscriber");
    if (!rpc_client_create(&subscriber->client, &to, err) ||
        !bus_dialers_open(&subscriber->dialers, subscriber->feed_service, subscriber->address,
                          subscriber->wake_fd, err))
        return false;
    if (subscriber->hint && !bus_dialers_subscribe(&subscriber->dialers, BUS_HINTS_TOPIC, true))
        return err_fail(err, INTERNAL_ERROR, "cannot hear hints");
    int rv = pthread_create(&subscriber->thread, NULL, subscriber_main, subscriber);
    subscriber->running = rv == 0;
    return rv == 0 || err_errno(err, rv, "cannot start the subscriber");
}

bool bus_subscriber_start(struct bus_subscriber **out, const struct bus_subscriber_options *options,
                          struct err *err)
{
    struct bus_subscriber *subscriber = calloc(1, sizeof *subscriber);
    if (!subscriber) return err_fail(err, INTERNAL_ERROR, "out of memory");
    subscriber->wake_fd = -1;
    arena_init(&subscriber->arena, ARENA_BYTES);
    bus_patterns_init(&subscriber->patterns);
    bus_streams_init(&subscriber->streams, KNOWN_STREAMS);
    if (!subscriber_start(subscriber, options, err)) {
        bus_subscriber_stop(subscriber);
        return false;
    }
    *out = subscriber;
    return true;
}

void bus_subscriber_stop(struct bus_subscriber *subscriber)
{
    if (!subscriber) return;
    atomic_store(&subscriber->stopped, true);
    if (subscriber->wake_fd >= 0) eventfd_write(subscriber->wake_fd, 1);
    if (subscriber->running) pthread_join(subscriber->thread, NULL);
    bus_dialers_close(&subscriber->dialers);
    rpc_client_destroy(subscriber->client);
    if (subscriber->wake_fd >= 0) close(subscriber->wake_fd);
    bus_streams_finish(&subscriber->streams);
    bus_patterns_finish(&subscriber->patterns);
    bus_opener_finish(&subscriber->opener);
    arena_finish(&subscriber->arena);
    free(subscriber->address);
    free(subscriber->feed_service);
    free(subscriber->feed_address);
    free(subscriber);
}

bool bus_subscriber_add(struct bus_subscriber *subscriber, const char *pattern, struct err *err)
{
    if (!subscriber_pattern(subscriber, pattern, err)) return false;
    eventfd_write(subscriber->wake_fd, 1);
    return true;
}

void bus_subscriber_remove(struct bus_subscriber *subscriber, const char *pattern)
{
    bus_patterns_remove(&subscriber->patterns, pattern);
    eventfd_write(subscriber->wake_fd, 1);
}

void bus_subscriber_seek(struct bus_subscriber *subscriber, const char *name, uint64_t seq)
{
    bool made;
    struct bus_stream *stream = bus_followed(subscriber, name, &made);
    if (!stream) return;
    stream->cursor = seq;
    if (stream->head > seq) bus_streams_mark_behind(&subscriber->streams, stream);
}

uint64_t bus_subscriber_generation(const struct bus_subscriber *subscriber) { return subscriber->generation; }

uint64_t bus_subscriber_head(struct bus_subscriber *subscriber, const char *name)
{
    const struct bus_stream *stream = bus_streams_find(&subscriber->streams, name);
    return stream ? stream->head : 0;
}

int64_t bus_subscriber_age_ms(const struct bus_subscriber *subscriber)
{
    int64_t heard_ms = atomic_load(&subscriber->heard_ms);
    if (!atomic_load(&subscriber->caught_up) || heard_ms == 0) return INT64_MAX;
    return clock_mono_ms() - heard_ms;
}
