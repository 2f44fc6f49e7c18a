// Interactions of Discord, as they come.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "services/ai/discord/commands.h"
#include "services/ai/discord/jobs.h"
#include "services/ai/discord/links.h"
#include "services/ai/discord/signature.h"
#include "services/ai/handlers/handlers.h"

enum { ANSWER_BYTES = 16 << 10 };

static bool check_signature(const struct rpc_call *call, const Ai__InteractRequest *request, struct err *err)
{
    const struct ai *ai = call->service;
    const struct signed_request signed_by = {request->signature, request->timestamp,
                                             request->interaction.data, request->interaction.len};
    uint8_t key[SIGNATURE_KEY];
    if (!discord_is_set_up(&ai->settings.discord))
        return err_fail(err, SENDER_UNPROVEN, "there is no application of Discord here");
    return (hex_decode(key, sizeof key, ai->settings.discord.public_key) &&
            signature_is_good(&signed_by, key, call->now_ms)) ||
           err_fail(err, SENDER_UNPROVEN, "this is not signed by Discord, or at another time");
}

// ---- A command

// Between two of them there is a pause.
static bool is_too_soon(const struct rpc_call *call, const struct interaction *interaction,
                        Discord__JobRow__Kind kind, char text[COMMAND_FIRST], bool *soon, struct err *err)
{
    const struct ai *ai = call->service;
    int64_t from_ms;
    if (!job_may_from(ai->store, interaction, kind, call->now_ms, &from_ms, call->arena, err)) return false;
    *soon = from_ms > call->now_ms;
    if (*soon) snprintf(text, COMMAND_FIRST, "Again <t:%" PRId64 ":R>, please.", (from_ms + 999) / 1000);
    return true;
}

static void on_stored(void *arg, bool durable)
{
    const struct ai *ai = arg;
    if (durable) discord_wake(ai->discord);
}

static bool give_answer(Ai__InteractReply *reply, struct buf *answer, struct arena *arena, struct err *err)
{
    reply->answer.data = arena_copy(arena, answer->bytes, answer->len);
    reply->answer.len = answer->len;
    return (reply->answer.data && !answer->failed) || err_fail(err, CALL_TOO_LARGE, "the answer is too long");
}

static bool begin_job(struct rpc_call *call, const struct interaction *interaction,
                      Discord__JobRow__Kind kind, struct buf *answer, Ai__InteractReply *reply,
                      struct err *err)
{
    struct ai *ai = call->service;
    char text[COMMAND_FIRST];
    Discord__JobRow row;
    bool soon;
    if (!is_too_soon(call, interaction, kind, text, &soon, err)) return false;
    job_fill(&row, interaction, kind, call->now_ms, ai->settings.discord.token, call->arena);
    if (soon) {
        first_text(answer, text);
        job_fill_refused(&row);
    } else {
        first_later(answer, interaction->public);
    }
    if (!give_answer(reply, answer, call->arena, err)) return false;
    row.first = reply->answer;
    const struct store_write *write = rpc_seal(call, &reply->base, on_stored, ai);
    if (!call->arena->failed) rpc_after(call, job_begin(ai->store, &row, write));
    return true;
}

static bool answer_command(struct rpc_call *call, const struct interaction *interaction, struct buf *answer,
                           Ai__InteractReply *reply, struct err *err)
{
    const struct ai *ai = call->service;
    char text[COMMAND_FIRST];
    if (command_says(interaction, text))
        return first_text(answer, text), give_answer(reply, answer, call->arena, err);
    if (!job_answered(ai->store, interaction->id, call->arena, &reply->answer, err)) return false;
    return reply->answer.len || begin_job(call, interaction, command_kind(interaction), answer, reply, err);
}

// ---- Buttons

static void count_judgement(const struct rpc_call *call, const char *button)
{
    const struct ai *ai = call->service;
    bool good = strncmp(button, "good.", 5) == 0;
    metric_add(metrics_counter(ai->metrics, "conse_discord_judgements_total",
                               "Summaries that somebody judged.", good ? "said=\"good\"" : "said=\"bad\""),
               1);
}

static bool answer_any(struct rpc_call *call, const struct interaction *interaction, struct buf *answer,
                       Ai__InteractReply *reply, struct err *err)
{
    if (interaction->type == INTERACTION_COMMAND)
        return answer_command(call, interaction, answer, reply, err);
    if (interaction->type == INTERACTION_PRESSED) {
        count_judgement(call, interaction->button);
        first_text(answer, "Thank you.");
    } else {
        first_pong(answer);
    }
    return give_answer(reply, answer, call->arena, err);
}

HANDLER(interact, Ai__InteractRequest, Ai__InteractReply)
{
    struct interaction interaction;
    struct buf answer;
    if (!check_signature(call, request, err) ||
        !interaction_read(&interaction, (const char *)request->interaction.data, request->interaction.len,
                          err))
        return false;
    reply->content_type = "application/json";
    buf_init(&answer, ANSWER_BYTES);
    bool ok = answer_any(call, &interaction, &answer, reply, err);
    buf_finish(&answer);
    return ok;
}

// ---- Links

HANDLER(link_discord, Ai__LinkDiscordRequest, Ai__LinkDiscordReply)
{
    const struct ai *ai = call->service;
    char discord_id[SNOWFLAKE];
    uint64_t ticket;
    if (!link_find(ai->store, request->code, call->now_ms, discord_id, call->arena, err)) return false;
    reply->discord_user_id = arena_str(call->arena, discord_id);
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    if (!link_make(ai->store, discord_id, call->caller->user_id, request->code, write, &ticket, call->arena,
                   err))
        return false;
    rpc_after(call, ticket);
    return true;
}

HANDLER(unlink_discord, Ai__UnlinkDiscordRequest, Google__Protobuf__Empty)
{
    const struct ai *ai = call->service;
    uint64_t ticket;
    if (!links_forget(ai->store, call->caller->user_id, &ticket, err)) return false;
    if (ticket) rpc_after(call, ticket);
    return true;
}

const struct rpc_method ai_discord_methods[] = {
    RPC_METHOD("ai.LinkDiscord", link_discord),
    RPC_METHOD("ai.UnlinkDiscord", unlink_discord),
    RPC_METHOD("ai.Interact", interact),
    {0},
};
