#include "services/events/push/crier.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/cache/redis/channels.h"
#include "lib/json/json.h"
#include "lib/replica/replica.h"
#include "lib/thread/periodic.h"
#include "services/events/push/letter.h"
#include "services/events/push/public_log.h"
#include "services/events/streams.h"

enum {
    TOPICS_KNOWN = 4096,
    AGAIN_MS = 60 * 1000, // so far back entries are published once more by who takes over
    BATCH = 100,
    IDLE_MS = 60 * 1000,
    RETRY_MS = 1000,
    ARENA = 32 << 20,
    CHANNEL = TOPIC_NAME + 8,
};

// How far a topic was published by this process.
struct cried {
    char name[TOPIC_NAME];
    char id[UUID_LEN + 1]; // of the topic that had the name; "": not looked at yet
    uint64_t index;        // of the newest one that was published
    bool rung;
};

struct crier {
    struct events *events;
    struct channels *channels;
    struct periodic *thread;
    struct arena arena;    // of the thread
    struct buf text;       // the same
    bool away;             // Redis, for the log
    pthread_mutex_t mutex; // guards the fields below; only the thread changes what is published
    struct cried *topics;
    size_t count;
};

void crier_ring(struct crier *crier, const char *name)
{
    if (!crier) return;
    pthread_mutex_lock(&crier->mutex);
    size_t i = 0;
    while (i < crier->count && strcmp(crier->topics[i].name, name) != 0) i++;
    if (i == crier->count && i < TOPICS_KNOWN) {
        crier->topics[crier->count++] = (struct cried){.rung = false};
        snprintf(crier->topics[i].name, sizeof crier->topics[i].name, "%s", name);
    }
    if (i < crier->count) crier->topics[i].rung = true; // else with a later sweep
    pthread_mutex_unlock(&crier->mutex);
    if (crier->thread) periodic_wake(crier->thread);
}

// ---- Where it goes on

static bool unpack_entry(struct crier *crier, const ProtobufCBinaryData *bytes, Push__Published **published,
                         struct err *err)
{
    *published = push__published__unpack(&crier->arena.allocator, bytes->len, bytes->data);
    return *published || err_fail(err, INTERNAL_ERROR, "no memory for a topic");
}

// Who published it before may have ended in the midst of it.
static bool find_recent(struct crier *crier, const char *stream, uint64_t *behind, struct err *err)
{
    struct store_entries page;
    int64_t since_ms = clock_unix_ms() - AGAIN_MS;
    uint64_t head;
    if (!store_head(crier->events->store, stream, &head, err)) return false;
    *behind = head;
    uint64_t from = head > BATCH ? head - BATCH + 1 : 1;
    if (!store_read(crier->events->store, stream, from, BATCH, &crier->arena, &page, err)) return false;
    for (size_t i = page.count; i-- > 0;) {
        Push__Published *published;
        if (!unpack_entry(crier, &page.entries[i], &published, err)) return false;
        if (published->time_ms < since_ms) break;
        *behind = page.first_seq + i - 1;
    }
    return true;
}

static bool find_place(struct crier *crier, struct cried *cried, const Push__TopicRow *row, struct err *err)
{
    if (strcmp(cried->id, row->id) == 0) return true;
    if (!find_recent(crier, topic_stream(row->id).text, &cried->index, err)) return false;
    snprintf(cried->id, sizeof cried->id, "%s", row->id);
    return true;
}

// ---- Publishing

static bool cry_entry(struct crier *crier, const Push__TopicRow *row, uint64_t index,
                      const ProtobufCBinaryData *bytes, struct err *err)
{
    char channel[CHANNEL];
    Push__Published *published;
    if (!unpack_entry(crier, bytes, &published, err)) return false;
    const Events__TopicEntry *entry = letter_entry(crier->events, row, index, published, &crier->arena, err);
    if (!entry) return false;
    snprintf(channel, sizeof channel, "conse.%s", row->name);
    buf_reset(&crier->text);
    json_write(&crier->text, &entry->base, NULL);
    if (crier->text.failed) return true; // the log has it
    return channels_publish(crier->channels, channel, crier->text.bytes, crier->text.len, err);
}

// Rights are judged for each page. *more: it is not all yet.
static bool cry_page(struct crier *crier, struct cried *cried, const Push__TopicRow *row, bool *more,
                     struct err *err)
{
    struct store_entries page;
    bool may;
    *more = false;
    if (!topic_may_now(crier->events, row, clock_unix_ms(), &crier->arena, &may, err)) return false;
    if (!may) return true;
    if (!store_read(crier->events->store, topic_stream(row->id).text, cried->index + 1, BATCH, &crier->arena,
                    &page, err))
        return false;
    for (size_t i = 0; i < page.count; i++) {
        if (!cry_entry(crier, row, page.first_seq + i, &page.entries[i], err)) return false;
        cried->index = page.first_seq + i;
    }
    *more = page.count && page.more;
    return true;
}

static bool cry_topic(struct crier *crier, struct cried *cried, struct err *err)
{
    for (bool more = true; more;) {
        Push__TopicRow *row;
        uint64_t version;
        arena_reset(&crier->arena);
        if (!topic_find(crier->events, cried->name, &crier->arena, &row, &version, err)) return false;
        if (!row) return true;
        if (!find_place(crier, cried, row, err) || !cry_page(crier, cried, row, &more, err)) return false;
    }
    return true;
}

// ---- Its thread

static void note_away(struct crier *crier, const struct err *err)
{
    if (crier->away == (err != NULL)) return;
    crier->away = err;
    if (err)
        log_err(LOG_WARN, "topics are not published in Redis", err);
    else
        log_info("topics are published in Redis again");
}

// The next one from *at on that has something new: a copy, since places are added meanwhile.
static bool take_rung(struct crier *crier, size_t *at, struct cried *taken)
{
    bool found = false;
    pthread_mutex_lock(&crier->mutex);
    while (*at < crier->count && !crier->topics[*at].rung) ++*at;
    found = *at < crier->count;
    if (found) {
        *taken = crier->topics[*at];
        crier->topics[*at].rung = false;
    }
    pthread_mutex_unlock(&crier->mutex);
    return found;
}

static void give_back(struct crier *crier, size_t at, const struct cried *taken, bool again)
{
    pthread_mutex_lock(&crier->mutex);
    bool rung = crier->topics[at].rung;
    crier->topics[at] = *taken;
    crier->topics[at].rung = rung || again;
    pthread_mutex_unlock(&crier->mutex);
}

// Who publishes next begins for itself.
static void forget_all(struct crier *crier)
{
    pthread_mutex_lock(&crier->mutex);
    crier->count = 0;
    pthread_mutex_unlock(&crier->mutex);
}

static bool cry_or_note(struct crier *crier, struct cried *cried)
{
    struct err err = {0};
    bool ok = cry_topic(crier, cried, &err), away = !ok && err_is(&err, SERVICE_AWAY);
    if (!ok && !away) log_err(LOG_WARN, "events.topics", &err);
    if (ok || away) note_away(crier, away ? &err : NULL);
    return ok;
}

static int64_t crier_work(void *arg)
{
    struct crier *crier = arg;
    struct cried cried;
    bool all = true;
    if (!replica_holds(crier->events->replica, EVENTS_PUSH)) return forget_all(crier), IDLE_MS;
    for (size_t at = 0; take_rung(crier, &at, &cried); at++) {
        bool ok = cry_or_note(crier, &cried);
        give_back(crier, at, &cried, !ok);
        all &= ok;
        if (crier->away) break;
    }
    return all ? IDLE_MS : RETRY_MS;
}

// ---- Life

bool crier_open(struct crier **out, struct events *events, struct err *err)
{
    const char *url = events->settings.push_redis;
    *out = NULL;
    if (!url || !*url) return true;
    struct crier *crier = calloc(1, sizeof *crier);
    if (!crier) return err_fail(err, INTERNAL_ERROR, "out of memory");
    *out = crier;
    crier->events = events;
    arena_init(&crier->arena, ARENA);
    buf_init(&crier->text, LETTER_MOST);
    pthread_mutex_init(&crier->mutex, NULL);
    crier->topics = calloc(TOPICS_KNOWN, sizeof *crier->topics);
    if (!crier->topics) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return channels_open(&crier->channels, url, err) || err_wrap(err, "CONSE_PUSH_REDIS");
}

void crier_close(struct crier *crier)
{
    if (!crier) return;
    channels_close(crier->channels);
    pthread_mutex_destroy(&crier->mutex);
    buf_finish(&crier->text);
    arena_finish(&crier->arena);
    free(crier->topics);
    free(crier);
}

bool crier_start(struct crier *crier, struct err *err)
{
    return !crier || periodic_start(&crier->thread, "crier", 0, crier_work, crier, err);
}

void crier_stop(struct crier *crier)
{
    if (crier) periodic_stop(crier->thread);
    if (crier) crier->thread = NULL;
}
