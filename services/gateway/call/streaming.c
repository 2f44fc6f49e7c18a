#include "services/gateway/call/streaming.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/time.h"

#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/headers.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/call/ticketing.h"
#include "services/gateway/feed/sse.h"
#include "services/gateway/presence/presence.h"

struct opening {
    struct call *call;
    const char *topics[FEED_TOPICS_MOST];
    size_t count;
    struct ids ids;
    bool by_ticket;
};

static const char *find_parameter(const struct call *call, const char *name)
{
    const struct target *target = &call->target;
    for (size_t i = 0; i < target->parameter_count; i++)
        if (strcmp(target->parameters[i].name, name) == 0) return target->parameters[i].value;
    return "";
}

static bool check_parameters(const struct call *call, struct err *err)
{
    const struct target *target = &call->target;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const char *name = target->parameters[i].name;
        bool topics = strcmp(name, "topics") == 0 && call->match.route->page == PAGE_STREAM;
        if (!topics && strcmp(name, "after") != 0 && strcmp(name, "ticket") != 0 && strcmp(name, "tab") != 0)
            return err_field(err, MALFORMED, name, "there is no such parameter");
        for (size_t other = 0; other < i; other++)
            if (strcmp(target->parameters[other].name, name) == 0)
                return err_field(err, MALFORMED, name, "a parameter may come once");
    }
    return true;
}

static bool check_tab(const struct call *call, struct err *err)
{
    return strlen(find_parameter(call, "tab")) <= PRESENCE_TAB ||
           err_field(err, INVALID_FIELD, "tab", "tab is too long");
}

static bool add_topic(struct opening *opening, const char *topic, struct err *err)
{
    if (!topic) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    bool known = opening->call->caller.known || opening->by_ticket;
    if (!feed_check_topic(topic, known, err)) return false;
    for (size_t i = 0; i < opening->count; i++)
        if (strcmp(opening->topics[i], topic) == 0)
            return err_field(err, INVALID_FIELD, "topics", "a topic may come once");
    if (opening->count == FEED_TOPICS_MOST)
        return err_field(err, INVALID_FIELD, "topics", "at most %d topics", FEED_TOPICS_MOST);
    opening->topics[opening->count++] = topic;
    return true;
}

static bool take_topics(struct opening *opening, struct err *err)
{
    struct call *call = opening->call;
    const char *list = find_parameter(call, "topics");
    if (call->match.route->page == PAGE_EVENT_STREAM)
        return add_topic(opening, arena_printf(&call->arena, "event:%s", call->match.params[0]), err);
    if (!*list) return err_field(err, INVALID_FIELD, "topics", "topics is required");
    for (const char *end; *list; list = *end ? end + 1 : end) {
        end = strchrnul(list, ',');
        if (!add_topic(opening, arena_strn(&call->arena, list, (size_t)(end - list)), err)) return false;
    }
    return true;
}

// What the client has from an earlier stream comes before what its address says. What is no id begins anew:
// each stream says so.
static void take_place(struct opening *opening)
{
    const struct call *call = opening->call;
    const char *last = call->http->headers.last_event_id;
    const char *text = last && *last ? last : find_parameter(call, "after");
    if (!*text || ids_parse(text, opening->topics, opening->count, &opening->ids)) return;
    memset(&opening->ids, 0, sizeof opening->ids);
    for (size_t i = 0; i < opening->count; i++) strcpy(opening->ids.after[i], "-");
}

static bool check_origin(const struct call *call, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    return cors_admits(call->lent->cors, headers->origin, headers->host) ||
           err_fail(err, ORIGIN_REFUSED, "pages of this origin may not follow streams");
}

static bool streaming_begin(struct opening *opening, struct err *err)
{
    struct call *call = opening->call;
    struct headers headers;
    char time[NUMBER_SIZE];
    struct sse_request request = {.line = {.feed = call->lent->streams,
                                           .loop = call->lent->loop,
                                           .http = call->http,
                                           .caller = &call->caller},
                                  .topics = opening->topics,
                                  .count = opening->count,
                                  .tab = presence_tab(find_parameter(call, "tab")),
                                  .ids = &opening->ids};
    headers_common(call, &request.line.head, &headers);
    headers_time(&request.line.head, time);
    return sse_open(&request, err);
}

// What HEAD asks for is the head alone.
static bool asks_for_head(const struct call *call) { return strcmp(call->http->method, "HEAD") == 0; }

static void streaming_go_on(struct opening *opening)
{
    struct err err = {0};
    if (!streaming_begin(opening, &err)) return reply_problem(opening->call, &err);
    call_move(opening->call, CALL_ANSWERED);
}

// ---- By a ticket

static void on_ticket_used(void *arg, const struct desk_order *order)
{
    struct call *call = arg;
    struct err err = order->err;
    call->order = NULL;
    log_trace(call->trace.id);
    if (!order->ok || !ticketing_take(call, order, &err)) return reply_problem(call, &err);
    memcpy(call->opening->ids.secret, order->secret, sizeof order->secret);
    streaming_go_on(call->opening);
}

static void use_ticket(struct opening *opening, const char *ticket)
{
    struct desk_order *order = ticketing_order(opening->call, on_ticket_used);
    snprintf(order->ticket, sizeof order->ticket, "%s", ticket);
    memcpy(order->secret, opening->ids.secret, sizeof order->secret);
    for (size_t i = 0, len = 0; i < opening->count; i++)
        len += (size_t)snprintf(order->topics + len, sizeof order->topics - len, ",%s", opening->topics[i]);
    desk_ask(opening->call->lent->desk, order);
}

void streaming_open(struct call *call)
{
    struct opening *opening = arena_new(&call->arena, struct opening);
    const char *ticket = find_parameter(call, "ticket");
    struct err err = {0};
    if (!opening) abort();
    *opening = (struct opening){.call = call, .by_ticket = *ticket};
    call->opening = opening;
    bool ok = check_origin(call, &err) && check_parameters(call, &err) && check_tab(call, &err) &&
              ticketing_check(call, ticket, &err) && take_topics(opening, &err);
    if (!ok) return reply_problem(call, &err);
    if (asks_for_head(call)) return reply_head(call, "text/event-stream");
    take_place(opening);
    if (*ticket) return use_ticket(opening, ticket);
    opening->ids.secret[0] = 0;
    streaming_go_on(opening);
}

// ---- Tickets

static bool is_empty_body(const struct http_exchange *http)
{
    const char *body = http->body_len ? http->body : "";
    size_t len = http->body_len;
    while (len && strchr(" \t\r\n", body[len - 1])) len--;
    while (len && strchr(" \t\r\n", *body)) body++, len--;
    return len == 0 || (len == 2 && memcmp(body, "{}", 2) == 0);
}

static void on_ticket_made(void *arg, const struct desk_order *order)
{
    struct call *call = arg;
    char until[JSON_TIME_SIZE] = "";
    struct json_time time = {.seconds = (clock_unix_ms() + TICKET_MS) / 1000};
    call->order = NULL;
    log_trace(call->trace.id);
    if (!order->ok) return reply_problem(call, &order->err);
    struct buf text;
    buf_init(&text, 256);
    (void)!json_timestamp_print(&time, until);
    buf_printf(&text, "{\"ticket\":\"%s\",\"expires_at\":\"%s\"}", order->ticket, until);
    reply_made(call, "application/json", &text);
    buf_finish(&text);
}

static bool may_have_ticket(const struct call *call, struct err *err)
{
    if (!call->caller.known) return err_fail(err, TOKEN_INVALID, "an access token is needed");
    return is_empty_body(call->http) || err_fail(err, MALFORMED, "the body has no fields");
}

void streaming_give_ticket(struct call *call)
{
    struct err err;
    if (!may_have_ticket(call, &err)) return reply_problem(call, &err);
    struct desk_order *order = ticketing_order(call, on_ticket_made);
    order->makes = true;
    order->claims = call->caller.claims;
    desk_ask(call->lent->desk, order);
}
