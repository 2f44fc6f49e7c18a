#include "services/ai/llm/llm.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "lib/net/http.h"
#include "services/ai/llm/reply.h"
#include "services/ai/llm/retry.h"

enum { URL_BYTES = 512, PROMPT_BYTES = 4 << 20, REPLY_BYTES = 1 << 20, BYTES_A_TOKEN = 3, LEAST_MS = 100 };

// How one try ended.
struct ending {
    enum llm_outcome outcome;
    bool passes; // another try may end better
    long status;
    int64_t retry_after_s;
};

int64_t llm_tokens_of(size_t bytes) { return (int64_t)(bytes / BYTES_A_TOKEN) + 1; }

size_t llm_bytes_of(int64_t tokens) { return (size_t)tokens * BYTES_A_TOKEN; }

static void write_message(struct buf *body, const char *role, const char *text)
{
    buf_printf(body, "{\"role\":\"%s\",\"content\":", role);
    json_write_text(body, text);
    buf_char(body, '}');
}

static void write_body(struct buf *body, const struct llm_settings *settings, const struct llm_prompt *prompt)
{
    buf_str(body, "{\"model\":");
    json_write_text(body, settings->model);
    buf_printf(
        body,
        ",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"temperature\":0,\"max_tokens\":%d",
        LLM_ANSWER_TOKENS);
    buf_str(body, ",\"messages\":[");
    write_message(body, "system", prompt->system);
    buf_char(body, ',');
    write_message(body, "user", prompt->user);
    buf_str(body, "]}");
}

static void write_url(char url[URL_BYTES], const char *base)
{
    size_t len = strlen(base);
    while (len && base[len - 1] == '/') len--;
    snprintf(url, URL_BYTES, "%.*s/chat/completions", (int)len, base);
}

static struct ending try_once(const struct llm_settings *settings, const char *body, int64_t until_ms,
                              struct buf *answer, int64_t *tokens)
{
    char url[URL_BYTES];
    write_url(url, settings->url);
    const struct http_request request = {.method = "POST",
                                         .url = url,
                                         .body = body,
                                         .content_type = "application/json",
                                         .bearer = settings->key,
                                         .timeout_ms = until_ms - clock_mono_ms(),
                                         .max_reply_bytes = REPLY_BYTES};
    struct ending ending = {.outcome = LLM_CUT, .passes = true};
    struct http_reply reply;
    struct err err = {0};
    if (!http_do(&request, &reply, &err)) return ending;
    ending.status = reply.status;
    ending.retry_after_s = reply.retry_after_s;
    ending.passes = llm_status_passes(reply.status);
    if (reply.status == 200) {
        ending.outcome = llm_reply_read(reply.body.bytes, reply.body.len, answer, tokens);
        ending.passes = ending.outcome == LLM_CUT;
    }
    http_reply_finish(&reply);
    return ending;
}

// False when there is no time for another try.
static bool wait_for_next(int next, int64_t retry_after_s, int64_t until_ms)
{
    int64_t pause_ms = llm_pause_ms(next, retry_after_s, randombytes_uniform(1000) / 1000.0);
    if (pause_ms < 0 || clock_mono_ms() + pause_ms + LEAST_MS >= until_ms) return false;
    struct timespec time = {pause_ms / 1000, pause_ms % 1000 * 1000000};
    while (nanosleep(&time, &time) != 0) continue;
    return true;
}

// Neither prompt nor answer is logged.
static bool ask_until(const struct llm_settings *settings, const char *body, int64_t until_ms,
                      struct buf *answer, int64_t *tokens, struct err *err)
{
    for (int next = 1;; next++) {
        int64_t spent = 0;
        struct ending ending = try_once(settings, body, until_ms, answer, &spent);
        *tokens += spent;
        if (ending.outcome == LLM_WHOLE) return true;
        buf_reset(answer);
        bool again = ending.passes && next < LLM_TRIES && wait_for_next(next, ending.retry_after_s, until_ms);
        log_warn("the language model does not answer", F_INT("status", ending.status),
                 F_STR("then", again ? "again" : "given up"));
        if (again) continue;
        if (clock_mono_ms() >= until_ms)
            return err_fail(err, DEADLINE_PASSED, "the language model is too slow");
        return err_fail(err, SERVICE_AWAY, "the language model does not answer");
    }
}

bool llm_ask(const struct llm_settings *settings, const struct llm_prompt *prompt, int64_t until_ms,
             struct buf *answer, int64_t *tokens, struct err *err)
{
    struct buf body;
    *tokens = 0;
    buf_init(&body, PROMPT_BYTES);
    write_body(&body, settings, prompt);
    bool ok = body.failed ? err_fail(err, CALL_TOO_LARGE, "the prompt is too long")
                          : ask_until(settings, body.bytes, until_ms, answer, tokens, err);
    buf_finish(&body);
    return ok;
}
