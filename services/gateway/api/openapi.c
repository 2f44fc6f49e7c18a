#include "services/gateway/api/openapi.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "google/protobuf/empty.pb-c.h"
#include "events.pb-c.h"
#include "lib/base/reason.h"
#include "lib/base/version.h"
#include "services/gateway/api/cookie.h"
#include "services/gateway/api/openapi_schema.h"
#include "services/gateway/api/problem.h"

struct writer {
    const struct routes *routes;
    json_t *paths, *schemas;
};

static const int problem_statuses[] = {400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414,
                                       415, 422, 429, 431, 500, 501, 503, 504, 505, 507};

// ---- Parameters

static json_t *openapi_parameter(const char *name, const char *in, bool required, json_t *schema)
{
    json_t *doc = json_incref(json_object_get(schema, "description"));
    json_t *parameter =
        json_pack("{s:s, s:s, s:b, s:o}", "name", name, "in", in, "required", required, "schema", schema);
    if (doc) json_object_set(parameter, "description", doc);
    json_object_del(schema, "description");
    json_decref(doc);
    return parameter;
}

static json_t *openapi_parameters(struct writer *writer, const struct route *route)
{
    const struct schema_method *method = route->method;
    const char *const *names = route->params;
    json_t *list = json_array();
    for (unsigned i = 0; method && i < method->request->n_fields; i++) {
        const char *name = method->request->fields[i].name;
        bool in_path = openapi_listed(name, names);
        if (!in_path && route->takes_body) continue;
        json_t *schema = openapi_field(writer->schemas, method->request, i, OPENAPI_PARAMETER);
        json_array_append_new(list,
                              openapi_parameter(name, in_path ? "path" : "query",
                                                in_path || openapi_required(method->request, i), schema));
    }
    if (route->page == PAGE_PRESENCE)
        json_array_append_new(
            list, openapi_parameter("event_id", "path", true,
                                    openapi_field(writer->schemas, &events__event_request__descriptor, 0,
                                                  OPENAPI_PARAMETER)));
    static const char *const of_graphql[] = {"query", "documentId", "operationName", "variables",
                                             "extensions"};
    for (size_t i = 0; route->page == PAGE_GRAPHQL && !route->takes_body && i < 5; i++)
        json_array_append_new(
            list, openapi_parameter(of_graphql[i], "query", false, json_pack("{s:s}", "type", "string")));
    const struct schema_header *header = method ? method->raw_body.headers : NULL;
    for (size_t i = 0; header && header[i].name; i++)
        json_array_append_new(list,
                              openapi_parameter(header[i].name, "header", false,
                                                openapi_field(writer->schemas, method->request,
                                                              header[i].field - 1U, OPENAPI_PARAMETER)));
    if (route->keyed)
        json_array_append_new(list, json_pack("{s:s}", "$ref", "#/components/parameters/IdempotencyKey"));
    if (method && cookie_has(method))
        json_array_append_new(list, json_pack("{s:s}", "$ref", "#/components/parameters/ConseSession"));
    json_array_append_new(list, json_pack("{s:s}", "$ref", "#/components/parameters/IfMatch"));
    json_array_append_new(list, json_pack("{s:s}", "$ref", "#/components/parameters/IfNoneMatch"));
    return list;
}

// ---- Bodies and replies

static json_t *message_content(struct writer *writer, const ProtobufCMessageDescriptor *type,
                               enum openapi_side side, const char *const *without)
{
    json_t *schema = openapi_type(writer->schemas, type, side, without);
    return json_pack("{s:{s:o}, s:{}}", "application/json", "schema", schema, "application/x-protobuf");
}

static json_t *media_content(const char *const *media)
{
    json_t *content = json_object();
    for (; *media; media++) json_object_set_new(content, *media, json_object());
    return content;
}

static json_t *graphql_body(void)
{
    json_t *properties =
        json_pack("{s:{s:s, s:s}, s:{s:s, s:s}, s:{s:[s,s], s:s}, s:{s:[s,s]}, s:{s:[s,s]}}", "query", "type",
                  "string", "description", "The document.", "documentId", "type", "string", "description",
                  "In place of it, \"sha256:\" and the digest of one that this installation trusts.",
                  "operationName", "type", "string", "null", "description",
                  "Which of its operations runs; not needed when there is one.", "variables", "type",
                  "object", "null", "extensions", "type", "object", "null");
    return json_pack("{s:b, s:{s:{s:{s:s, s:o, s:[{s:s}]}}}}", "required", 1, "content", "application/json",
                     "schema", "type", "object", "properties", properties, "examples", "query",
                     "{ sides { name } }");
}

static json_t *presence_body(struct writer *writer, const struct route *route)
{
    return json_pack(
        "{s:b, s:o}", "required", 1, "content",
        message_content(writer, &events__say_presence_request__descriptor, OPENAPI_REQUEST, route->params));
}

static json_t *request_body(struct writer *writer, const struct route *route)
{
    const struct schema_method *method = route->method;
    const char *const *names = route->params;
    unsigned fields = 0;
    bool required = false;
    if (route->page == PAGE_GRAPHQL && route->takes_body) return graphql_body();
    if (route->page == PAGE_PRESENCE && route->takes_body) return presence_body(writer, route);
    if (!method || !route->takes_body) return NULL;
    if (route->raw_body)
        return json_pack("{s:b, s:o}", "required", 1, "content", media_content(method->raw_body.media));
    for (unsigned i = 0; i < method->request->n_fields; i++) {
        if (openapi_listed(method->request->fields[i].name, names)) continue;
        fields++;
        required = required || openapi_required(method->request, i);
    }
    if (fields == 0) return NULL;
    return json_pack("{s:b, s:o}", "required", required, "content",
                     message_content(writer, method->request, OPENAPI_REQUEST, names));
}

static json_t *presence_content(struct writer *writer)
{
    json_t *schema = openapi_type(writer->schemas, &events__event_presence__descriptor, OPENAPI_REPLY, NULL);
    return json_pack("{s:{s:{s:s, s:{s:o}, s:[s]}}}", "application/json", "schema", "type", "object",
                     "properties", "presence", schema, "required", "presence");
}

static json_t *ticket_content(void)
{
    json_t *properties = json_pack("{s:{s:s}, s:{s:s, s:s}}", "ticket", "type", "string", "expires_at",
                                   "type", "string", "format", "date-time");
    return json_pack("{s:{s:{s:s, s:o, s:[s,s]}}}", "application/json", "schema", "type", "object",
                     "properties", properties, "required", "ticket", "expires_at");
}

static json_t *page_content(struct writer *writer, const struct route *route)
{
    static const char *const types[] = {[PAGE_OPENAPI] = "application/json", [PAGE_SCHEMA] = "text/plain"};
    if (route->page == PAGE_GRAPHQL)
        return json_pack("{s:{s:{s:s}}, s:{s:{s:s}}}", "application/json", "schema", "type", "object",
                         "application/graphql-response+json", "schema", "type", "object");
    if (route->page == PAGE_TICKET) return ticket_content();
    if (route->page == PAGE_PRESENCE) return presence_content(writer);
    bool is_text = route->page == PAGE_OPENAPI || route->page == PAGE_SCHEMA;
    return json_pack("{s:{}}", is_text ? types[route->page] : "text/html");
}

static json_t *openapi_success(struct writer *writer, const struct route *route, int status)
{
    const struct schema_method *method = route->method;
    json_t *response = json_pack("{s:s}", "description", "Done.");
    if (status == 204 || status == 302) return response;
    json_t *content;
    if (!method)
        content = page_content(writer, route);
    else if (route->raw_reply)
        content = media_content(method->raw_reply.media);
    else
        content = message_content(writer, method->reply, OPENAPI_REPLY, NULL);
    json_object_set_new(response, "content", content);
    return response;
}

// A parameter that names an object may name one that does not exist.
static bool names_objects(const ProtobufCMessageDescriptor *request)
{
    const struct schema_message *schema = schema_message(request);
    for (unsigned i = 0; schema && i < request->n_fields; i++) {
        Conse__Rule__Format format = schema->fields[i].rule.format;
        if (format == CONSE__RULE__FORMAT__UUID || format == CONSE__RULE__FORMAT__UUID_OR_NONE ||
            format == CONSE__RULE__FORMAT__ROOM)
            return true;
    }
    return false;
}

// An API key's token is of a level that would do, and is still refused.
static bool refuses_keys(const struct route *route)
{
    const struct schema_method *method = route->method;
    if (!method || route->level == CONSE__METHOD__LEVEL__PUBLIC) return false;
    return method->login_only || !schema_reads(method);
}

// By headers beside its body, and not by a token.
static bool is_signed(const struct schema_method *method) { return method && method->raw_body.headers; }

static bool may_answer(const struct route *route, int status)
{
    const struct schema_method *method = route->method;
    bool json_reply = method && route->status != 204 && !route->raw_reply;
    bool restricted = method && (route->level >= CONSE__METHOD__LEVEL__GOD || method->owners->kind);
    switch (status) {
    case 401:
        return route->level != CONSE__METHOD__LEVEL__PUBLIC || route->auth_limited || is_signed(method);
    case 403:
        return restricted || route->takes_body || refuses_keys(route);
    case 404:
        return method && (route->params[0] || names_objects(method->request));
    case 406:
        return json_reply;
    case 409:
    case 422:
    case 507:
        return method && route->verb != VERB_GET;
    case 415:
        return route->takes_body;
    case 405:
    case 501:
        return false; // of other methods than those described
    case 503:
    case 504:
        return method;
    default: // of the request as such
        return true;
    }
}

static json_t *openapi_responses(struct writer *writer, const struct route *route)
{
    char status[16], ref[64];
    json_t *all = json_object();
    snprintf(status, sizeof status, "%d", route->status);
    json_object_set_new(all, status, openapi_success(writer, route, route->status));
    if (route->method && route->method->existing)
        json_object_set_new(all, "200", openapi_success(writer, route, 200));
    if (route->page == PAGE_DOCS || route->page == PAGE_ROOT) {
        json_object_set_new(all, "200", openapi_success(writer, route, 200));
        json_object_set_new(all, "302",
                            json_pack("{s:s}", "description", "Without a console: to /openapi.json."));
    }
    if (route->verb == VERB_GET && route->status == 200)
        json_object_set_new(all, "304", json_pack("{s:s}", "description", "What the client has is current."));
    for (size_t i = 0; i < sizeof problem_statuses / sizeof *problem_statuses; i++) {
        if (!may_answer(route, problem_statuses[i])) continue;
        snprintf(status, sizeof status, "%d", problem_statuses[i]);
        snprintf(ref, sizeof ref, "#/components/responses/Problem%d", problem_statuses[i]);
        json_object_set_new(all, status, json_pack("{s:s}", "$ref", ref));
    }
    return all;
}

// ---- Operations

static json_t *openapi_security(const struct route *route)
{
    if (route->level == CONSE__METHOD__LEVEL__PUBLIC) return json_array();
    if (route->level == CONSE__METHOD__LEVEL__OPTIONAL) return json_pack("[{}, {s:[]}]", "bearer");
    return json_pack("[{s:[]}]", "bearer");
}

static const char *page_summary(enum route_page page)
{
    switch (page) {
    case PAGE_OPENAPI:
        return "This description.";
    case PAGE_GRAPHQL:
        return "Runs an operation of a GraphQL document.";
    case PAGE_TICKET:
        return "Gives a ticket, good once within 30 s, by which a client opens a stream that can't send a "
               "token.";
    case PAGE_PRESENCE:
        return "Who follows the event, and whether somebody looks at the caller's page.";
    case PAGE_SCHEMA:
        return "What GraphQL shows, in its own language.";
    case PAGE_DOCS:
        return "A page that shows this description.";
    default:
        return "Leads to the page for people.";
    }
}

static json_t *openapi_operation(struct writer *writer, const struct route *route)
{
    static const char *const page_ids[] = {[PAGE_OPENAPI] = "gateway.Openapi",
                                           [PAGE_TICKET] = "gateway.CreateTicket",
                                           [PAGE_PRESENCE] = "gateway.GetPresence",
                                           [PAGE_DOCS] = "gateway.Docs",
                                           [PAGE_ROOT] = "gateway.Root",
                                           [PAGE_SCHEMA] = "gateway.GraphqlSchema",
                                           [PAGE_GRAPHQL] = "gateway.GetGraphql"};
    const struct schema_method *method = route->method;
    const char *page_id = page_ids[route->page];
    if (route->page == PAGE_GRAPHQL && route->takes_body) page_id = "gateway.PostGraphql";
    if (route->page == PAGE_PRESENCE && route->takes_body) page_id = "gateway.SayPresence";
    json_t *body = request_body(writer, route);
    json_t *operation =
        json_pack("{s:s, s:s, s:[s], s:s, s:o, s:o, s:o}", "operationId", method ? method->name : page_id,
                  "summary", method ? method->doc : page_summary(route->page), "tags",
                  method ? routes_service(writer->routes, route->service) : "gateway", "description",
                  route_who(route), "parameters", openapi_parameters(writer, route), "responses",
                  openapi_responses(writer, route), "security", openapi_security(route));
    if (body) json_object_set_new(operation, "requestBody", body);
    return operation;
}

static void write_route(struct writer *writer, const struct route *route)
{
    char verb[8];
    size_t n = 0;
    for (const char *c = verb_name(route->verb); *c; c++) verb[n++] = (char)(*c | 0x20);
    verb[n] = 0;
    json_t *path = json_object_get(writer->paths, route->path);
    if (!path) {
        path = json_object();
        json_object_set_new(writer->paths, route->path, path);
    }
    json_object_set_new(path, verb, openapi_operation(writer, route));
}

// ---- The rest of the document

static json_t *problem_schema(void)
{
    json_t *properties = json_pack(
        "{s:{s:s, s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:{s:s, "
        "s:{s:{s:s}, s:{s:s}}}}, s:{s:s, s:s, s:{s:{s:s}, s:{s:s}}}}",
        "type", "type", "string", "format", "uri-reference", "title", "type", "string", "status", "type",
        "integer", "detail", "type", "string", "instance", "type", "string", "code", "type", "string",
        "description", "Stable name of the reason; see x-conse-reasons.", "trace_id", "type", "string",
        "description", "Quote it when asking for help.", "errors", "type", "array", "items", "type", "object",
        "properties", "field", "type", "string", "detail", "type", "string", "proof", "type", "object",
        "description",
        "The work that is wanted: Conse-Proof is `stamp`, a dot and a number with which SHA-256 of it begins "
        "with `bits` zeros.",
        "properties", "stamp", "type", "string", "bits", "type", "integer");
    return json_pack("{s:s, s:s, s:o, s:[s,s,s,s,s,s,s]}", "type", "object", "description",
                     "A problem document (RFC 9457).", "properties", properties, "required", "type", "title",
                     "status", "detail", "instance", "code", "trace_id");
}

static json_t *problem_responses(void)
{
    json_t *all = json_object();
    for (size_t i = 0; i < sizeof problem_statuses / sizeof *problem_statuses; i++) {
        char name[16];
        int status = problem_statuses[i];
        snprintf(name, sizeof name, "Problem%d", status);
        json_t *response =
            json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", problem_title(status), "content",
                      "application/problem+json", "schema", "$ref", "#/components/schemas/Problem");
        if (status == 409 || status == 429 || status == 503) // 409 of some codes only
            json_object_set_new(response, "headers",
                                json_pack("{s:{s:s, s:{s:s}}}", "Retry-After", "description",
                                          "Seconds to wait.", "schema", "type", "integer"));
        json_object_set_new(all, name, response);
    }
    return all;
}

static json_t *header_parameter(const char *name, const char *description, json_t *schema)
{
    return json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", name, "in", "header", "required", 0, "description",
                     description, "schema", schema);
}

static json_t *shared_parameters(void)
{
    json_t *key = json_pack("{s:s, s:s}", "type", "string", "pattern", "^[!-~]{1,64}$");
    json_t *session = json_pack("{s:s, s:[s]}", "type", "string", "enum", "cookie");
    return json_pack(
        "{s:o, s:o, s:o, s:o}", "ConseSession",
        header_parameter(
            "Conse-Session",
            "Keeps refresh_token and device_token in cookies of this browser, which no script reads: "
            "replies have them empty, and requests may.",
            session),
        "IdempotencyKey",
        header_parameter("Idempotency-Key",
                         "A repeated request with the same key gets the first reply again, for 24 hours.",
                         key),
        "IfMatch",
        header_parameter(
            "If-Match",
            "ETags of what the client knows, or *: else nothing is done. Of commands on an event also "
            "\"act-<n>\", the event's newest act.",
            json_pack("{s:s}", "type", "string")),
        "IfNoneMatch",
        header_parameter("If-None-Match", "ETags that the client has, or *.",
                         json_pack("{s:s}", "type", "string")));
}

static json_t *openapi_reasons(void)
{
    size_t count;
    const struct reason *table = reason_all(&count);
    json_t *list = json_array();
    for (size_t i = 1; i < count; i++)
        if (table[i].name)
            json_array_append_new(list, json_pack("{s:s, s:i, s:s}", "code", table[i].name, "status",
                                                  problem_status((Conse__Reason__Value)i), "description",
                                                  table[i].doc));
    return list;
}

static json_t *openapi_document(struct writer *writer)
{
    json_object_set_new(writer->schemas, "Problem", problem_schema());
    json_t *components =
        json_pack("{s:O, s:o, s:o, s:{s:{s:s, s:s, s:s}}}", "schemas", writer->schemas, "responses",
                  problem_responses(), "parameters", shared_parameters(), "securitySchemes", "bearer", "type",
                  "http", "scheme", "bearer", "bearerFormat", "JWT");
    return json_pack("{s:s, s:{s:s, s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:s, s:s}, {s:s, s:s}, {s:s, "
                     "s:s}, {s:s, s:s}, {s:s, s:s}], s:O, s:o, s:o}",
                     "openapi", "3.1.0", "info", "title", "Conse", "version", CONSE_VERSION, "description",
                     "Mafia-style party games as real events. JSON follows the proto3 mapping with "
                     "snake_case names: 64-bit integers are "
                     "strings, bytes base64, enums names; the same routes take and give "
                     "application/x-protobuf. Errors are problem "
                     "documents with a stable code. Every answer has the server's time in Conse-Time, as "
                     "milliseconds since 1970.",
                     "license", "name", "Apache-2.0", "identifier", "Apache-2.0", "servers", "url", "/",
                     "tags", "name", "auth", "description", "People: accounts, tokens, wallets.", "name",
                     "events", "description",
                     "The game: catalogue, groups, decks, events, seats, phases, polls.", "name", "chain",
                     "description", "Money: what people have, and the ledger that proves it.", "name", "ai",
                     "description", "What finished games say of those who played them.", "name", "gateway",
                     "description", "The gateway's own pages.", "paths", writer->paths, "components",
                     components, "x-conse-reasons", openapi_reasons());
}

bool openapi_make(const struct routes *routes, char **text, size_t *len, struct err *err)
{
    struct writer writer = {.routes = routes, .paths = json_object(), .schemas = json_object()};
    size_t count;
    const struct route *all = routes_all(routes, &count);
    for (size_t i = 0; i < count; i++)
        if (route_described(&all[i])) write_route(&writer, &all[i]); // docs/realtime.md has the streams
    json_t *whole = openapi_document(&writer);
    *text = whole ? json_dumps(whole, JSON_COMPACT) : NULL;
    json_decref(whole);
    json_decref(writer.paths);
    json_decref(writer.schemas);
    if (!*text) return err_fail(err, INTERNAL_ERROR, "the API's description cannot be made");
    *len = strlen(*text);
    return true;
}
