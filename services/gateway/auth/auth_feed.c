#include "services/gateway/auth/auth_feed.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "auth.pb-c.h"
#include "lib/bus/bus.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/access/access.h"
#include "services/gateway/auth/key_fetch.h"

enum { ASK_MS = 2000, RETRY_MS = 10, LOOK_MS = 1000, REFRESH_MS = 60 * 1000 };

static const char stream[] = "auth.revocations";

struct auth_feed {
    struct access *access;
    struct auth_feed_options options; // of the start
    struct bus_subscriber *subscriber;
    struct loop_timer timer; // for the next look
    uint64_t head;           // of the revocations at start; valid once has_head
    bool has_head, asks_head;
    uint8_t head_request[32];
    atomic_int_fast64_t keys_ms; // when those here were asked for; 0: none came
    atomic_uint_fast64_t seen;   // newest revocation taken in
    atomic_bool ready;
};

static bool on_notice(void *arg, const Bus__Notice *notice)
{
    struct auth_feed *feed = arg;
    struct err err;
    Auth__Revocation *revocation = auth__revocation__unpack(NULL, notice->payload.len, notice->payload.data);
    bool taken = !revocation || access_revoke(feed->access, revocation, &err);
    if (!revocation) log_error("a revocation cannot be read", F_INT("seq", notice->seq));
    if (!taken) log_err(LOG_ERROR, "a revocation waits", &err); // it comes again
    auth__revocation__free_unpacked(revocation, NULL);
    if (taken) atomic_store(&feed->seen, notice->seq);
    return taken;
}

// A revocation on its way to the stream, which brings it again.
static void on_hint(void *arg, const Bus__Notice *hint)
{
    const struct auth_feed *feed = arg;
    struct err err;
    Auth__Revocation *revocation = auth__revocation__unpack(NULL, hint->payload.len, hint->payload.data);
    if (revocation && hint->payload.len && !access_revoke(feed->access, revocation, &err))
        log_err(LOG_WARN, "a revocation waits for its stream", &err);
    auth__revocation__free_unpacked(revocation, NULL);
}

static void update_ready(struct auth_feed *feed)
{
    bool caught_up = feed->has_head && atomic_load(&feed->seen) >= feed->head;
    if (caught_up && atomic_load(&feed->keys_ms) && auth_feed_fresh(feed)) atomic_store(&feed->ready, true);
}

static void on_head(void *arg, const struct ask_reply *reply)
{
    struct auth_feed *feed = arg;
    feed->asks_head = false;
    Bus__Heads *heads = reply->err ? NULL : bus__heads__unpack(NULL, reply->len, reply->payload);
    if (!heads) return;
    feed->head = heads->n_heads ? heads->heads[0]->seq : 0;
    feed->has_head = true;
    bus__heads__free_unpacked(heads, NULL);
}

static void ask_head(struct auth_feed *feed)
{
    Bus__HeadsRequest heads = BUS__HEADS_REQUEST__INIT;
    if (feed->asks_head) return;
    heads.pattern = stream;
    assert(bus__heads_request__get_packed_size(&heads) <= sizeof feed->head_request);
    struct ask ask = {.method = schema_method("bus.ListHeads"),
                      .service = feed->options.auth,
                      .name = "auth.feed.ListHeads",
                      .payload = {bus__heads_request__pack(&heads, feed->head_request), feed->head_request},
                      .deadline_ms = loop_now_ms(feed->options.loop) + ASK_MS};
    feed->asks_head = true;
    gateway_ask(feed->options.asks, &ask, on_head, feed);
}

void auth_feed_note_keys(struct auth_feed *feed, int64_t asked_ms)
{
    int64_t known_ms = atomic_load(&feed->keys_ms);
    while (known_ms < asked_ms && !atomic_compare_exchange_weak(&feed->keys_ms, &known_ms, asked_ms)) {
    }
}

int64_t auth_feed_keys_ms(const struct auth_feed *feed) { return atomic_load(&feed->keys_ms); }

int64_t auth_feed_keys_age_ms(const struct auth_feed *feed, int64_t now_ms)
{
    int64_t asked_ms = auth_feed_keys_ms(feed);
    return asked_ms ? now_ms - asked_ms : INT64_MAX;
}

// Often until everything needed at start is there, then from time to time for new keys.
static void on_timer(void *arg)
{
    struct auth_feed *feed = arg;
    int64_t now = loop_now_ms(feed->options.loop);
    update_ready(feed);
    if (asks_connected(feed->options.asks, feed->options.auth)) {
        if (auth_feed_keys_age_ms(feed, now) >= REFRESH_MS) key_fetch_begin(feed->options.keys);
        if (!feed->has_head) ask_head(feed);
    }
    loop_timer_set(feed->options.loop, &feed->timer, now + (atomic_load(&feed->ready) ? LOOK_MS : RETRY_MS));
}

bool auth_feed_create(struct auth_feed **out, struct access *access, struct err *err)
{
    struct auth_feed *feed = calloc(1, sizeof *feed);
    if (!feed) return err_fail(err, INTERNAL_ERROR, "no memory");
    feed->access = access;
    feed->timer = (struct loop_timer){.fire = on_timer, .arg = feed};
    *out = feed;
    return true;
}

bool auth_feed_start(struct auth_feed *feed, const struct auth_feed_options *options, struct err *err)
{
    struct bus_subscriber_options follow = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                            .pattern = stream,
                                            .address = options->bus,
                                            .feed_service = "auth",
                                            .feed_address = options->listen,
                                            .bus_keys = options->bus_keys,
                                            .fetch_private = true,
                                            .from_start = true,
                                            .handler = on_notice,
                                            .hint = on_hint,
                                            .arg = feed};
    feed->options = *options;
    if (!bus_subscriber_start(&feed->subscriber, &follow, err)) return false;
    loop_timer_set(options->loop, &feed->timer, 0);
    return true;
}

void auth_feed_stop(struct auth_feed *feed)
{
    if (!feed || !feed->subscriber) return;
    loop_timer_clear(feed->options.loop, &feed->timer);
    bus_subscriber_stop(feed->subscriber);
    feed->subscriber = NULL;
}

void auth_feed_destroy(struct auth_feed *feed) { free(feed); }

bool auth_feed_ready(const struct auth_feed *feed) { return feed && atomic_load(&feed->ready); }

int64_t auth_feed_age_ms(const struct auth_feed *feed)
{
    return feed->subscriber ? bus_subscriber_age_ms(feed->subscriber) : INT64_MAX;
}

bool auth_feed_fresh(const struct auth_feed *feed) { return auth_feed_age_ms(feed) <= IDENTITY_STALE_MS; }
