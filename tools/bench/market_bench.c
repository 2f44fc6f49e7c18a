#include "tools/bench/market_flow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Order book throughput: each flow through a fresh book, median of ROUNDS, by CPU time of the one thread.
// Exits 1 below a floor. `market_bench DIR` also writes each flow to DIR/<n>.flow for other order books: 32
// bytes a message, as struct market_command lies.

enum { ROUNDS = 5, SEED = 20260 };

static const double FLOOR = 4e6;
static const double FLOOR_NORMAL = 6e6;

struct tally {
    uint64_t trades;
    uint64_t quantity;
    uint64_t refused;
    uint32_t most;
    size_t levels;
};

static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static struct market *book_create(void)
{
    struct market *market = market_create(FLOW_ORDERS_MAX, SEED);

    if (market) return market;
    fprintf(stderr, "market_bench: no memory for the book\n");
    exit(2);
}

static double seconds_of_a_run(const struct market_command *flow)
{
    struct market *market = book_create();
    struct market_result result;
    uint64_t filled = 0;
    double start = cpu_seconds();

    for (size_t i = 0; i < FLOW_MESSAGES; i++) {
        market_apply(market, &flow[i], &result);
        filled += result.filled;
    }
    double seconds = cpu_seconds() - start;
    market_destroy(market);
    return filled ? seconds : -1;
}

static size_t levels_of(const struct market *market)
{
    static struct market_level levels[FLOW_ORDERS_MAX];

    return market_depth(market, MARKET_BUY, levels, FLOW_ORDERS_MAX) +
           market_depth(market, MARKET_SELL, levels, FLOW_ORDERS_MAX);
}

static struct tally market_tally(const struct market_command *flow)
{
    struct market *market = book_create();
    struct market_result result;
    struct tally tally = {0};

    for (size_t i = 0; i < FLOW_MESSAGES; i++) {
        market_apply(market, &flow[i], &result);
        tally.trades += result.trade_count;
        tally.quantity += result.filled;
        tally.refused += result.outcome > MARKET_SELF_TRADE;
        if (market_count(market) > tally.most) tally.most = market_count(market);
        if (i == FLOW_MESSAGES / 2) tally.levels = levels_of(market);
    }
    market_destroy(market);
    return tally;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

// One clock reading around each message, its own cost included.
static void print_latency(const struct market_command *flow)
{
    static double nanoseconds[FLOW_MESSAGES];
    struct market *market = book_create();
    struct market_result result;
    struct timespec before;
    struct timespec after;

    clock_gettime(CLOCK_MONOTONIC, &before);
    for (size_t i = 0; i < FLOW_MESSAGES; i++) {
        market_apply(market, &flow[i], &result);
        clock_gettime(CLOCK_MONOTONIC, &after);
        nanoseconds[i] =
            (double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec);
        before = after;
    }
    qsort(nanoseconds, FLOW_MESSAGES, sizeof(*nanoseconds), by_value);
    printf("  %5.0f %5.0f %6.0f\n", nanoseconds[FLOW_MESSAGES / 2], nanoseconds[FLOW_MESSAGES / 100 * 99],
           nanoseconds[FLOW_MESSAGES / 1000 * 999]);
    market_destroy(market);
}

static void write_flow(const char *folder, size_t number, const struct market_command *flow)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%zu.flow", folder, number);
    file = fopen(path, "wb");
    if (file && fwrite(flow, sizeof(*flow), FLOW_MESSAGES, file) == FLOW_MESSAGES && fclose(file) == 0)
        return;
    fprintf(stderr, "market_bench: %s: %s\n", path, strerror(errno));
    exit(2);
}

static bool market_run(const struct flow_kind *kind, const struct market_command *flow)
{
    double seconds[ROUNDS];
    struct tally tally = market_tally(flow);
    double floor = strcmp(kind->name, "normal") == 0 ? FLOOR_NORMAL : FLOOR;
    double rate;

    for (int round = 0; round < ROUNDS; round++) seconds[round] = seconds_of_a_run(flow);
    qsort(seconds, ROUNDS, sizeof(*seconds), by_value);
    rate = FLOW_MESSAGES / seconds[ROUNDS / 2];
    printf("%-14s %6.2f %9lu %12lu %8lu %8u %7zu", kind->name, rate / 1e6, tally.trades, tally.quantity,
           tally.refused, tally.most, tally.levels);
    print_latency(flow);
    if (rate < floor) printf("  below %.0f M messages/s\n", floor / 1e6);
    return rate >= floor;
}

int main(int count_of_arguments, char **arguments)
{
    bool held = true;

    printf("order book, %d M messages a flow, median of %d; latency in ns with one clock reading each\n",
           FLOW_MESSAGES / 1000000, ROUNDS);
    printf("%-14s %6s %9s %12s %8s %8s %7s  %5s %5s %6s\n", "flow", "M/s", "trades", "quantity", "refused",
           "resting", "levels", "p50", "p99", "p99.9");
    for (size_t i = 0; i < flow_kinds_count; i++) {
        struct market_command *flow = flow_create(&flow_kinds[i], SEED + i);

        if (!flow) return 2;
        if (count_of_arguments > 1) write_flow(arguments[1], i, flow);
        held = market_run(&flow_kinds[i], flow) && held;
        free(flow);
    }
    return held ? 0 : 1;
}
