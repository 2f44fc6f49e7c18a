// Measures the store: durable one-entry appends at several numbers of writers, gets and finds. Usage:
// store_bench [FOLDER]
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "auth.pb-c.h"
#include "lib/store/store.h"

enum { MAX_SAMPLES = 1 << 20, ENTRY_BYTES = 160, USERS = 20000, SECONDS = 2, MAX_STREAMS = 16 };

static const struct store_table TABLES[] = {
    {.name = "user",
     .type = &auth__user__descriptor,
     .key = "id",
     .indexes = {{"by_username", true, {"username"}, 0}, {"by_level", false, {"level", "created_at"}, 0}},
     .version = 1},
    {0},
};

struct samples {
    uint32_t us[MAX_SAMPLES];
    size_t count;
};

static int64_t now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static double cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static void store_sample(struct samples *samples, int64_t us)
{
    if (samples->count < MAX_SAMPLES) samples->us[samples->count++] = (uint32_t)us;
}

static int store_compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void store_report(const char *name, struct samples *samples, size_t done, int64_t us, double cpu)
{
    qsort(samples->us, samples->count, sizeof *samples->us, store_compare);
    printf("%-28s %9.0f/s   p50 %6u us   p99 %6u us   CPU %5.1f us each\n", name,
           (double)done * 1e6 / (double)us, samples->us[samples->count / 2],
           samples->us[samples->count * 99 / 100], cpu / (double)done);
    samples->count = 0;
}

static void store_must(bool ok, const struct err *err)
{
    if (ok) return;
    fprintf(stderr, "store_bench: %s\n", err->message);
    exit(1);
}

// ---- Appends: a window of writers, each of which appends again when its append is durable

struct window {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t durable;
};

static void on_commit(void *arg, uint64_t durable)
{
    struct window *window = arg;
    pthread_mutex_lock(&window->lock);
    window->durable = durable;
    pthread_cond_signal(&window->moved);
    pthread_mutex_unlock(&window->lock);
}

static uint64_t wait_past(struct window *window, uint64_t ticket)
{
    pthread_mutex_lock(&window->lock);
    while (window->durable <= ticket) pthread_cond_wait(&window->moved, &window->lock);
    uint64_t durable = window->durable;
    pthread_mutex_unlock(&window->lock);
    return durable;
}

struct load {
    unsigned writers, streams;
};

static void bench_appends(struct store *store, struct window *window, struct samples *samples,
                          struct load load)
{
    static uint64_t seqs[MAX_STREAMS];
    static int64_t started[4096];
    uint8_t bytes[ENTRY_BYTES];
    char stream[64], name[64];
    ProtobufCBinaryData entry = {sizeof bytes, bytes};
    uint64_t durable = store_durable(store), first = durable, last = durable;
    int64_t begin = now_us(), end = begin + SECONDS * 1000000;
    double cpu = cpu_us();
    for (int64_t now = begin; now < end; now = now_us()) {
        for (; last < durable + load.writers; last++) {
            memset(bytes, (int)last, sizeof bytes);
            size_t event = last % load.streams;
            snprintf(stream, sizeof stream, "events.0192f0c4-5b1e-7abc-8def-0123456789%02zu", event);
            started[(last + 1) % 4096] = now;
            last = store_append(store, stream, ++seqs[event], &entry, 1, NULL) - 1;
        }
        uint64_t moved = wait_past(window, durable);
        now = now_us();
        while (durable < moved) store_sample(samples, now - started[++durable % 4096]);
    }
    snprintf(name, sizeof name, "append, %u to %u streams", load.writers, load.streams);
    store_report(name, samples, durable - first, now_us() - begin, cpu_us() - cpu);
    struct err err;
    if (last > first) store_must(store_wait(store, last, &err), &err);
}

// ---- Reads

static void store_bench_fill(struct store *store)
{
    struct err err;
    uint64_t ticket = 0;
    for (int i = 0; i < USERS; i++) {
        Auth__User user = AUTH__USER__INIT;
        Google__Protobuf__Timestamp created = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
        char id[40], username[32];
        snprintf(id, sizeof id, "0192f0c4-5b1e-7abc-8def-%012d", i);
        snprintf(username, sizeof username, "player-%d", i);
        created.seconds = i;
        user.id = id, user.username = username, user.level = AUTH__LEVEL__VALUE__PLAYER,
        user.created_at = &created;
        if (!store_accepts(store, NULL)) store_must(store_wait(store, ticket, &err), &err);
        ticket = store_put(store, &TABLES[0], &user.base, 0, NULL);
    }
    store_must(store_wait(store, ticket, &err), &err);
}

static void get_one(struct store *store, struct arena *arena, int i)
{
    struct err err;
    char id[40];
    ProtobufCMessage *message;
    uint64_t version;
    snprintf(id, sizeof id, "0192f0c4-5b1e-7abc-8def-%012d", i);
    store_must(store_get(store, &TABLES[0], id, arena, &message, &version, &err), &err);
}

static void find_one(struct store *store, struct arena *arena, int i)
{
    struct err err;
    char username[32];
    struct store_rows rows;
    snprintf(username, sizeof username, "player-%d", i);
    struct store_query query = {.index = "by_username", .equal = {{.text = username}}, .equal_count = 1};
    store_must(store_find(store, &TABLES[0], &query, arena, &rows, &err), &err);
}

static void find_page(struct store *store, struct arena *arena, int i)
{
    struct err err;
    struct store_rows rows;
    struct store_value from = {.number = (int64_t)i * 1000000};
    struct store_query query = {.index = "by_level",
                                .equal = {{.number = AUTH__LEVEL__VALUE__PLAYER}},
                                .equal_count = 1,
                                .from = &from,
                                .limit = 20};
    store_must(store_find(store, &TABLES[0], &query, arena, &rows, &err), &err);
}

static void bench_reads(const char *name, struct store *store, struct samples *samples,
                        void (*read)(struct store *store, struct arena *arena, int i))
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    size_t done = 0;
    int64_t begin = now_us(), now = begin;
    double cpu = cpu_us();
    while (now - begin < SECONDS * 1000000) {
        read(store, &arena, rand() % USERS);
        arena_reset(&arena);
        int64_t then = now;
        now = now_us();
        store_sample(samples, now - then);
        done++;
    }
    store_report(name, samples, done, now - begin, cpu_us() - cpu);
    arena_finish(&arena);
}

int main(int argc, char **argv)
{
    char folder[256], url[300];
    struct store *store;
    struct err err;
    struct window window = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    static struct samples samples;
    snprintf(folder, sizeof folder, "%s/store-bench-XXXXXX", argc > 1 ? argv[1] : "/var/tmp");
    if (!mkdtemp(folder)) return perror(folder), 1;
    snprintf(url, sizeof url, "sqlite:%s/store.db", folder);
    struct store_options options = {.url = url, .tables = TABLES, .on_commit = on_commit, .arg = &window};
    store_must(store_open(&store, &options, &err), &err);
    static const struct load LOADS[] = {{1, 16}, {8, 16}, {32, 16}, {64, 1}, {128, 16}, {512, 16}};
    for (size_t i = 0; i < sizeof LOADS / sizeof *LOADS; i++)
        bench_appends(store, &window, &samples, LOADS[i]);
    store_bench_fill(store);
    bench_reads("get by id", store, &samples, get_one);
    bench_reads("find by unique index", store, &samples, find_one);
    bench_reads("find a page of 20", store, &samples, find_page);
    store_close(store);
    char command[300];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}
