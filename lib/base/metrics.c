#include "lib/base/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = METRICS_BUCKETS - 1 };

static const int64_t bounds_ns[BUCKETS] = {
    100000,   250000,    500000,    1000000,   2500000,    5000000,    10000000,   25000000,
    50000000, 100000000, 250000000, 500000000, 1000000000, 2500000000, 5000000000, 10000000000};
static const char *const bounds_text[BUCKETS] = {"0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005",
                                                 "0.01",   "0.025",   "0.05",   "0.1",   "0.25",   "0.5",
                                                 "1",      "2.5",     "5",      "10"};

struct metric {
    _Atomic int64_t value;
};

struct histogram {
    _Atomic uint64_t buckets[BUCKETS + 1]; // the last: above all bounds
    _Atomic int64_t sum_ns;
};

enum kind { COUNTER, GAUGE, HISTOGRAM, WATCHED };

struct series {
    char *labels;
    struct series *next;
    union {
        struct metric metric;
        struct histogram histogram;
        struct {
            double (*value)(void *arg);
            void *arg;
        } watched;
    };
};

struct family {
    char *name, *help;
    enum kind kind;
    struct series *first, **last;
    struct family *next;
};

struct metrics {
    pthread_mutex_t mutex; // guards the lists; values are atomic
    struct family *first, **last;
};

struct metrics *metrics_create(void)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics) return NULL;
    metrics->last = &metrics->first;
    pthread_mutex_init(&metrics->mutex, NULL);
    return metrics;
}

static void family_destroy(struct family *family)
{
    while (family->first) {
        struct series *series = family->first;
        family->first = series->next;
        free(series->labels);
        free(series);
    }
    free(family->name);
    free(family->help);
    free(family);
}

void metrics_destroy(struct metrics *metrics)
{
    if (!metrics) return;
    while (metrics->first) {
        struct family *family = metrics->first;
        metrics->first = family->next;
        family_destroy(family);
    }
    pthread_mutex_destroy(&metrics->mutex);
    free(metrics);
}

static char *metrics_copy(const char *text)
{
    char *copied = strdup(text);
    if (!copied) abort();
    return copied;
}

static struct family *get_family(struct metrics *metrics, const char *name, const char *help, enum kind kind)
{
    for (struct family *family = metrics->first; family; family = family->next)
        if (strcmp(family->name, name) == 0) return family;
    struct family *family = calloc(1, sizeof *family);
    if (!family) abort();
    *family = (struct family){metrics_copy(name), metrics_copy(help), kind, NULL, NULL, NULL};
    family->last = &family->first;
    *metrics->last = family;
    metrics->last = &family->next;
    return family;
}

static struct series *get_series(struct metrics *metrics, struct family *family, const char *labels)
{
    (void)metrics;
    for (struct series *series = family->first; series; series = series->next)
        if (strcmp(series->labels, labels) == 0) return series;
    struct series *series = calloc(1, sizeof *series);
    if (!series) abort();
    series->labels = metrics_copy(labels);
    *family->last = series;
    family->last = &series->next;
    return series;
}

static struct series *find_or_make(struct metrics *metrics, const char *name, const char *help,
                                   enum kind kind, const char *labels)
{
    pthread_mutex_lock(&metrics->mutex);
    struct series *series = get_series(metrics, get_family(metrics, name, help, kind), labels);
    pthread_mutex_unlock(&metrics->mutex);
    return series;
}

struct metric *metrics_counter(struct metrics *metrics, const char *name, const char *help,
                               const char *labels)
{
    return metrics ? &find_or_make(metrics, name, help, COUNTER, labels)->metric : NULL;
}

struct metric *metrics_gauge(struct metrics *metrics, const char *name, const char *help, const char *labels)
{
    return metrics ? &find_or_make(metrics, name, help, GAUGE, labels)->metric : NULL;
}

struct histogram *metrics_histogram(struct metrics *metrics, const char *name, const char *help,
                                    const char *labels)
{
    return metrics ? &find_or_make(metrics, name, help, HISTOGRAM, labels)->histogram : NULL;
}

void metrics_watch(struct metrics *metrics, const char *name, const char *help, double (*value)(void *arg),
                   void *arg)
{
    if (!metrics) return;
    pthread_mutex_lock(&metrics->mutex);
    struct series *series = get_series(metrics, get_family(metrics, name, help, WATCHED), "");
    series->watched.value = value;
    series->watched.arg = arg;
    pthread_mutex_unlock(&metrics->mutex);
}

void metric_add(struct metric *metric, int64_t by)
{
    if (metric) atomic_fetch_add_explicit(&metric->value, by, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    if (metric) atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

int64_t metric_value(const struct metric *metric)
{
    return metric ? atomic_load_explicit(&metric->value, memory_order_relaxed) : 0;
}

void histogram_observe(struct histogram *histogram, int64_t ns)
{
    if (!histogram) return;
    int bucket = 0;
    while (bucket < BUCKETS && ns > bounds_ns[bucket]) bucket++;
    atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&histogram->sum_ns, ns, memory_order_relaxed);
}

// ---- Read by the process itself

static struct family *find_family(struct metrics *metrics, const char *name)
{
    struct family *family = metrics->first;
    while (family && strcmp(family->name, name) != 0) family = family->next;
    return family;
}

void metrics_buckets_of(struct metrics *metrics, const char *name, const char *label,
                        struct metrics_buckets *buckets)
{
    *buckets = (struct metrics_buckets){0};
    pthread_mutex_lock(&metrics->mutex);
    const struct family *family = find_family(metrics, name);
    for (struct series *each = family && family->kind == HISTOGRAM ? family->first : NULL; each;
         each = each->next)
        for (int i = 0; strstr(each->labels, label) && i < METRICS_BUCKETS; i++)
            buckets->counts[i] += atomic_load_explicit(&each->histogram.buckets[i], memory_order_relaxed);
    pthread_mutex_unlock(&metrics->mutex);
}

uint64_t metrics_buckets_since(const struct metrics_buckets *now, const struct metrics_buckets *before)
{
    uint64_t count = 0;
    for (int i = 0; i < METRICS_BUCKETS; i++) count += now->counts[i] - before->counts[i];
    return count;
}

int64_t metrics_quantile_ns(const struct metrics_buckets *now, const struct metrics_buckets *before,
                            double part)
{
    const uint64_t all = metrics_buckets_since(now, before);
    uint64_t count = 0;
    if (!all) return 0;
    for (int i = 0; i < BUCKETS; i++) {
        count += now->counts[i] - before->counts[i];
        if ((double)count >= part * (double)all) return bounds_ns[i];
    }
    return bounds_ns[BUCKETS - 1];
}

static double series_value(const struct family *family, struct series *series)
{
    return family->kind == WATCHED ? series->watched.value(series->watched.arg)
                                   : (double)metric_value(&series->metric);
}

bool metrics_read(struct metrics *metrics, const char *name, const char *label, double *value)
{
    bool found = false;
    *value = 0;
    pthread_mutex_lock(&metrics->mutex);
    const struct family *family = find_family(metrics, name);
    for (struct series *each = family && family->kind != HISTOGRAM ? family->first : NULL; each;
         each = each->next) {
        if (!strstr(each->labels, label)) continue;
        *value += series_value(family, each);
        found = true;
    }
    pthread_mutex_unlock(&metrics->mutex);
    return found;
}

int64_t metrics_value(struct metrics *metrics, const char *name)
{
    int64_t value = 0;
    pthread_mutex_lock(&metrics->mutex);
    const struct family *family = find_family(metrics, name);
    if (family && (family->kind == GAUGE || family->kind == COUNTER) && family->first)
        value = metric_value(&family->first->metric);
    pthread_mutex_unlock(&metrics->mutex);
    return value;
}

// ---- As text

static void write_name(struct buf *out, const char *name, const char *suffix, const char *labels)
{
    buf_str(out, name);
    buf_str(out, suffix);
    if (labels[0]) buf_printf(out, "{%s}", labels);
    buf_char(out, ' ');
}

static void write_bucket(struct buf *out, const struct family *family, const char *labels, const char *le,
                         uint64_t count)
{
    buf_printf(out, "%s_bucket{%s%sle=\"%s\"} ", family->name, labels, labels[0] ? "," : "", le);
    buf_u64(out, count);
    buf_char(out, '\n');
}

static void write_histogram(struct buf *out, const struct family *family, struct series *series)
{
    uint64_t count = 0;
    for (int i = 0; i < BUCKETS; i++) {
        count += atomic_load_explicit(&series->histogram.buckets[i], memory_order_relaxed);
        write_bucket(out, family, series->labels, bounds_text[i], count);
    }
    count += atomic_load_explicit(&series->histogram.buckets[BUCKETS], memory_order_relaxed);
    write_bucket(out, family, series->labels, "+Inf", count);
    int64_t sum_ns = atomic_load_explicit(&series->histogram.sum_ns, memory_order_relaxed);
    write_name(out, family->name, "_sum", series->labels);
    buf_printf(out, "%.9f\n", (double)sum_ns / 1e9);
    write_name(out, family->name, "_count", series->labels);
    buf_u64(out, count);
    buf_char(out, '\n');
}

static void write_series(struct buf *out, const struct family *family, struct series *series)
{
    if (family->kind == HISTOGRAM) {
        write_histogram(out, family, series);
        return;
    }
    write_name(out, family->name, "", series->labels);
    if (family->kind == WATCHED)
        buf_printf(out, "%.17g", series->watched.value(series->watched.arg));
    else
        buf_i64(out, metric_value(&series->metric));
    buf_char(out, '\n');
}

void metrics_write(struct metrics *metrics, struct buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram", "gauge"};
    pthread_mutex_lock(&metrics->mutex);
    for (const struct family *family = metrics->first; family; family = family->next) {
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help, family->name,
                   types[family->kind]);
        for (struct series *series = family->first; series; series = series->next)
            write_series(out, family, series);
    }
    pthread_mutex_unlock(&metrics->mutex);
}
