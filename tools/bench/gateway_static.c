// The gateway with one difference, made by the linker (-Wl,--wrap=gateway_ask): the first GET of an event
// goes to the events service, later ones are answered here. CONSE_BENCH_ANSWER=reply gives the kept packed
// reply to the gateway, which writes it as JSON; CONSE_BENCH_ANSWER=bytes gives the kept JSON to the HTTP
// server. Everything else is the gateway's own code.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "services/gateway/call/call.h"
#include "services/gateway/gateway.h"

// NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names
uint64_t __wrap_gateway_ask(struct asks *asks, const struct ask *ask, ask_done *done, void *arg);
uint64_t __real_gateway_ask(struct asks *asks, const struct ask *ask, ask_done *done, void *arg);
// NOLINTEND(bugprone-reserved-identifier)

static struct kept { // belongs to the loop's thread
    bool whole, bytes_only;
    uint8_t *reply;
    char *json;
    size_t reply_len, json_len;
    ask_done *done;
} kept;

static void *gateway_static_keep(const void *bytes, size_t len)
{
    void *copy = malloc(len);
    if (!copy) abort();
    return memcpy(copy, bytes, len);
}

// The gateway writes the JSON into its shared buffer, where it stays until the next answer.
static void on_first_reply(void *arg, const struct ask_reply *reply)
{
    struct call *call = arg;
    const struct buf *text = &call->lent->writer->text;
    kept.done(arg, reply);
    if (reply->err || kept.whole) return;
    kept.reply = gateway_static_keep(reply->payload, kept.reply_len = reply->len);
    kept.json = gateway_static_keep(text->bytes, kept.json_len = text->len);
    kept.whole = true;
}

// The headers of the gateway's own answer; the tag is a constant of the same length.
static void answer_bytes(struct call *call)
{
    struct http_answer answer = {
        .status = 200, .body = kept.json, .len = kept.json_len, .ownership = HTTP_STATIC};
    char limit[16], remaining[16], reset[16], time[24];
    snprintf(limit, sizeof limit, "%u", (unsigned)call->bucket.burst);
    snprintf(remaining, sizeof remaining, "%u", call->bucket_state.remaining);
    snprintf(reset, sizeof reset, "%u", call->bucket_state.reset_s);
    snprintf(time, sizeof time, "%lld", (long long)clock_unix_ms());
    http_answer_add(&answer, "Content-Type", "application/json");
    http_answer_add(&answer, "X-Content-Type-Options", "nosniff");
    http_answer_add(&answer, "traceparent", call->trace.parent);
    http_answer_add(&answer, "RateLimit-Limit", limit);
    http_answer_add(&answer, "RateLimit-Remaining", remaining);
    http_answer_add(&answer, "RateLimit-Reset", reset);
    http_answer_add(&answer, "Cache-Control", "private, no-cache");
    http_answer_add(&answer, "ETag", "\"0123456789a-j\"");
    http_answer_add(&answer, "Vary", "Accept, Accept-Encoding, Authorization");
    http_answer_add(&answer, "Conse-Time", time);
    http_answer(call->http, &answer);
}

uint64_t __wrap_gateway_ask(struct asks *asks, const struct ask *ask, ask_done *done, void *arg)
{
    struct ask_reply reply = {.payload = kept.reply, .len = kept.reply_len};
    if (strcmp(ask->method->name, "events.GetEvent") != 0) return __real_gateway_ask(asks, ask, done, arg);
    if (!kept.whole) {
        kept.done = done;
        return __real_gateway_ask(asks, ask, on_first_reply, arg);
    }
    if (kept.bytes_only)
        answer_bytes(arg);
    else
        done(arg, &reply);
    return 0;
}

int main(int argc, char **argv)
{
    struct gateway_settings settings;
    struct service_program program = gateway_program(&settings);
    const char *answer = getenv("CONSE_BENCH_ANSWER");
    kept.bytes_only = answer && strcmp(answer, "bytes") == 0;
    return service_main(&program, argc, argv);
}
