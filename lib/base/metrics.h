// Counters, gauges and histograms of a process, written as Prometheus text. Series are made at start and live
// as long as the registry; changing one is an atomic operation, from any thread.
#ifndef LIB_BASE_METRICS_H
#define LIB_BASE_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buf.h"

struct metrics;
struct metric; // one series of a counter or gauge
struct histogram;

struct metrics *metrics_create(void);
void metrics_destroy(struct metrics *metrics);

// labels: `method="auth.Login"` pairs joined by commas, or "". The same name and labels give the same series.
// Names follow Prometheus: conse_rpc_calls_total, conse_rpc_seconds. A NULL registry gives a NULL series,
// which ignores changes.
struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *labels);
struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help, const char *labels);
// Buckets from 100 us to 10 s.
struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                    const char *labels);
// A gauge that is read by a callback when the text is written; arg must outlive the registry.
void metrics_watch(struct metrics *metrics, const char *name, const char *help, double (*value)(void *arg),
                   void *arg);

// What a process reads of its own metrics. Buckets: the sum over a histogram's series whose labels contain
// `label`; all zero when there are none.
enum { METRICS_BUCKETS = 17 };
struct metrics_buckets {
    uint64_t counts[METRICS_BUCKETS];
};
void metrics_buckets_of(struct metrics *metrics, const char *name, const char *label,
                        struct metrics_buckets *buckets);
// How many came between two readings, and the bound that so many of them (0.99) do not pass; above all bounds
// the last one, 0 when none came.
uint64_t metrics_buckets_since(const struct metrics_buckets *now, const struct metrics_buckets *before);
int64_t metrics_quantile_ns(const struct metrics_buckets *now, const struct metrics_buckets *before,
                            double part);
// The sum over the series of a gauge or counter whose labels contain `label`; false when there are none.
bool metrics_read(struct metrics *metrics, const char *name, const char *label, double *value);
// Of a gauge or counter without labels; 0 when there is none.
int64_t metrics_value(struct metrics *metrics, const char *name);

void metric_add(struct metric *metric, int64_t by);
void metric_set(struct metric *metric, int64_t value);
int64_t metric_value(const struct metric *metric);
void histogram_observe(struct histogram *histogram, int64_t ns);

// All series, families together, in the order of their creation.
void metrics_write(struct metrics *metrics, struct buf *out);

#endif
