#include "services/ai/discord/catchup.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/ai/discord/channel.h"
#include "services/ai/discord/links.h"
#include "services/ai/llm/teller.h"
#include "services/ai/summaries/willing.h"

#define INTENT_URL "<https://support-dev.discord.com/hc/en-us/articles/4404772028055>"

enum {
    HOUR_MS = 3600 * 1000,
    DAY_MS = 24 * HOUR_MS,
    TEXT_BYTES = 1024,
    SPARE_MS = 30000,
    LINK_ARENA = 16 << 10,
    UNAUTHORIZED = 401,
    FORBIDDEN = 403,
    ABSENT = 404
};

// One that is being made.
struct catchup {
    struct work *work;
    struct window window;
    struct window willing; // what of it a language model may read
    struct bullets bullets;
    struct channel_told told;
    Ai__Summary__Because because;
    long refused; // the status with which Discord did
};

static void say_text(struct catchup *catchup, struct said *said, const char *text)
{
    *said = (struct said){.count = 1, .messages = {arena_str(catchup->work->arena, text)}};
}

// ---- Reading

static bool ask_page(void *arg, const char *channel_id, const char *before, struct buf *json, struct err *err)
{
    struct catchup *catchup = arg;
    const struct api_request request = {.route = API_MESSAGES,
                                        .channel_id = channel_id,
                                        .before = before,
                                        .until_ms = catchup->work->until_ms - SPARE_MS};
    struct api_reply reply;
    bool unknown;
    if (!api_do(catchup->work->api, &request, &reply, &unknown, err)) return false;
    catchup->refused = reply.status == 200 ? 0 : reply.status;
    buf_append(json, reply.body.bytes, reply.body.len);
    api_reply_finish(&reply);
    return !catchup->refused || err_fail(err, SERVICE_AWAY, "Discord answered %ld", catchup->refused);
}

static void say_failure(struct catchup *catchup, struct said *said, const struct err *err)
{
    char text[TEXT_BYTES];
    const Discord__JobRow *row = catchup->work->row;
    log_err(LOG_WARN, "ai.discord", err);
    if (catchup->refused == FORBIDDEN || catchup->refused == ABSENT)
        snprintf(text, sizeof text,
                 "I may not read that channel. Give me *View Channel* and *Read Message "
                 "History* there, and try again.");
    else if (catchup->refused == UNAUTHORIZED)
        snprintf(text, sizeof text,
                 "Discord refuses my token, so I can read no messages. Who runs me has to renew it.");
    else if (err_is(err, REPLY_TOO_LARGE))
        snprintf(text, sizeof text, "The messages of that channel are too long for me.");
    else
        snprintf(text, sizeof text,
                 "The messages could not be read: Discord did not give them in time. Try again "
                 "in a few minutes. (%s)",
                 row->id);
    say_text(catchup, said, text);
}

// ---- Summing up

// Who has linked no account has said nothing.
static bool lets_read(void *arg, const char *discord_id, bool *may, struct err *err)
{
    const struct ai *ai = arg;
    struct uuid user_id;
    struct arena arena;
    arena_init(&arena, LINK_ARENA);
    bool known = link_of(ai->store, discord_id, &user_id, &arena, err);
    arena_finish(&arena);
    *may = true;
    return known && (!user_id.text[0] || willing_account(ai->names, user_id.text, may, err));
}

static Ai__Summary__Because ask_model(struct catchup *catchup, const struct budget *budget)
{
    const struct work *work = catchup->work;
    const int64_t until_ms = clock_mono_ms() + budget->settings->timeout_ms;
    const int64_t most_ms = work->until_ms - SPARE_MS;
    struct err err = {0};
    if (!*budget->settings->url) return AI__SUMMARY__BECAUSE__NO_MODEL;
    if (!window_pick(&catchup->window, lets_read, work->ai, &catchup->willing, &err))
        return willing_why_not(&err);
    if (!catchup->willing.count) return AI__SUMMARY__BECAUSE__KEPT_BACK;
    return teller_bullets(budget, until_ms < most_ms ? until_ms : most_ms, &catchup->willing,
                          &catchup->bullets);
}

static void sum_up(struct catchup *catchup)
{
    const struct work *work = catchup->work;
    struct llm_settings settings = work->ai->settings.llm;
    char who[64];
    snprintf(who, sizeof who, "discord.%s", work->row->guild_id);
    settings.user_tokens = work->ai->settings.discord.guild_tokens;
    const struct budget budget = {work->ai->store, &settings, who, clock_unix_ms() / DAY_MS};
    catchup->because = ask_model(catchup, &budget);
}

static const char *why_extractive(Ai__Summary__Because because)
{
    switch (because) {
    case AI__SUMMARY__BECAUSE__BUDGET_SPENT:
        return "; this server's share of the language model is spent for today";
    case AI__SUMMARY__BECAUSE__MODEL_FAILED:
        return "; the language model did not answer";
    case AI__SUMMARY__BECAUSE__TOO_LONG:
        return "; it is too much for the language model";
    case AI__SUMMARY__BECAUSE__KEPT_BACK:
        return "; nobody here lets a language model read theirs";
    case AI__SUMMARY__BECAUSE__WISHES_UNKNOWN:
        return "; nobody knows just now who lets a language model read theirs";
    default:
        return "";
    }
}

static void write_note(const struct catchup *catchup, char note[TEXT_BYTES])
{
    const struct window *window = &catchup->window;
    size_t at = (size_t)snprintf(note, TEXT_BYTES, "-# %zu messages since <t:%lld:R>, ", window->count,
                                 (long long)(window->messages[0].time_ms / 1000));
    if (catchup->because)
        at += (size_t)snprintf(note + at, TEXT_BYTES - at, "in sentences as they were said%s",
                               why_extractive(catchup->because));
    else
        at += (size_t)snprintf(note + at, TEXT_BYTES - at, "by a language model, which may be wrong");
    const size_t kept_back = catchup->because ? 0 : window->count - catchup->willing.count;
    if (kept_back)
        at +=
            (size_t)snprintf(note + at, TEXT_BYTES - at,
                             ". %zu are left out, of people who want none of theirs read by one", kept_back);
    if (window->older)
        snprintf(note + at, TEXT_BYTES - at, ". Summed up are the newest %zu of these hours", window->count);
    if (catchup->told.cut) snprintf(note + at, TEXT_BYTES - at, ". Older ones could not be read");
}

static void say_summary(struct catchup *catchup, struct said *said)
{
    char head[TEXT_BYTES], note[TEXT_BYTES];
    struct work *work = catchup->work;
    const struct said_summary summary = {.window = catchup->because ? &catchup->window : &catchup->willing,
                                         .bullets = &catchup->bullets,
                                         .guild_id = work->row->guild_id,
                                         .channel_id = work->row->channel_id,
                                         .head = head,
                                         .note = note};
    snprintf(head, sizeof head, "**What was said in <#%s> in the past %d hour%s**", work->row->channel_id,
             work->row->hours, work->row->hours == 1 ? "" : "s");
    write_note(catchup, note);
    said_summary(&summary, work->arena, said);
    work->row->summary = true;
}

static void say_what_there_is(struct catchup *catchup, struct said *said)
{
    char text[TEXT_BYTES];
    struct err err = {0};
    if (!catchup->window.count && catchup->told.people) {
        return say_text(catchup, said,
                        "I see messages here but not what they say: the *message content intent* of "
                        "this app is off. Who runs it can turn it on: " INTENT_URL);
    }
    if (!catchup->window.count) {
        snprintf(text, sizeof text, "Nothing to catch up in the past %d hours.", catchup->work->row->hours);
        return say_text(catchup, said, text);
    }
    sum_up(catchup);
    if (catchup->because && !extract_bullets(&catchup->window, &catchup->bullets, &err))
        return say_failure(catchup, said, &err);
    say_summary(catchup, said);
}

void catchup_say(struct work *work, struct said *said)
{
    struct catchup catchup = {.work = work};
    struct err err = {0};
    const struct channel_source source = {ask_page, &catchup};
    window_open(&catchup.window);
    if (channel_read(&catchup.window, &source, work->row->channel_id, work->row->id,
                     snowflake_ms(work->row->id) - work->row->hours * (int64_t)HOUR_MS, &catchup.told, &err))
        say_what_there_is(&catchup, said);
    else
        say_failure(&catchup, said, &err);
    window_close(&catchup.window);
}
