// How this process does, by its own metrics, and how others say that they do. One thread at a time.
#ifndef LIB_REPLICA_HEALTH_H
#define LIB_REPLICA_HEALTH_H

#include "lib/base/metrics.h"
#include "replica.pb-c.h"

// All NULL: nothing is known, and nothing is said.
struct health_source {
    struct metrics *metrics;
    bool (*ready)(void *arg); // never blocks
    void *arg;
    const char *config; // the settings in force, a line each; NULL: they are not said
};

enum { HEALTH_CLASSES = 5, HEALTH_READINGS = 20, HEALTH_WINDOW_MS = 60000 };

struct health {
    bool known, ready;
    uint32_t queue, waiting, commit_p99_us;
    struct health_time {
        char class[8]; // of methods; "HTTP" of a gateway
        uint32_t p99_us;
        uint64_t calls;
    } times[HEALTH_CLASSES];
    size_t times_count;
    struct health_reading {
        char name[64]; // of a metric, with the label that counts: NAME{reason="STORE_CORRUPT"}
        double value;
    } readings[HEALTH_READINGS];
    size_t readings_count;
};

// Of the last minute or two.
struct health_meter {
    struct health_source source;
    struct metrics_buckets first[HEALTH_CLASSES + 1], second[HEALTH_CLASSES + 1];
    int64_t second_ms; // monotonic
};

void health_measure(struct health_meter *meter, struct health *health);

// The message and what it points to; texts are borrowed from the health.
struct health_message {
    Replica__Health message;
    Replica__Health__Time times[HEALTH_CLASSES], *all[HEALTH_CLASSES];
    Replica__Health__Reading readings[HEALTH_READINGS], *all_readings[HEALTH_READINGS];
};
void health_show(const struct health *health, struct health_message *shown);
// Cuts what is too much; NULL: unknown.
void health_take(struct health *health, const Replica__Health *message);

#endif
