#include "lib/replica/beats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/version.h"

enum { ROWS_ARENA = 32 << 20 };
static const int64_t CLOCKS_MOST_MS = INT64_C(1) << 50;

void beats_init(struct beats *beats)
{
    statement_draw_id(beats->id);
    if (gethostname(beats->host, sizeof beats->host - 1) != 0) strcpy(beats->host, "?");
    statement_begin(&beats->self, beats->service, beats->id);
}

void beats_finish(struct beats *beats)
{
    for (size_t i = 0; i < beats->count; i++) free(beats->all[i].config);
    free(beats->all);
}

// ---- This process

static void learn_outcome(struct beats *beats)
{
    struct err err = {0};
    enum store_outcome outcome = store_outcome(beats->store, beats->ticket, &err);
    if (outcome == STORE_PENDING) return;
    beats->ticket = 0;
    if (outcome == STORE_DURABLE) beats->row_version++;
}

void beats_fill(const struct beats *beats, Replica__Beat *row)
{
    row->id = beats->id;
    row->service = beats->service;
    row->address = beats->address;
    row->host = beats->host;
    row->version = CONSE_VERSION;
    row->format = CONSE_FORMAT;
}

void beats_give(struct beats *beats)
{
    if (beats->ticket) learn_outcome(beats);
    if (beats->ticket || beats->ended) return;
    Replica__Beat row = REPLICA__BEAT__INIT;
    struct statement_message statement;
    struct health health;
    struct health_message shown;
    beats_fill(beats, &row);
    statement_show(&beats->self, &statement);
    row.statement = &statement.message;
    health_measure(&beats->meter, &health);
    health_show(&health, &shown);
    if (health.known) row.health = &shown.message;
    if (beats->meter.source.config) row.config = beats->meter.source.config;
    row.counter = ++beats->counter;
    row.time_ms = clock_unix_ms();
    beats->sent_ms = clock_mono_ms();
    beats->ticket =
        store_put(beats->store, beats->table, &row.base, beats->row_version, &(struct store_write){0});
}

uint64_t beats_end(struct beats *beats)
{
    const struct store_write write = {.after = beats->ticket};
    if (beats->ended) return 0;
    beats->ended = true;
    if (beats->ticket) learn_outcome(beats);
    uint64_t version = beats->row_version + (beats->ticket ? 1 : 0);
    return version ? store_delete(beats->store, beats->table, beats->id, version, &write) : 0;
}

// ---- All

bool beat_lives(const struct beat *beat) { return clock_mono_ms() - beat->changed_ms < BEATS_LIVE_MS; }

bool beats_is_own(const struct beats *beats, const char *service)
{
    return strcmp(service, beats->service) == 0;
}

struct beat *beats_find(const struct beats *beats, const char *id)
{
    for (size_t i = 0; i < beats->count; i++)
        if (strcmp(beats->all[i].id, id) == 0) return &beats->all[i];
    return NULL;
}

static struct beat *beats_add(struct beats *beats, const Replica__Beat *row)
{
    struct beat *all = realloc(beats->all, (beats->count + 1) * sizeof *all);
    if (!all) abort(); // who is not seen would be taken for dead
    beats->all = all;
    struct beat *beat = &all[beats->count++];
    *beat = (struct beat){.changed_ms = clock_mono_ms()};
    beat->counter = row->counter;
    snprintf(beat->id, sizeof beat->id, "%s", row->id);
    return beat;
}

static int64_t ahead_of_ours(int64_t time_ms)
{
    int64_t ahead_ms;
    return __builtin_sub_overflow(time_ms, clock_unix_ms(), &ahead_ms) ? INT64_MIN : ahead_ms;
}

static void beats_take(struct beats *beats, const Replica__Beat *row, uint64_t version)
{
    struct beat *beat = beats_find(beats, row->id);
    if (!beat)
        beat = beats_add(beats, row);
    else if (beat->counter != row->counter)
        beat->ahead_ms = ahead_of_ours(row->time_ms);
    if (beat->counter != row->counter) beat->changed_ms = clock_mono_ms();
    if (beat->counter != row->counter) beat->signs++;
    beat->counter = row->counter;
    beat->row_version = version;
    beat->format = row->format;
    beat->there = true;
    statement_take(&beat->statement, row->statement);
    health_take(&beat->health, row->health);
    free(beat->config);
    beat->config = *row->config ? strdup(row->config) : NULL;
    snprintf(beat->service, sizeof beat->service, "%s", row->service);
    snprintf(beat->address, sizeof beat->address, "%s", row->address);
    snprintf(beat->host, sizeof beat->host, "%s", row->host);
    snprintf(beat->version, sizeof beat->version, "%s", row->version);
    if (strcmp(row->id, beats->id) == 0 && !beats->ticket) beats->row_version = version;
}

static void drop_gone(struct beats *beats)
{
    size_t kept = 0;
    for (size_t i = 0; i < beats->count; i++)
        if (beats->all[i].there)
            beats->all[kept++] = beats->all[i];
        else
            free(beats->all[i].config);
    beats->count = kept;
}

void beats_hear(struct beats *beats, const Replica__Beat *row)
{
    beats_take(beats, row, 0);
    beats_find(beats, row->id)->changed_ms = clock_mono_ms();
    for (size_t i = 0; i < beats->count; i++) beats->all[i].there = beat_lives(&beats->all[i]);
    drop_gone(beats);
}

bool beats_see(struct beats *beats, struct err *err)
{
    const struct store_query query = {.limit = BEATS_MOST, .page_token = ""};
    struct store_rows rows;
    struct arena arena;
    arena_init(&arena, ROWS_ARENA);
    if (beats->ticket) learn_outcome(beats);
    bool own = beats->ticket;
    bool ok = store_find(beats->store, beats->table, &query, &arena, &rows, err);
    for (size_t i = 0; ok && i < beats->count; i++) beats->all[i].there = false;
    for (size_t i = 0; ok && i < rows.count; i++) {
        const Replica__Beat *row = (const Replica__Beat *)rows.messages[i];
        beats_take(beats, row, rows.versions[i]);
        own |= strcmp(row->id, beats->id) == 0;
    }
    if (ok && !own) beats->row_version = 0; // it was taken for dead
    if (ok) drop_gone(beats);
    if (ok) beats->seen_ms = clock_mono_ms();
    arena_finish(&arena);
    return ok;
}

uint32_t beats_least_format(const struct beats *beats)
{
    uint32_t least = CONSE_FORMAT;
    for (size_t i = 0; i < beats->count; i++)
        if (beats_is_own(beats, beats->all[i].service) && beat_lives(&beats->all[i]) &&
            beats->all[i].format < least)
            least = beats->all[i].format;
    return least;
}

bool beats_wait_for_newer(const struct beats *beats)
{
    for (size_t i = 0; i < beats->count; i++) {
        const struct beat *beat = &beats->all[i];
        bool newer = beats_is_own(beats, beat->service) && beat->format > CONSE_FORMAT;
        if (newer && beat_lives(beat) && beat->signs < 2) return true;
    }
    return false;
}

static bool is_own_living(const struct beats *beats, const struct beat *beat)
{
    return beats_is_own(beats, beat->service) && beat_lives(beat);
}

const struct beat *beats_find_apart(const struct beats *beats)
{
    for (size_t i = 0; i < beats->count; i++) {
        const struct beat *beat = &beats->all[i];
        bool apart = beat->ahead_ms > BEATS_APART_MS || beat->ahead_ms < -BEATS_APART_MS;
        if (apart && is_own_living(beats, beat)) return beat;
    }
    return NULL;
}

int64_t beats_ahead_ms(const struct beats *beats)
{
    int64_t slowest_ms = 0;
    for (size_t i = 0; i < beats->count; i++)
        if (beats->all[i].ahead_ms < slowest_ms && is_own_living(beats, &beats->all[i]))
            slowest_ms = beats->all[i].ahead_ms;
    if (slowest_ms < -CLOCKS_MOST_MS) slowest_ms = -CLOCKS_MOST_MS; // nonsense
    return slowest_ms < -BEATS_APART_MS ? -slowest_ms : 0;
}

void beats_sweep(struct beats *beats)
{
    for (size_t i = 0; i < beats->count; i++) {
        const struct beat *beat = &beats->all[i];
        if (clock_mono_ms() - beat->changed_ms < BEATS_DEAD_MS) continue;
        log_info("a process is gone", F_STR("address", beat->address), F_STR("host", beat->host));
        store_delete(beats->store, beats->table, beat->id, beat->row_version, &(struct store_write){0});
    }
}
