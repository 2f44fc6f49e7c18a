#include "lib/replica/health.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"

static const struct {
    const char *name, *metric, *label;
} measured[HEALTH_CLASSES + 1] = {
    {"READ", "conse_rpc_seconds", "class=\"READ\""},
    {"WRITE", "conse_rpc_seconds", "class=\"WRITE\""},
    {"SLOW", "conse_rpc_seconds", "class=\"SLOW\""},
    {"BULK", "conse_rpc_seconds", "class=\"BULK\""},
    {"HTTP", "conse_http_seconds", ""},
    {"", "conse_store_commit_seconds", ""},
};

// What alerts go by. consectl doctor judges them.
static const struct {
    const char *metric, *label;
} readings[] = {
    {"conse_clock_offset_seconds", ""},
    {"conse_peers_left_out", ""},
    {"conse_store_full", ""},
    {"conse_rpc_errors_total", "reason=\"STORE_CORRUPT\""},
    {"conse_revocations_age_seconds", ""},
    {"conse_consumer_lag_seconds", ""},
    {"conse_stream_viewers", ""},
    {"conse_tls_certificate_end_timestamp_seconds", ""},
    {"conse_bus_certificate_end_timestamp_seconds", ""},
    {"conse_chain_cluster_takes_money", ""},
    {"conse_chain_cluster_set_apart", ""},
    {"conse_chain_cluster_stuck", ""},
    {"conse_chain_authority_lamports", ""},
    {"conse_chain_credit_lamports", ""},
    {"conse_discord_token_refused", ""},
    {"process_open_fds", ""},
    {"process_max_fds", ""},
    {"process_resident_memory_bytes", ""},
};
_Static_assert(sizeof readings / sizeof *readings <= HEALTH_READINGS, "there is room for all readings");

static void health_read(struct health *health, struct metrics *metrics)
{
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        struct health_reading *reading = &health->readings[health->readings_count];
        const char *label = readings[i].label;
        if (!metrics_read(metrics, readings[i].metric, label, &reading->value)) continue;
        snprintf(reading->name, sizeof reading->name, "%s%s%s%s", readings[i].metric, *label ? "{" : "",
                 label, *label ? "}" : "");
        health->readings_count++;
    }
}

static void health_time(struct health *health, size_t i, uint64_t calls, uint32_t p99_us)
{
    if (i == HEALTH_CLASSES) health->commit_p99_us = p99_us;
    if (i == HEALTH_CLASSES || !calls) return;
    struct health_time *time = &health->times[health->times_count++];
    *time = (struct health_time){.p99_us = p99_us, .calls = calls};
    snprintf(time->class, sizeof time->class, "%s", measured[i].name);
}

void health_measure(struct health_meter *meter, struct health *health)
{
    const struct health_source *source = &meter->source;
    bool turns = clock_mono_ms() - meter->second_ms >= HEALTH_WINDOW_MS;
    *health = (struct health){.known = source->metrics};
    if (!source->metrics) return;
    health->ready = !source->ready || source->ready(source->arg);
    health->queue = (uint32_t)metrics_value(source->metrics, "conse_rpc_queue");
    health->waiting = (uint32_t)metrics_value(source->metrics, "conse_store_waiting");
    for (size_t i = 0; i <= HEALTH_CLASSES; i++) {
        struct metrics_buckets now;
        metrics_buckets_of(source->metrics, measured[i].metric, measured[i].label, &now);
        if (turns) meter->first[i] = meter->second[i];
        if (turns) meter->second[i] = now;
        uint64_t calls = metrics_buckets_since(&now, &meter->first[i]);
        health_time(health, i, calls, (uint32_t)(metrics_quantile_ns(&now, &meter->first[i], 0.99) / 1000));
    }
    if (turns) meter->second_ms = clock_mono_ms();
    health_read(health, source->metrics);
}

void health_show(const struct health *health, struct health_message *shown)
{
    replica__health__init(&shown->message);
    shown->message.ready = health->ready;
    shown->message.queue = health->queue;
    shown->message.store_waiting = health->waiting;
    shown->message.commit_p99_us = health->commit_p99_us;
    shown->message.times = shown->all;
    shown->message.n_times = health->times_count;
    for (size_t i = 0; i < health->times_count; i++) {
        replica__health__time__init(&shown->times[i]);
        shown->times[i].class_ = health->times[i].class;
        shown->times[i].p99_us = health->times[i].p99_us;
        shown->times[i].calls = health->times[i].calls;
        shown->all[i] = &shown->times[i];
    }
    shown->message.readings = shown->all_readings;
    shown->message.n_readings = health->readings_count;
    for (size_t i = 0; i < health->readings_count; i++) {
        replica__health__reading__init(&shown->readings[i]);
        shown->readings[i].name = health->readings[i].name;
        shown->readings[i].value = health->readings[i].value;
        shown->all_readings[i] = &shown->readings[i];
    }
}

void health_take(struct health *health, const Replica__Health *message)
{
    *health = (struct health){.known = message};
    if (!message) return;
    health->ready = message->ready;
    health->queue = message->queue;
    health->waiting = message->store_waiting;
    health->commit_p99_us = message->commit_p99_us;
    for (; health->times_count < message->n_times && health->times_count < HEALTH_CLASSES;
         health->times_count++) {
        const Replica__Health__Time *told = message->times[health->times_count];
        struct health_time *time = &health->times[health->times_count];
        *time = (struct health_time){.p99_us = told->p99_us, .calls = told->calls};
        snprintf(time->class, sizeof time->class, "%.7s", told->class_);
    }
    for (; health->readings_count < message->n_readings && health->readings_count < HEALTH_READINGS;
         health->readings_count++) {
        const Replica__Health__Reading *told = message->readings[health->readings_count];
        struct health_reading *reading = &health->readings[health->readings_count];
        reading->value = told->value;
        snprintf(reading->name, sizeof reading->name, "%.63s", told->name);
    }
}
