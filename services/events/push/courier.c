#include "services/events/push/courier.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/events/push/letter.h"
#include "services/events/push/notice.h"
#include "services/events/push/public_log.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum {
    LONGEST_PAUSE_MS = 3600 * 1000,
    DEAD_MOST = 1000,
    SPREAD_PERCENT = 20,
    LEFT_OUT_MOST = 100,
    BUSY_MS = 1000
};

// One step.
struct step {
    struct courier *courier;
    struct events *events;
    struct arena *arena;
    const Push__TopicRow *row;
    int64_t now_ms;
    Push__DeliveryRow place; // how far it is
    uint64_t version;
};

// What became of an entry that was sent, or could not be.
struct outcome {
    bool taken;
    bool untried; // for want of room here, which is nothing that the receiver did
    int32_t status;
    char fault[128];
    int64_t retry_after_ms;
};

static const struct store_table *const deliveries = &events_tables[EVENTS_DELIVERIES];
static const struct store_table *const dead_letters = &events_tables[EVENTS_DEAD_LETTERS];

void dead_row_id(char *id, size_t size, const char *topic_id, uint64_t index)
{
    snprintf(id, size, "%s/%020llu", topic_id, (unsigned long long)index);
}

int64_t courier_pause_ms(int64_t first_ms, int32_t failures)
{
    int64_t pause_ms = first_ms;
    for (int32_t i = 1; i < failures && pause_ms < LONGEST_PAUSE_MS; i++) pause_ms *= 2;
    return pause_ms < LONGEST_PAUSE_MS ? pause_ms : LONGEST_PAUSE_MS;
}

// Spread, so that what failed together does not come again together.
static int64_t next_try_ms(const struct step *s, int32_t failures, const struct outcome *outcome)
{
    int64_t pause_ms = courier_pause_ms(s->events->settings.push_retry_ms, failures);
    pause_ms += pause_ms * (int64_t)randombytes_uniform(SPREAD_PERCENT + 1) / 100;
    return s->now_ms + (pause_ms > outcome->retry_after_ms ? pause_ms : outcome->retry_after_ms);
}

static const char *keep_fault(const struct step *s, const struct outcome *outcome)
{
    const char *fault = arena_str(s->arena, outcome->fault);
    return fault ? fault : "";
}

static bool is_given_up(const struct step *s, int64_t first_ms)
{
    return s->now_ms - first_ms >= s->events->settings.push_give_up_ms;
}

// ---- Sending

static bool is_wanted(const Push__TopicRow *row, const char *kind)
{
    for (size_t i = 0; i < row->webhook->n_kinds; i++)
        if (strcmp(row->webhook->kinds[i], kind) == 0) return true;
    return !row->webhook->n_kinds;
}

static void judge_reply(const struct http_reply *reply, struct outcome *outcome)
{
    outcome->status = (int32_t)reply->status;
    outcome->taken = reply->status >= 200 && reply->status < 300;
    outcome->retry_after_ms = reply->retry_after_s > 0 ? reply->retry_after_s * 1000 : 0;
    if (outcome->retry_after_ms > LONGEST_PAUSE_MS) outcome->retry_after_ms = LONGEST_PAUSE_MS;
}

static void send_letter(const struct step *s, const struct letter *letter, struct outcome *outcome)
{
    const struct outside_request request = {.url = s->row->webhook->url,
                                            .headers = letter->headers,
                                            .body = letter->body.bytes,
                                            .len = letter->body.len};
    struct http_reply reply;
    struct err failure;
    int64_t begun_ms = clock_mono_ms();
    bool answered = outside_post(s->courier->outside, &request, &reply, &failure);
    s->courier->took_ms = clock_mono_ms() - begun_ms;
    if (!answered) {
        outcome->untried = err_is(&failure, SERVICE_BUSY);
        snprintf(outcome->fault, sizeof outcome->fault, "%s", failure.message);
        return;
    }
    judge_reply(&reply, outcome);
    http_reply_finish(&reply);
}

// To a channel of Discord. What says nothing there is taken.
static bool deliver_notice(const struct step *s, const Events__TopicEntry *entry,
                           const Push__Published *published, struct outcome *outcome, struct err *err)
{
    struct letter letter = {.headers = {"Content-Type: application/json"}};
    buf_init(&letter.body, LETTER_MOST);
    bool ok = notice_write(&letter.body, s->events, entry, published, s->arena, err);
    outcome->taken = !letter.body.len;
    if (ok && letter.body.len) send_letter(s, &letter, outcome);
    letter_finish(&letter);
    return ok;
}

// False when it could not be made; a receiver's refusal is an outcome.
static bool deliver_entry(const struct step *s, uint64_t index, const Push__Published *published,
                          struct outcome *outcome, struct err *err)
{
    AUTO_KEY struct key key;
    struct letter letter;
    *outcome = (struct outcome){.taken = false};
    Events__TopicEntry *entry = letter_entry(s->events, s->row, index, published, s->arena, err);
    if (!entry) return false;
    if (*s->row->group_id) return deliver_notice(s, entry, published, outcome, err);
    keyring_in_use(s->events->keys, WEBHOOK_KEY, &key);
    if (!letter_make(&letter, entry, s->row->id, &key, s->now_ms, err)) return false;
    send_letter(s, &letter, outcome);
    letter_finish(&letter);
    return true;
}

static bool read_published(const struct step *s, uint64_t index, Push__Published **published, uint64_t *found,
                           struct err *err)
{
    struct store_entries page;
    struct stream_name stream = topic_stream(s->row->id);
    *published = NULL;
    if (!store_read(s->events->store, stream.text, index, 1, s->arena, &page, err)) return false;
    if (!page.count) return true;
    *found = page.first_seq; // later than asked when what lies between was trimmed
    *published = push__published__unpack(&s->arena->allocator, page.entries[0].len, page.entries[0].data);
    return *published || err_fail(err, INTERNAL_ERROR, "no memory for a topic");
}

// ---- In order

static bool save_place(struct step *s, uint64_t after, struct err *err)
{
    s->place.topic_id = s->row->id;
    const struct store_write write = {.after = after};
    return store_wait(s->events->store,
                      store_put(s->events->store, deliveries, &s->place.base, s->version, &write), err);
}

static bool load_place(struct step *s, struct err *err)
{
    Push__DeliveryRow *row;
    if (!store_get(s->events->store, deliveries, s->row->id, s->arena, (ProtobufCMessage **)&row, &s->version,
                   err))
        return false;
    if (row)
        s->place = *row;
    else
        s->version = 0, s->place = (Push__DeliveryRow)PUSH__DELIVERY_ROW__INIT;
    return true;
}

static void pass_entry(struct step *s, uint64_t index)
{
    s->place = (Push__DeliveryRow)PUSH__DELIVERY_ROW__INIT;
    s->place.index = index;
}

static uint64_t bury_entry(const struct step *s, uint64_t index, const Push__Published *published)
{
    char id[UUID_LEN + 24];
    Push__DeadRow dead = PUSH__DEAD_ROW__INIT;
    dead_row_id(id, sizeof id, s->row->id, index);
    dead.id = id;
    dead.index = index;
    dead.stream = published->stream;
    dead.seq = published->seq;
    dead.died_ms = s->now_ms;
    dead.failures = s->place.failures;
    dead.status = s->place.status;
    dead.fault = s->place.fault;
    // Made anew when its place was not stored the last time.
    return store_put_made(s->events->store, dead_letters, &dead.base, 1, &(struct store_write){0});
}

static bool count_dead(const struct step *s, size_t *count, struct err *err)
{
    char from[UUID_LEN + 24], to[UUID_LEN + 24];
    dead_row_id(from, sizeof from, s->row->id, 0);
    dead_row_id(to, sizeof to, s->row->id, UINT64_MAX);
    const struct store_value first = {.text = from}, last = {.text = to};
    const struct store_query query = {.from = &first, .to = &last, .limit = DEAD_MOST, .page_token = ""};
    struct store_rows rows;
    if (!store_find(s->events->store, dead_letters, &query, s->arena, &rows, err)) return false;
    *count = rows.count;
    return true;
}

// A list that is full keeps its topic waiting, so that nothing is lost.
static bool take_failure(struct step *s, uint64_t index, const Push__Published *published,
                         const struct outcome *outcome, int64_t *again_ms, struct err *err)
{
    size_t dead = 0;
    if (!s->place.first_ms) s->place.first_ms = s->now_ms;
    s->place.failures++;
    s->place.status = outcome->status;
    s->place.fault = keep_fault(s, outcome);
    s->place.next_ms = *again_ms = next_try_ms(s, s->place.failures, outcome);
    bool over = is_given_up(s, s->place.first_ms);
    if (over && !count_dead(s, &dead, err)) return false;
    if (!over || dead >= DEAD_MOST) return save_place(s, 0, err);
    uint64_t ticket = bury_entry(s, index, published);
    log_info("a webhook's entry was given up", F_STR("topic", s->row->name), F_INT("index", index));
    pass_entry(s, index);
    *again_ms = s->now_ms;
    return save_place(s, ticket, err);
}

// What is not wanted is passed over, so many at a time.
static bool step_in_order(struct step *s, int64_t *again_ms, struct err *err)
{
    struct outcome outcome;
    Push__Published *published;
    uint64_t index;
    *again_ms = s->place.next_ms;
    if (s->now_ms < s->place.next_ms) return true;
    for (int left_out = 0;; left_out++) {
        *again_ms = left_out < LEFT_OUT_MOST ? INT64_MAX : s->now_ms;
        if (!read_published(s, s->place.index + 1, &published, &index, err)) return false;
        bool last = !published || left_out == LEFT_OUT_MOST;
        if (last) return !left_out || save_place(s, 0, err);
        if (is_wanted(s->row, published->kind)) break;
        pass_entry(s, index);
    }
    if (!deliver_entry(s, index, published, &outcome, err)) return false;
    if (outcome.untried) return *again_ms = s->now_ms + BUSY_MS, true;
    if (!outcome.taken) return take_failure(s, index, published, &outcome, again_ms, err);
    pass_entry(s, index);
    *again_ms = s->now_ms;
    return save_place(s, 0, err);
}

// ---- Once more

static bool find_wanted_dead(const struct step *s, Push__DeadRow **row, uint64_t *version, int64_t *again_ms,
                             struct err *err)
{
    char from[UUID_LEN + 24], to[UUID_LEN + 24];
    dead_row_id(from, sizeof from, s->row->id, 0);
    dead_row_id(to, sizeof to, s->row->id, UINT64_MAX);
    const struct store_value first = {.text = from}, last = {.text = to};
    const struct store_query query = {.from = &first, .to = &last, .limit = DEAD_MOST, .page_token = ""};
    struct store_rows rows;
    *row = NULL;
    if (!store_find(s->events->store, dead_letters, &query, s->arena, &rows, err)) return false;
    for (size_t i = 0; i < rows.count && !*row; i++) {
        Push__DeadRow *dead = (Push__DeadRow *)rows.messages[i];
        if (!dead || !dead->again) continue;
        if (dead->next_ms <= s->now_ms)
            *row = dead, *version = rows.versions[i];
        else if (dead->next_ms < *again_ms)
            *again_ms = dead->next_ms;
    }
    return true;
}

static uint64_t settle_dead(const struct step *s, Push__DeadRow *dead, uint64_t version,
                            const struct outcome *outcome)
{
    struct store *store = s->events->store;
    if (outcome->taken) return store_delete(store, dead_letters, dead->id, version, &(struct store_write){0});
    if (!dead->first_ms) dead->first_ms = s->now_ms;
    dead->failures++;
    dead->status = outcome->status;
    dead->fault = keep_fault(s, outcome);
    dead->next_ms = next_try_ms(s, dead->failures, outcome);
    if (is_given_up(s, dead->first_ms)) dead->again = false, dead->first_ms = 0, dead->died_ms = s->now_ms;
    return store_put(store, dead_letters, &dead->base, version, &(struct store_write){0});
}

// *did: something was sent.
static bool step_dead(struct step *s, bool *did, int64_t *again_ms, struct err *err)
{
    struct outcome outcome;
    Push__DeadRow *dead;
    Push__Published published = PUSH__PUBLISHED__INIT;
    uint64_t version;
    *did = false;
    if (!find_wanted_dead(s, &dead, &version, again_ms, err)) return false;
    if (!dead) return true;
    *did = true;
    published.stream = dead->stream;
    published.seq = dead->seq;
    if (!deliver_entry(s, dead->index, &published, &outcome, err)) return false;
    *again_ms = s->now_ms + (outcome.untried ? BUSY_MS : 0);
    return outcome.untried || store_wait(s->events->store, settle_dead(s, dead, version, &outcome), err);
}

// ---- A step

bool courier_step(struct courier *courier, const char *name, int64_t now_ms, int64_t *again_ms,
                  struct err *err)
{
    struct step s = {
        .courier = courier, .events = courier->events, .arena = courier->arena, .now_ms = now_ms};
    Push__TopicRow *row;
    uint64_t version;
    bool may, did;
    int64_t dead_ms = INT64_MAX;
    *again_ms = INT64_MAX;
    courier->idle = true;
    courier->took_ms = 0;
    if (!topic_find(courier->events, name, courier->arena, &row, &version, err)) return false;
    if (!row || !row->webhook) return true;
    s.row = row;
    // Before each delivery, of the event that is next.
    if (!topic_may_now(s.events, row, now_ms, s.arena, &may, err)) return false;
    if (!may) return true;
    courier->idle = false;
    if (!load_place(&s, err) || !step_dead(&s, &did, &dead_ms, err)) return false;
    if (did) return *again_ms = dead_ms, true;
    if (!step_in_order(&s, again_ms, err)) return false;
    if (dead_ms < *again_ms) *again_ms = dead_ms;
    return true;
}
