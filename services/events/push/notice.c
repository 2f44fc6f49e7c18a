#include "services/events/push/notice.h"

#include <inttypes.h>
#include <string.h>

#include "game.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "lib/json/json.h"
#include "lib/net/outside_url.h"
#include "lib/text/markdown.h"
#include "services/events/push/public_log.h"
#include "services/events/streams.h"
#include "services/events/tables.h"

enum { TEXT_BYTES = 4096, PAGE = 100 };

static const struct {
    Events__DiscordNotice__Value notice;
    const char *kind;
} kinds_of[] = {
    {EVENTS__DISCORD_NOTICE__VALUE__OPENED, "OPENED"},
    {EVENTS__DISCORD_NOTICE__VALUE__FULL, "RESERVED"},
    {EVENTS__DISCORD_NOTICE__VALUE__FULL, "SEAT_PAID"},
    {EVENTS__DISCORD_NOTICE__VALUE__STARTS_SOON, "REMINDED"},
    {EVENTS__DISCORD_NOTICE__VALUE__PHASE, "PHASE_OPENED"},
    {EVENTS__DISCORD_NOTICE__VALUE__DONE, "FINISHED"},
    {EVENTS__DISCORD_NOTICE__VALUE__DONE, "CANCELLED"},
    {EVENTS__DISCORD_NOTICE__VALUE__DONE, "EXPIRED"},
};

static bool is_in(const Events__DiscordNotice__Value *filter, size_t count,
                  Events__DiscordNotice__Value notice)
{
    for (size_t i = 0; i < count; i++)
        if (filter[i] == notice) return true;
    return !count;
}

size_t notice_kinds(const Events__DiscordNotice__Value *filter, size_t count, const char *kinds[NOTICE_KINDS])
{
    size_t found = 0;
    for (size_t i = 0; i < sizeof kinds_of / sizeof *kinds_of; i++)
        if (is_in(filter, count, kinds_of[i].notice)) kinds[found++] = kinds_of[i].kind;
    return found;
}

bool notice_takes(const char *url, bool loopback)
{
    static const char *const begins[] = {
        "https://discord.com/api/webhooks/", "https://ptb.discord.com/api/webhooks/",
        "https://canary.discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"};
    struct outside_url parsed;
    if (outside_url_parse(&parsed, url, loopback)) return false;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(url, begins[i], strlen(begins[i])) == 0) return true;
    return loopback && parsed.literal;
}

// ---- What it says

// One entry, and its event as it is by now.
struct notice {
    struct events *events;
    const Events__Event *event;
    const Game__Entry *said;
    const Push__Published *published;
    const char *event_id;
    struct arena *arena;
};

// The last seat's, and no earlier one's: nobody took one after it, and none is free.
static bool is_last_seat(const struct notice *notice, bool *is, struct err *err)
{
    struct public_query query = {notice->event_id, notice->published->seq + 1, PAGE, 0};
    struct public_page page;
    *is = notice->event->seats_taken >= notice->event->max_players;
    for (; *is; query.from = page.notices[page.count - 1]->seq + 1) {
        if (!public_read(notice->events, &query, notice->arena, &page, err)) return false;
        if (!page.count) return true;
        for (size_t i = 0; i < page.count; i++)
            if (strcmp(page.notices[i]->kind, "RESERVED") == 0 ||
                strcmp(page.notices[i]->kind, "SEAT_PAID") == 0)
                *is = false;
    }
    return true;
}

static const char *phase_of(const Game__PhaseOpened *opened)
{
    switch (opened->kind) {
    case EVENTS__PHASE__KIND__NIGHT:
        return "night";
    case EVENTS__PHASE__KIND__MID_DAY:
        return "the vote of day";
    default:
        return "day";
    }
}

static bool say_entry(const struct notice *notice, struct buf *text, struct err *err)
{
    const Events__Event *event = notice->event;
    int64_t starts_s = event->starts_at ? stamp_ms(event->starts_at->utc) / 1000 : 0;
    bool full = false;
    buf_str(text, "**");
    markdown_plain(text, event->title);
    buf_str(text, "**");
    switch (notice->said->body_case) {
    case GAME__ENTRY__BODY_OPENED:
        buf_printf(text, " is open: %d seats, <t:%" PRId64 ":F>", event->max_players, starts_s);
        return true;
    case GAME__ENTRY__BODY_RESERVED:
    case GAME__ENTRY__BODY_SEAT_PAID:
        if (!is_last_seat(notice, &full, err)) return false;
        if (full)
            return buf_printf(text, " is full: %d of %d seats are taken", event->seats_taken,
                              event->max_players),
                   true;
        break;
    case GAME__ENTRY__BODY_REMINDED:
        buf_printf(text, " starts <t:%" PRId64 ":R>", starts_s);
        return true;
    case GAME__ENTRY__BODY_PHASE_OPENED:
        buf_printf(text, ": %s %d begins", phase_of(notice->said->phase_opened),
                   notice->said->phase_opened->day);
        return true;
    case GAME__ENTRY__BODY_FINISHED:
        return buf_str(text, " is over"), true;
    case GAME__ENTRY__BODY_CANCELLED:
        return buf_str(text, " was cancelled"), true;
    case GAME__ENTRY__BODY_EXPIRED:
        return buf_str(text, " did not take place"), true;
    default:
        break;
    }
    buf_reset(text);
    return true;
}

static bool find_event(struct notice *notice, struct err *err)
{
    Game__EventRow *row;
    uint64_t version;
    notice->event_id = arena_strn(notice->arena, notice->published->stream + strlen(EVENTS_PREFIX), UUID_LEN);
    if (!notice->event_id) return err_fail(err, INTERNAL_ERROR, "no memory for a notice");
    if (!store_get(notice->events->store, &events_tables[EVENTS_EVENTS], notice->event_id, notice->arena,
                   (ProtobufCMessage **)&row, &version, err))
        return false;
    notice->event = row ? row->summary : NULL;
    return true;
}

bool notice_write(struct buf *body, struct events *events, const Events__TopicEntry *entry,
                  const Push__Published *published, struct arena *arena, struct err *err)
{
    struct notice notice = {.events = events, .published = published, .arena = arena};
    struct buf text;
    if (!find_event(&notice, err)) return false;
    const ProtobufCBinaryData *bytes = entry->entry ? &entry->entry->payload : NULL;
    if (bytes) notice.said = game__entry__unpack(&arena->allocator, bytes->len, bytes->data);
    if (!notice.event || !notice.said) return true;
    buf_init(&text, TEXT_BYTES);
    bool ok = say_entry(&notice, &text, err);
    if (ok && text.len) {
        buf_str(body, "{\"allowed_mentions\":{\"parse\":[]},\"content\":");
        json_write_text(body, text.bytes);
        buf_char(body, '}');
    }
    buf_finish(&text);
    return ok;
}
