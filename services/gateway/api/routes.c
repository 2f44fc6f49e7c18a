#include "services/gateway/api/routes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const verb_names[VERB_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

struct node {
    char *text; // of the segment; "{" for a parameter
    struct node *children, *next;
    const struct route *routes[VERB_COUNT];
};

struct routes {
    struct node root;
    struct route *all;
    size_t count;
    char services[ROUTE_SERVICES_MOST][ROUTE_SERVICE_SIZE];
    size_t services_count;
};

bool verb_parse(const char *text, enum verb *verb)
{
    if (strcmp(text, "HEAD") == 0) return *verb = VERB_GET, true;
    for (int i = 0; i < VERB_COUNT; i++)
        if (strcmp(text, verb_names[i]) == 0) return *verb = (enum verb)i, true;
    return false;
}

const char *verb_name(enum verb verb) { return verb_names[verb]; }

void routes_allow(unsigned verbs, char out[ROUTE_ALLOW_SIZE])
{
    int at = 0;
    for (int i = 0; i < VERB_COUNT; i++)
        if (verbs & 1U << i)
            at +=
                snprintf(out + at, ROUTE_ALLOW_SIZE - (size_t)at, "%s%s, ", verb_names[i], i ? "" : ", HEAD");
    snprintf(out + at, ROUTE_ALLOW_SIZE - (size_t)at, "OPTIONS");
}

static struct node *child_find(const struct node *node, const char *text)
{
    for (struct node *child = node->children; child; child = child->next)
        if (strcmp(child->text, text) == 0) return child;
    return NULL;
}

static struct node *child_add(struct node *node, const char *text, size_t len)
{
    char *copy = strndup(text, len);
    struct node *child = copy ? child_find(node, copy) : NULL;
    if (child) return free(copy), child;
    child = calloc(1, sizeof *child);
    if (!child || !copy) abort();
    child->text = copy;
    child->next = node->children;
    return node->children = child;
}

// Follows a row's path from the root, making nodes and collecting the parameters' names.
static struct node *routes_plant(struct routes *routes, struct route *route)
{
    struct node *node = &routes->root;
    size_t params = 0;
    for (const char *at = route->path + 1; *at; at += strspn(at, "/")) {
        size_t len = strcspn(at, "/");
        bool param = *at == '{';
        if (param) {
            assert(params < ROUTE_MAX_PARAMS);
            route->params[params++] = strndup(at + 1, len - 2);
        }
        node = child_add(node, param ? "{" : at, param ? 1 : len);
        at += len;
    }
    return node;
}

// ---- What follows from the passport

static uint8_t service_place(struct routes *routes, const char *method)
{
    size_t i = 0, len = strcspn(method, ".");
    assert(len < ROUTE_SERVICE_SIZE);
    while (i < routes->services_count &&
           (strncmp(routes->services[i], method, len) != 0 || routes->services[i][len]))
        i++;
    if (i == routes->services_count) {
        assert(i < ROUTE_SERVICES_MOST);
        memcpy(routes->services[routes->services_count++], method, len);
    }
    return (uint8_t)i;
}

// From 1; 0 when no parameter is the field.
static uint8_t param_of(const struct route *route, uint8_t field)
{
    for (uint8_t i = 0; field && route->params[i]; i++)
        if (strcmp(route->params[i], route->method->request->fields[field - 1].name) == 0) return i + 1;
    return 0;
}

static bool is_of_room(const struct schema_method *method)
{
    const struct schema_message *request = schema_message(method->request);
    return request && request->fields[method->route_key - 1].rule.format == CONSE__RULE__FORMAT__ROOM;
}

static void read_passport(struct routes *routes, struct route *route)
{
    const struct schema_method *method = route->method;
    route->service = service_place(routes, method->name);
    route->level = method->level;
    route->peer_param = param_of(route, method->route_key);
    route->raw_body = method->raw_body.body;
    route->raw_reply = method->raw_reply.body;
    route->keyed = method->keyed_table || method->keyed_stream;
    route->auth_limited = method->limit == CONSE__METHOD__LIMIT__AUTH;
    route->join_limited = method->limit == CONSE__METHOD__LIMIT__JOIN;
    route->has_acts = route->verb != VERB_GET && method->route_key;
    route->has_revisions = route->has_acts && is_of_room(method);
}

static bool refuse_row(const struct route_row *row, const char *why, struct err *err)
{
    return err_fail(err, INTERNAL_ERROR, "%s %s: %s %s", verb_names[row->verb], row->path,
                    row->method ? row->method : "a page", why);
}

static bool has_param(const struct route *route, size_t i)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(route->method->request, route->params[i]);
    return field && field->type == PROTOBUF_C_TYPE_STRING && field->label != PROTOBUF_C_LABEL_REPEATED;
}

bool route_may_call(const struct schema_method *method, struct err *err)
{
    if (method->limit == CONSE__METHOD__LIMIT__INTERNAL)
        return err_fail(err, INTERNAL_ERROR, "%s is internal", method->name);
    return method->callers >> CONSE__ASKER__VALUE__GATEWAY & 1 ||
           err_fail(err, INTERNAL_ERROR, "%s is not for the gateway", method->name);
}

static bool check_method(const struct route_row *row, const struct route *route, struct err *err)
{
    const struct schema_method *method = route->method;
    if (!method) return refuse_row(row, "is not known", err);
    if (!route_may_call(method, err)) return err_wrap(err, row->path);
    for (size_t i = 0; route->params[i]; i++)
        if (!has_param(route, i)) return refuse_row(row, "has no such parameter", err);
    if (method->route_key && !param_of(route, method->route_key))
        return refuse_row(row, "is routed by what is not in the path", err);
    if (method->raw_body.body && !route->takes_body) return refuse_row(row, "needs a body", err);
    return true;
}

static bool takes_body(enum verb verb) { return verb == VERB_POST || verb == VERB_PUT || verb == VERB_PATCH; }

bool route_streams(const struct route *route)
{
    return route->page == PAGE_STREAM || route->page == PAGE_EVENT_STREAM;
}

bool route_described(const struct route *route)
{
    return !route_streams(route) && route->page != PAGE_CONSOLE && route->page != PAGE_FILE;
}

static bool add_row(struct routes *routes, const struct route_row *row, struct err *err)
{
    struct route *route = &routes->all[routes->count++];
    *route = (struct route){.verb = row->verb,
                            .path = row->path,
                            .status = row->status,
                            .page = row->page,
                            .level = CONSE__METHOD__LEVEL__PUBLIC,
                            .takes_body = takes_body(row->verb)};
    if (route_streams(route)) route->level = CONSE__METHOD__LEVEL__OPTIONAL;
    struct node *node = routes_plant(routes, route);
    if (node->routes[row->verb]) return refuse_row(row, "has the place of another", err);
    node->routes[row->verb] = route;
    if (row->page == PAGE_TICKET || row->page == PAGE_PRESENCE) route->level = CONSE__METHOD__LEVEL__USER;
    if (row->page == PAGE_GRAPHQL) route->level = CONSE__METHOD__LEVEL__OPTIONAL; // each field has its own
    if (!row->method) return row->page != PAGE_NONE || refuse_row(row, "is none", err);
    route->method = schema_method(row->method);
    if (!check_method(row, route, err)) return false;
    read_passport(routes, route);
    return true;
}

// ---- Life

bool routes_create(struct routes **out, const struct route_row *rows, size_t count, struct err *err)
{
    struct routes *routes = calloc(1, sizeof *routes);
    if (!routes || !(routes->all = calloc(count, sizeof *routes->all))) abort();
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) ok = add_row(routes, &rows[i], err);
    if (!ok) return routes_destroy(routes), false;
    *out = routes;
    return true;
}

static void node_finish(struct node *node)
{
    for (struct node *child = node->children, *next; child; child = next) {
        next = child->next;
        node_finish(child);
        free(child->text);
        free(child);
    }
}

void routes_destroy(struct routes *routes)
{
    if (!routes) return;
    node_finish(&routes->root);
    for (size_t i = 0; i < routes->count; i++)
        for (size_t p = 0; routes->all[i].params[p]; p++) free((char *)routes->all[i].params[p]);
    free(routes->all);
    free(routes);
}

const struct route *routes_all(const struct routes *routes, size_t *count)
{
    *count = routes->count;
    return routes->all;
}

const char *routes_service(const struct routes *routes, size_t i)
{
    return i < routes->services_count ? routes->services[i] : NULL;
}

// ---- Matching

// A literal segment wins over a parameter; the table has no path that would need to go back.
static const struct node *routes_walk(const struct routes *routes, const struct target *target,
                                      const char **params)
{
    const struct node *node = &routes->root;
    for (size_t i = 0; i < target->segment_count && node; i++) {
        const char *segment = target->segments[i];
        const struct node *literal = *segment && *segment != '{' ? child_find(node, segment) : NULL;
        node = literal ? literal : *segment ? child_find(node, "{") : NULL;
        if (node && !literal) *params++ = segment;
    }
    return node;
}

struct route_match routes_match(const struct routes *routes, const char *verb, const struct target *target)
{
    struct route_match match = {0};
    enum verb wanted;
    const struct node *node = routes_walk(routes, target, match.params);
    if (!node) return match;
    for (int i = 0; i < VERB_COUNT; i++)
        if (node->routes[i]) match.verbs |= 1U << i;
    if (match.verbs && verb_parse(verb, &wanted)) match.route = node->routes[wanted];
    return match;
}

const char *route_peer(const struct route *route, const struct route_match *match)
{
    return route->peer_param ? match->params[route->peer_param - 1] : NULL;
}
