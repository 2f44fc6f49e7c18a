#include "services/gateway/call/graphql.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/json/json.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/call/admission.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/graphql/run/run.h"
#include "services/gateway/graphql/trust/trust.h"

enum {
    MOST_BYTES = 4 << 20,
    UNPACKED = 4, // times that a reply may grow when it is taken apart
    BUSY_RETRY_S = 2,
};

struct graph {
    struct call *call;
    json_t *body, *variables,
        *extensions; // variables and extensions: of a query in the target; else in the body
    struct gql_request request;
    struct gql_refusal refusal;
    struct gql_run *run;
    struct caller nobody; // whom PUBLIC methods are asked for
    size_t held;          // memory that was counted
};

bool call_is_graphql(const struct call *call)
{
    return call->match.route && call->match.route->page == PAGE_GRAPHQL;
}

// ---- The request

static bool graphql_refuse(struct err *err, const char *name, const char *what)
{
    return err_field(err, MALFORMED, name, "%s must be %s", name, what);
}

static bool take_text(const json_t *object, const char *name, const char **text, size_t *len, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) return true;
    if (!json_is_string(value)) return graphql_refuse(err, name, "a string");
    *text = json_string_value(value);
    *len = json_string_length(value);
    return true;
}

static bool take_object(json_t *object, const char *name, const json_t **taken, struct err *err)
{
    json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) return true;
    if (!json_is_object(value)) return graphql_refuse(err, name, "an object");
    *taken = value;
    return true;
}

struct asked_for {
    const char *id, *name;
    size_t id_len, name_len;
};

static bool read_json(const char *text, size_t len, json_t **value, struct err *err)
{
    json_error_t fault;
    if (!json_check_size(text, len, err)) return false;
    *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);
    return *value || err_fail(err, MALFORMED, "the body is not JSON: %s at line %d, column %d", fault.text,
                              fault.line, fault.column);
}

static bool read_body(struct graph *graph, struct asked_for *asked, struct err *err)
{
    const struct http_exchange *http = graph->call->http;
    const json_t *extensions = NULL;
    if (http->body_len == 0) return err_fail(err, MALFORMED, "the body is missing");
    if (!read_json(http->body, http->body_len, &graph->body, err)) return false;
    if (!json_is_object(graph->body)) return err_fail(err, MALFORMED, "the body must be a JSON object");
    return take_text(graph->body, "query", &graph->request.text, &graph->request.len, err) &&
           take_text(graph->body, "documentId", &asked->id, &asked->id_len, err) &&
           take_text(graph->body, "operationName", &asked->name, &asked->name_len, err) &&
           take_object(graph->body, "variables", &graph->request.variables, err) &&
           take_object(graph->body, "extensions", &extensions, err);
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
    return json_is_object(*object) || json_is_null(*object) || graphql_refuse(err, name, "an object of JSON");
}

static bool read_target(struct graph *graph, struct asked_for *asked, struct err *err)
{
    const struct target *target = &graph->call->target;
    graph->request.text = target_text(target, "query");
    graph->request.len = graph->request.text ? strlen(graph->request.text) : 0;
    graph->request.reads = true;
    asked->id = target_text(target, "documentId");
    asked->name = target_text(target, "operationName");
    if (!read_object(target_text(target, "variables"), "variables", &graph->variables, err) ||
        !read_object(target_text(target, "extensions"), "extensions", &graph->extensions, err))
        return false;
    if (json_is_object(graph->variables)) graph->request.variables = graph->variables;
    return true;
}

// The document that is meant, with the limits that it has.
static bool choose_document(struct graph *graph, const char *id, struct err *err)
{
    const struct calls_lent *lent = graph->call->lent;
    struct gql_request *request = &graph->request;
    bool trusted = id != NULL;
    if (id && request->text) return graphql_refuse(err, "documentId", "given in place of query");
    if (id) {
        struct gql_trusted found = gql_trust_find(lent->trust, id);
        if (!found.text) return err_fail(err, GRAPHQL_UNTRUSTED, "there is no trusted document of this id");
        request->text = found.text;
        request->len = found.len;
    }
    if (!request->text) return graphql_refuse(err, "query", "given");
    if (!trusted) trusted = gql_trust_has(lent->trust, request->text, request->len);
    request->limits = trusted ? &gql_limits_trusted : &gql_limits_open;
    return trusted || !lent->trusted_only ||
           err_fail(err, GRAPHQL_UNTRUSTED, "only documents that this installation trusts run here");
}

static bool read_request(struct graph *graph, struct err *err)
{
    struct asked_for asked = {0};
    bool post = graph->call->match.route->takes_body;
    if (!(post ? read_body(graph, &asked, err) : read_target(graph, &asked, err))) return false;
    if (asked.name && *asked.name) graph->request.operation = asked.name;
    return choose_document(graph, asked.id, err);
}

// ---- What a run asks of its surroundings

static bool host_may(void *arg, const struct route *route, struct err *err)
{
    const struct graph *graph = arg;
    return admission_may(graph->call, route, err) && admission_draw(graph->call, route, err);
}

// What the call took since it was last counted.
static void graphql_count(struct graph *graph)
{
    size_t used = graph->call->arena.used_bytes;
    atomic_fetch_add(&graph->call->lent->graphs->held, used - graph->held);
    graph->held = used;
}

static bool has_memory(const struct graph *graph, size_t len, struct err *err)
{
    const struct graph_budget *budget = graph->call->lent->graphs;
    if (atomic_load(&budget->held) + len * UNPACKED <= budget->most) return true;
    err_fail(err, SERVICE_BUSY, "too many replies are being joined");
    err->retry_after_s = BUSY_RETRY_S;
    return false;
}

// A write that took effect is always told.
static void on_reply(void *arg, const struct ask_reply *reply)
{
    struct question *question = arg;
    const struct graph *graph = gql_question_host(question);
    const struct err *why = reply->err;
    struct err err;
    if (!why && !gql_run_writes(graph->run) && !has_memory(graph, reply->len, &err)) why = &err;
    gql_run_answer(question, why, reply->payload, reply->len);
}

static uint64_t host_ask(void *arg, const struct gql_ask *asked, struct question *question)
{
    struct graph *graph = arg;
    const struct call *call = graph->call;
    const struct route *route = asked->route;
    bool open = route->level == CONSE__METHOD__LEVEL__PUBLIC;
    const char *user_id = call->caller.claims.user_id;
    struct ask ask = {
        .caller = open ? &graph->nobody : &call->caller,
        .method = route->method,
        .service = route->service,
        .payload = asked->payload,
        .key = asked->key,
        .trace = call->trace.parent,
        .stream = asked->stream,
        .deadline_ms = call_deadline_ms(call),
        .tells_address = route->auth_limited,
    };
    if (!ask.stream && route->method->class == CONSE__CLASS__WRITE && !open && *user_id) ask.stream = user_id;
    return gateway_ask(call->lent->asks, &ask, on_reply, question);
}

static void host_cancel(void *arg, uint64_t id)
{
    const struct graph *graph = arg;
    gateway_ask_cancel(graph->call->lent->asks, id);
}

static void host_took(void *arg) { graphql_count(arg); }

// ---- Answers

static const char *type_of(enum media media)
{
    return media == MEDIA_GRAPHQL ? "application/graphql-response+json; charset=utf-8"
                                  : "application/json; charset=utf-8";
}

void graphql_problem(struct call *call, const struct err *err)
{
    struct buf *text = writer_text(call->lent->writer);
    if (err_internal(err)) log_err(LOG_ERROR, "call failed", err);
    gql_error_write(err, call->trace.id, text);
    reply_refusal(call, err, problem_status(err->reason), type_of(call->reply_media), text);
}

// A document that does not run is an answer as any other with application/json.
static void graphql_refused(struct graph *graph)
{
    struct call *call = graph->call;
    struct err err = {.reason = graph->refusal.faults.faults[0].reason};
    struct buf *text = writer_text(call->lent->writer);
    bool plain = call->reply_media == MEDIA_JSON && !err_is(&err, METHOD_NOT_ALLOWED);
    gql_refusal_write(&graph->refusal, graph->request.text, graph->request.len, call->trace.id, text);
    reply_refusal(call, &err, plain ? 200 : problem_status(err.reason), type_of(call->reply_media), text);
}

static void graphql_answer(void *arg)
{
    struct graph *graph = arg;
    struct call *call = graph->call;
    struct buf *text = writer_text(call->lent->writer);
    struct err err;
    log_trace(call->trace.id);
    gql_run_write(graph->run, call->trace.id, text);
    if (text->failed || text->len > MOST_BYTES) {
        err_fail(&err, REPLY_TOO_LARGE, "the answer would be larger than %d bytes", MOST_BYTES);
        return graphql_problem(call, &err);
    }
    size_t asked = gql_run_asked(graph->run);
    reply_charge(call, asked ? asked - 1 : 0);
    reply_text(call, type_of(call->reply_media), text);
}

// ---- Life

static void graphql_run(struct graph *graph)
{
    const struct gql_host host = {graph, host_may, host_ask, host_cancel, host_took, graphql_answer};
    struct call *call = graph->call;
    graph->run = gql_run_create(call->lent->graphql, &graph->request, &host, &call->arena, &graph->refusal);
    if (!graph->run) return graphql_refused(graph);
    graphql_count(graph);
    call_move(call, CALL_ASKED);
    if (gql_run_start(graph->run)) graphql_answer(graph);
}

void graphql_begin(struct call *call)
{
    struct err err = {0};
    struct graph *graph = arena_new(&call->arena, struct graph);
    if (!graph) {
        err_fail(&err, CALL_TOO_LARGE, "the request needs too much memory");
        return graphql_problem(call, &err);
    }
    call->graph = graph;
    graph->call = call;
    graph->nobody = (struct caller){.address = call->caller.address, .household = call->caller.household};
    if (!read_request(graph, &err)) return graphql_problem(call, &err);
    graphql_run(graph);
}

bool graphql_writes(const struct call *call)
{
    return call->graph && call->graph->run && gql_run_writes(call->graph->run);
}

void graphql_end(struct call *call)
{
    struct graph *graph = call->graph;
    if (!graph) return;
    call->graph = NULL;
    gql_run_finish(graph->run);
    atomic_fetch_sub(&call->lent->graphs->held, graph->held);
    json_decref(graph->body);
    json_decref(graph->variables);
    json_decref(graph->extensions);
}
