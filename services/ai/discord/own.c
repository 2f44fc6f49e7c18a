#include "services/ai/discord/own.h"

#include <stdio.h>
#include <string.h>

#include "ai.pb-c.h"
#include "lib/base/clock.h"
#include "lib/names/names.h"
#include "lib/text/markdown.h"
#include "services/ai/discord/glance.h"
#include "services/ai/discord/links.h"

enum { TEXT_BYTES = 4096 };

// ---- /link

static void say_code(struct work *work, struct buf *text)
{
    char code[LINK_CODE];
    struct err err = {0};
    if (link_offer(work->ai->store, work->row->user_id, clock_unix_ms(), code, &err))
        buf_printf(
            text,
            "Your code is **%s**. Log in to your account and give it there within ten minutes. Tell it "
            "nobody: who gives it links their account to you.",
            code);
    else
        buf_str(text, "There is no code to be had just now; try again in a minute.");
}

// ---- Asking as they

// As whom the linked account may ask now. False: as nobody.
static bool find_asker(struct work *work, Rpc__Caller *caller, struct name_told *told)
{
    struct uuid user_id;
    struct err err = {0};
    rpc__caller__init(caller);
    if (!link_of(work->ai->store, work->row->user_id, &user_id, work->arena, &err) || !user_id.text[0] ||
        !names_get(work->ai->names, user_id.text, told) || told->suspended_until_ms > clock_unix_ms())
        return false;
    caller->user_id = told->user_id.text;
    caller->username = told->username;
    caller->level = told->level;
    return true;
}

static const ProtobufCMessage *ask_here(struct work *work, const Rpc__Caller *caller, const char *method,
                                        const ProtobufCMessage *request, struct err *err)
{
    struct rpc_call call = {.arena = work->arena,
                            .service = work->ai,
                            .asker = CONSE__ASKER__VALUE__GATEWAY,
                            .caller = caller,
                            .now_ms = clock_unix_ms()};
    *err = (struct err){0};
    return rpc_run_here(&call, work->methods, method, request, err);
}

// ---- /tips

static const Ai__TipsReply *ask_tips(struct work *work, const Rpc__Caller *caller, const char *event_id,
                                     struct err *err)
{
    Ai__TipsRequest request = AI__TIPS_REQUEST__INIT;
    request.event_id = event_id;
    return (const Ai__TipsReply *)ask_here(work, caller, "ai.GetTips", &request.base, err);
}

static void say_tips(struct work *work, struct buf *text)
{
    const Events__Event *event = NULL;
    const Ai__TipsReply *tips = NULL;
    struct name_told told;
    Rpc__Caller caller;
    struct err err = {0};
    if (!find_asker(work, &caller, &told)) return buf_str(text, "Link your account first: `/link`.");
    if (glance_event(work, &event, &err) && event) tips = ask_tips(work, &caller, event->id, &err);
    if (!tips && (err_is(&err, EVENT_NOT_REVEALED) || err_is(&err, NOT_FOUND)))
        return buf_str(text, "There is no such event, or you were told no role in it yet.");
    if (!tips) return buf_str(text, "Tips can't be made just now; try again in a minute.");
    for (size_t i = 0; i < tips->n_tips; i++) {
        buf_str(text, i ? "\n- " : "- ");
        markdown_plain(text, tips->tips[i]->text);
    }
    if (tips->turned_off)
        buf_str(text, "You have turned tips off.");
    else if (!tips->n_tips)
        buf_str(text, "There are no tips for that role yet.");
}

// ---- /stats

void own_rating(struct work *work, struct buf *text)
{
    Ai__GetRatingRequest request = AI__GET_RATING_REQUEST__INIT;
    struct name_told told;
    Rpc__Caller caller;
    struct err err;
    if (!find_asker(work, &caller, &told)) return;
    if (told.opted_out & NAMES_NO_RATING) return buf_str(text, "Your rating: shown to nobody\n");
    request.user_id = caller.user_id;
    const Ai__GetRatingReply *reply =
        (const Ai__GetRatingReply *)ask_here(work, &caller, "ai.GetRating", &request.base, &err);
    if (!reply) return buf_str(text, "Your rating: not known just now\n");
    buf_printf(text, "Your rating: %.2f", reply->rating->rating);
    if (reply->rating->place)
        buf_printf(text, ", place %u of %u", reply->rating->place, reply->rating->ranked);
    buf_str(text, reply->rating->provisional ? ", provisional\n" : "\n");
}

// ----

void own_say(struct work *work, struct said *said)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    (work->row->kind == DISCORD__JOB_ROW__KIND__LINK ? say_code : say_tips)(work, &text);
    *said = (struct said){.count = 1, .messages = {arena_str(work->arena, text.bytes)}};
    buf_finish(&text);
}
