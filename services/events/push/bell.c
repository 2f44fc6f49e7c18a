// Telling browsers. A browser's row says how far it was told, and is written behind the telling: who is
// killed in between tells once more, which replaces what the push service still has.
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/events/push/browsers.h"
#include "services/events/push/courier.h"
#include "services/events/push/nights.h"
#include "services/events/push/sealing.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/topics/told.h"

enum { NIGHT_LOOK_MS = 1000, BUSY_MS = 1000, MOST_READ = 200, NEWS = 64 };

static const struct store_table *const browsers = &events_tables[EVENTS_BROWSERS];

// One user's bell.
struct ringing {
    struct bell *bell;
    struct events *events;
    const char *user_id;
    int64_t now_ms;
    uint64_t head, seen;
    const Push__PreferencesRow *preferences; // or NULL
    struct nights_asker nights;
    bool told;     // one was, or has to wait for its turn
    uint64_t loud; // number of the newest entry of which a browser is told; 0: none
};

// ---- What there is to tell

static bool is_among(const int32_t *list, size_t count, int32_t about)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == about) return true;
    return false;
}

static bool is_wanted(const Push__PreferencesRow *wish, const Events__MeEntry *entry)
{
    if (!wish) return true;
    int32_t about = (int32_t)told_about(entry->kind);
    return !is_among(wish->quiet, wish->n_quiet, about) && !is_among(wish->no_push, wish->n_no_push, about);
}

// Of what was told in a night nobody is told by a push, not even when it is over: whose phone lights up at
// dawn was told something.
static bool judge_entry(struct ringing *r, const ProtobufCBinaryData *bytes, bool *loud, struct err *err)
{
    const Events__MeEntry *entry = told_entry(bytes, r->bell->arena);
    bool at_night = false;
    *loud = !entry || is_wanted(r->preferences, entry);
    if (*loud && entry && !nights_told_in(&r->nights, entry, &at_night, err)) return false;
    *loud &= !at_night;
    return true;
}

// Of what was not seen, the newest alone is looked for: browsers hear of all at once.
static bool find_loud(struct ringing *r, struct err *err)
{
    struct store_entries page;
    struct stream_name stream = users_stream(r->user_id);
    uint64_t from = r->head > MOST_READ ? r->head - MOST_READ + 1 : 1;
    if (from <= r->seen) from = r->seen + 1;
    r->loud = 0;
    if (from > r->head) return true;
    if (!store_read(r->events->store, stream.text, from, MOST_READ, r->bell->arena, &page, err)) return false;
    for (size_t i = page.count; i > 0 && !r->loud; i--) {
        bool loud;
        if (!judge_entry(r, &page.entries[i - 1], &loud, err)) return false;
        if (loud) r->loud = page.first_seq + i - 1;
    }
    return true;
}

static bool load_wishes(struct ringing *r, struct err *err)
{
    ProtobufCMessage *seen, *preferences;
    uint64_t version;
    struct store *store = r->events->store;
    if (!store_head(store, users_stream(r->user_id).text, &r->head, err) ||
        !store_get(store, &events_tables[EVENTS_SEEN], r->user_id, r->bell->arena, &seen, &version, err) ||
        !store_get(store, &events_tables[EVENTS_PREFERENCES], r->user_id, r->bell->arena, &preferences,
                   &version, err))
        return false;
    r->seen = seen ? ((const Push__SeenRow *)seen)->seq : 0;
    r->preferences = (const Push__PreferencesRow *)preferences;
    return find_loud(r, err);
}

// ---- One browser

// What is pushed says that there is news, and how much: nothing of a game.
static bool tell_browser(struct ringing *r, const Push__BrowserRow *row, struct http_reply *reply,
                         struct err *err)
{
    struct sealing_to to;
    uint8_t sealed[SEALED];
    char news[NEWS], authorization[VAPID_TOKEN];
    const char *const headers[] = {authorization,
                                   "Content-Encoding: aes128gcm",
                                   "Content-Type: application/octet-stream",
                                   "TTL: 86400",
                                   "Urgency: normal",
                                   "Topic: news",
                                   NULL};
    const struct outside_request request = {
        .url = row->endpoint, .headers = headers, .body = sealed, .len = sizeof sealed};
    uint64_t unread = r->head > r->seen ? r->head - r->seen : 0;
    memcpy(to.point, row->point.data, sizeof to.point);
    memcpy(to.auth, row->auth.data, sizeof to.auth);
    int len = snprintf(news, sizeof news, "{\"news\":%llu}", (unsigned long long)unread);
    if (!sealing_close(&to, news, (size_t)len, sealed, err) ||
        !vapid_authorize(r->events->vapid, row->endpoint, r->events->settings.public_url, r->now_ms,
                         authorization, err))
        return false;
    int64_t begun_ms = clock_mono_ms();
    bool answered = outside_post(r->bell->outside, &request, reply, err);
    r->bell->took_ms = clock_mono_ms() - begun_ms;
    return answered;
}

static void note_failure(struct ringing *r, Push__BrowserRow *row, int64_t retry_after_ms)
{
    int64_t pause_ms = courier_pause_ms(r->events->settings.push_retry_ms, ++row->failures);
    if (!row->first_ms) row->first_ms = r->now_ms;
    row->next_ms = r->now_ms + (pause_ms > retry_after_ms ? pause_ms : retry_after_ms);
}

// *gone: the push service knows the browser no more, or a day's tries failed. False: it could not be tried.
static bool tell_and_judge(struct ringing *r, Push__BrowserRow *row, bool *gone)
{
    struct http_reply reply;
    struct err failure = {0};
    bool answered = tell_browser(r, row, &reply, &failure);
    if (!answered && err_is(&failure, SERVICE_BUSY)) return false;
    long status = answered ? reply.status : 0;
    int64_t retry_after_ms = answered && reply.retry_after_s > 0 ? reply.retry_after_s * 1000 : 0;
    if (answered) http_reply_finish(&reply);
    *gone = status == 404 || status == 410;
    if (*gone) return true;
    if (status >= 200 && status < 300) {
        row->seq = r->head;
        row->first_ms = row->next_ms = row->failures = 0;
        return true;
    }
    note_failure(r, row, retry_after_ms);
    *gone = r->now_ms - row->first_ms >= r->events->settings.push_give_up_ms;
    return true;
}

static bool save_browser(struct ringing *r, const Push__BrowserRow *row, uint64_t version, bool gone,
                         struct err *err)
{
    struct store *store = r->events->store;
    const struct store_write write = {0};
    uint64_t ticket = gone ? store_delete(store, browsers, row->id, version, &write)
                           : store_put(store, browsers, &row->base, version, &write);
    return store_wait(store, ticket, err) || err_is(err, CONFLICT); // it was registered anew, or removed
}

static void come_again(int64_t *again_ms, int64_t at_ms)
{
    if (at_ms < *again_ms) *again_ms = at_ms;
}

// One in a turn: the others have theirs after other people's.
static bool may_be_told(struct ringing *r, const Push__BrowserRow *row)
{
    const struct bell *bell = r->bell;
    bool may = !bell->enter || bell->enter(bell->arg, row->endpoint);
    r->told = !may;
    return may;
}

static bool ring_browser(struct ringing *r, Push__BrowserRow *row, uint64_t version, int64_t *again_ms,
                         struct err *err)
{
    bool gone = false, asleep;
    bool whole = row->point.len == P256_PUBLIC && row->auth.len == SEALING_AUTH;
    if (r->loud <= row->seq || !whole) return true;
    if (row->next_ms > r->now_ms) return come_again(again_ms, row->next_ms), true;
    if (r->told) return come_again(again_ms, r->now_ms), true;
    // The last look before it may light up.
    if (!nights_now(r->events, r->user_id, &asleep, err)) return false;
    if (asleep) return come_again(again_ms, r->now_ms + NIGHT_LOOK_MS), true;
    if (!may_be_told(r, row)) return come_again(again_ms, r->now_ms), true;
    r->told = tell_and_judge(r, row, &gone);
    if (!r->told) return come_again(again_ms, r->now_ms + BUSY_MS), true;
    if (!gone && row->next_ms) come_again(again_ms, row->next_ms);
    return save_browser(r, row, version, gone, err);
}

bool bell_ring(struct bell *bell, const char *user_id, int64_t now_ms, int64_t *again_ms, struct err *err)
{
    struct ringing r = {.bell = bell, .events = bell->events, .user_id = user_id, .now_ms = now_ms};
    struct browser_rows found;
    r.nights = (struct nights_asker){bell->events, user_id, bell->arena, NULL};
    *again_ms = INT64_MAX;
    if (!browsers_of(bell->events, user_id, bell->arena, &found, err)) return false;
    if (!found.count) return true;
    if (!load_wishes(&r, err)) return false;
    for (size_t i = 0; i < found.count && r.loud; i++)
        if (found.rows[i] && !ring_browser(&r, found.rows[i], found.versions[i], again_ms, err)) return false;
    return true;
}
