#include "services/gateway/call/graphql.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/json/json.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/headers.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/call/ticketing.h"
#include "services/gateway/feed/feed.h"
#include "services/gateway/feed/ids.h"
#include "services/gateway/graph/asker.h"
#include "services/gateway/graph/events.h"
#include "services/gateway/graph/request.h"
#include "services/gateway/graph/talk.h"
#include "services/gateway/presence/presence.h"

enum { MOST_BYTES = 4 << 20 };

struct graph {
    struct call *call;
    struct asker asker;
    json_t *body, *variables,
        *extensions; // variables and extensions: of a query in the target; else in the body
    struct gql_request request;
    struct gql_refusal refusal;
    const char *after;           // where the client is in a stream; NULL: it does not say
    char secret[IDS_SECRET + 1]; // of a stream by a ticket; or ""
};

bool call_is_graphql(const struct call *call)
{
    return call->match.route && call->match.route->page == PAGE_GRAPHQL;
}

// ---- The request

static bool read_json(const char *text, size_t len, json_t **value, struct err *err)
{
    json_error_t fault;
    if (!json_check_size(text, len, err)) return false;
    *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    return *value || err_fail(err, MALFORMED, "the body is not JSON: %s at line %d, column %d", fault.text,
                              fault.line, fault.column);
}

static bool read_body(struct graph *graph, struct err *err)
{
    const struct http_exchange *http = graph->call->http;
    if (http->body_len == 0) return err_fail(err, MALFORMED, "the body is missing");
    if (!read_json(http->body, http->body_len, &graph->body, err)) return false;
    if (!json_is_object(graph->body)) return err_fail(err, MALFORMED, "the body must be a JSON object");
    return request_read(&graph->request, graph->body, graph->call->lent->graphs, err);
}

static const char *target_text(const struct target *target, const char *name)
{
    for (size_t i = 0; i < target->parameter_count; i++)
        if (strcmp(target->parameters[i].name, name) == 0) return target->parameters[i].value;
    return NULL;
}

static bool read_object(const char *text, const char *name, json_t **object, struct err *err)
{
    if (!text || !*text) return true;
    if (!json_check_size(text, strlen(text), err)) return false;
    *object = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    return json_is_object(*object) || json_is_null(*object) || request_refuse(err, name, "an object of JSON");
}

static bool read_target(struct graph *graph, struct err *err)
{
    const struct target *target = &graph->call->target;
    const char *name = target_text(target, "operationName");
    graph->request.text = target_text(target, "query");
    graph->request.len = graph->request.text ? strlen(graph->request.text) : 0;
    graph->request.reads = true;
    if (name && *name) graph->request.operation = name;
    if (!read_object(target_text(target, "variables"), "variables", &graph->variables, err) ||
        !read_object(target_text(target, "extensions"), "extensions", &graph->extensions, err))
        return false;
    if (json_is_object(graph->variables)) graph->request.variables = graph->variables;
    return request_choose(&graph->request, target_text(target, "documentId"), graph->call->lent->graphs, err);
}

// ---- Answers

static const char *type_of(enum media media)
{
    switch (media) {
    case MEDIA_EVENTS:
        return "text/event-stream";
    case MEDIA_GRAPHQL:
        return "application/graphql-response+json; charset=utf-8";
    default:
        return "application/json; charset=utf-8";
    }
}

// What is no answer of GraphQL's is told by its status, also to who wants events.
void graphql_problem(struct call *call, const struct err *err)
{
    struct buf *text = writer_text(call->lent->writer);
    if (err_internal(err)) log_err(LOG_ERROR, "call failed", err);
    gql_error_write(err, call->trace.id, text);
    enum media media = call->reply_media == MEDIA_EVENTS ? MEDIA_JSON : call->reply_media;
    reply_refusal(call, err, problem_status(err->reason), type_of(media), text);
}

// A document that does not run is an answer as any other with application/json.
static void graphql_refused(struct graph *graph)
{
    struct call *call = graph->call;
    struct err err = {.reason = graph->refusal.faults.faults[0].reason};
    struct buf *text = writer_text(call->lent->writer);
    bool plain = call->reply_media != MEDIA_GRAPHQL && !err_is(&err, METHOD_NOT_ALLOWED);
    gql_refusal_write(&graph->refusal, graph->request.text, graph->request.len, call->trace.id, text);
    if (call->reply_media == MEDIA_EVENTS) events_wrap(text);
    reply_refusal(call, &err, plain ? 200 : problem_status(err.reason), type_of(call->reply_media), text);
}

static void graphql_answer(void *arg)
{
    struct graph *graph = arg;
    struct call *call = graph->call;
    struct buf *text = writer_text(call->lent->writer);
    struct err err;
    log_trace(call->trace.id);
    gql_run_write(graph->asker.run, call->trace.id, text);
    if (text->failed || text->len > MOST_BYTES) {
        err_fail(&err, REPLY_TOO_LARGE, "the answer would be larger than %d bytes", MOST_BYTES);
        return graphql_problem(call, &err);
    }
    if (call->reply_media == MEDIA_EVENTS) events_wrap(text);
    size_t asked = gql_run_asked(graph->asker.run);
    reply_charge(call, asked ? asked - 1 : 0);
    reply_text(call, type_of(call->reply_media), text);
}

// ---- Sockets

static bool check_parameters(const struct call *call, struct err *err)
{
    const struct target *target = &call->target;
    for (size_t i = 0; i < target->parameter_count; i++) {
        const char *name = target->parameters[i].name;
        if (strcmp(name, "ticket") != 0 && strcmp(name, "tab") != 0)
            return err_field(err, MALFORMED, name, "there is no such parameter");
        for (size_t other = 0; other < i; other++)
            if (strcmp(target->parameters[other].name, name) == 0)
                return err_field(err, MALFORMED, name, "a parameter may come once");
    }
    return true;
}

// The name that a page gives itself.
static bool read_tab(const struct call *call, uint64_t *tab, struct err *err)
{
    const char *name = target_text(&call->target, "tab");
    *tab = name ? presence_tab(name) : 0;
    return !name || strlen(name) <= PRESENCE_TAB || err_field(err, INVALID_FIELD, "tab", "tab is too long");
}

bool graphql_is_socket(const struct call *call)
{
    return call_is_graphql(call) && call->match.route->verb == VERB_GET &&
           handshake_is_asked(&call->http->headers);
}

static bool open_socket(struct call *call, struct err *err)
{
    const char *ticket = target_text(&call->target, "ticket");
    struct headers headers;
    struct handshake handshake;
    char time[NUMBER_SIZE];
    struct talk_request request = {.graphs = call->lent->graphs,
                                   .http = call->http,
                                   .handshake = &handshake,
                                   .caller = &call->caller,
                                   .ticket = ticket ? ticket : ""};
    if (!check_parameters(call, err) || !read_tab(call, &request.tab, err) ||
        !ticketing_check(call, request.ticket, err) ||
        !handshake_check(call->http, call->lent->cors, &handshake, err) ||
        !feed_has_place(call->lent->streams, err))
        return false;
    headers_common(call, &request.head, &headers);
    headers_time(&request.head, time);
    return talk_open(&request, err);
}

static void graphql_open_socket(struct call *call)
{
    struct err err = {0};
    if (!open_socket(call, &err)) return reply_problem(call, &err);
    call_move(call, CALL_ANSWERED);
}

// ---- Events

static bool check_origin(const struct call *call, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    return cors_admits(call->lent->cors, headers->origin, headers->host) ||
           err_fail(err, ORIGIN_REFUSED, "pages of this origin may not follow streams");
}

static bool open_events(struct graph *graph, struct err *err)
{
    struct call *call = graph->call;
    struct headers headers;
    char time[NUMBER_SIZE];
    struct events_request request = {.graphs = call->lent->graphs,
                                     .line = {.feed = call->lent->streams,
                                              .loop = call->lent->loop,
                                              .http = call->http,
                                              .caller = &call->caller},
                                     .run = graph->asker.run,
                                     .request = &graph->request,
                                     .after = graph->after,
                                     .secret = graph->secret};
    if (!check_origin(call, err) || !read_tab(call, &request.tab, err)) return false;
    headers_common(call, &request.line.head, &headers);
    headers_time(&request.line.head, time);
    return events_open(&request, err);
}

// A stream that is refused is an answer of events, too.
static void graphql_follow(struct graph *graph)
{
    struct call *call = graph->call;
    struct buf *text = writer_text(call->lent->writer);
    struct err err = {0};
    if (open_events(graph, &err)) return call_move(call, CALL_ANSWERED);
    if (err_code(&err) != CONSE__CODE__INVALID_ARGUMENT) return graphql_problem(call, &err);
    gql_error_write(&err, call->trace.id, text);
    events_wrap(text);
    reply_text(call, type_of(MEDIA_EVENTS), text);
}

// ---- Life

static void graphql_run(struct graph *graph)
{
    struct call *call = graph->call;
    graph->asker = (struct asker){.graphs = call->lent->graphs,
                                  .caller = &call->caller,
                                  .trace = call->trace.parent,
                                  .deadline_ms = call_deadline_ms(call),
                                  .arena = &call->arena,
                                  .done = graphql_answer,
                                  .arg = graph};
    graph->request.follows = call->reply_media == MEDIA_EVENTS;
    if (!asker_begin(&graph->asker, &graph->request, &graph->refusal)) return graphql_refused(graph);
    if (gql_run_follows(graph->asker.run)) return graphql_follow(graph);
    call_move(call, CALL_ASKED);
    if (gql_run_start(graph->asker.run)) graphql_answer(graph);
}

// ---- By a ticket

// A ticket is bound to all that the address asks for, as it stands there: EventSource comes back to the same.
static void bind_to_target(const struct target *target, char topics[DESK_TOPICS])
{
    crypto_generichash_state state;
    uint8_t hash[crypto_generichash_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < target->parameter_count; i++) {
        const struct target_parameter *parameter = &target->parameters[i];
        if (strcmp(parameter->name, "ticket") == 0) continue;
        crypto_generichash_update(&state, (const uint8_t *)parameter->name, strlen(parameter->name) + 1);
        crypto_generichash_update(&state, (const uint8_t *)parameter->value, strlen(parameter->value) + 1);
    }
    crypto_generichash_final(&state, hash, sizeof hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    snprintf(topics, DESK_TOPICS, ",graphql events %s", hex);
}

static void on_ticket_used(void *arg, const struct desk_order *order)
{
    struct call *call = arg;
    struct err err = order->err;
    call->order = NULL;
    log_trace(call->trace.id);
    if (!order->ok || !ticketing_take(call, order, &err)) return graphql_problem(call, &err);
    memcpy(call->graph->secret, order->secret, sizeof order->secret);
    graphql_run(call->graph);
}

static bool may_use_ticket(const struct call *call, const char *ticket, struct err *err)
{
    if (call->reply_media != MEDIA_EVENTS || call->match.route->takes_body)
        return err_field(err, MALFORMED, "ticket", "a ticket opens a socket, or events by GET");
    return ticketing_check(call, ticket, err) && check_origin(call, err);
}

static void use_ticket(struct graph *graph, const char *ticket)
{
    struct call *call = graph->call;
    struct err err;
    if (!may_use_ticket(call, ticket, &err)) return graphql_problem(call, &err);
    struct desk_order *order = ticketing_order(call, on_ticket_used);
    snprintf(order->ticket, sizeof order->ticket, "%s", ticket);
    memcpy(order->secret, graph->secret, sizeof order->secret);
    bind_to_target(&call->target, order->topics);
    desk_ask(call->lent->desk, order);
}

// ---- Beginning

// What the client has from an earlier stream comes before what it asks for.
static bool read_place(struct graph *graph, struct err *err)
{
    struct call *call = graph->call;
    const char *last = call->http->headers.last_event_id, *secret;
    if (!last || !*last) return true;
    size_t len = ids_split(last, &secret);
    graph->after = arena_strn(&call->arena, last, len);
    if (secret) snprintf(graph->secret, sizeof graph->secret, "%s", secret);
    return graph->after || err_fail(err, CALL_TOO_LARGE, "the request needs too much memory");
}

static bool read_request(struct graph *graph, struct err *err)
{
    bool post = graph->call->match.route->takes_body;
    return (post ? read_body(graph, err) : read_target(graph, err)) && read_place(graph, err);
}

void graphql_begin(struct call *call)
{
    struct err err = {0};
    if (graphql_is_socket(call)) return graphql_open_socket(call);
    struct graph *graph = arena_new(&call->arena, struct graph);
    if (!graph) {
        err_fail(&err, CALL_TOO_LARGE, "the request needs too much memory");
        return graphql_problem(call, &err);
    }
    call->graph = graph;
    graph->call = call;
    if (!read_request(graph, &err)) return graphql_problem(call, &err);
    const char *ticket = target_text(&call->target, "ticket");
    if (ticket && *ticket) return use_ticket(graph, ticket);
    graph->secret[0] = 0;
    graphql_run(graph);
}

bool graphql_writes(const struct call *call)
{
    return call->graph && call->graph->asker.run && gql_run_writes(call->graph->asker.run);
}

void graphql_end(struct call *call)
{
    struct graph *graph = call->graph;
    if (!graph) return;
    call->graph = NULL;
    if (graph->asker.graphs) asker_finish(&graph->asker);
    json_decref(graph->body);
    json_decref(graph->variables);
    json_decref(graph->extensions);
}
