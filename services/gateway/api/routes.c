#include "services/gateway/api/routes.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const verb_names[VERB_COUNT] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

struct node {
    char *text; // of the segment; "{" for a parameter
    struct node *children, *next;
    const struct route *rows[VERB_COUNT];
};

// What is derived from a row at start.
struct row {
    const struct schema_method *method;
    const char *params[ROUTE_MAX_PARAMS + 1];
};

struct routes {
    struct node root;
    struct row *rows;
    const struct route *table;
    size_t count;
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

const char *route_service(const struct route *route, char out[16])
{
    snprintf(out, 16, "%.*s", (int)strcspn(route->method ? route->method : "", "."),
             route->method ? route->method : "");
    return out;
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
static struct node *routes_plant(struct routes *routes, const struct route *route, struct row *row)
{
    struct node *node = &routes->root;
    size_t params = 0;
    for (const char *at = route->path + 1; *at; at += strspn(at, "/")) {
        size_t len = strcspn(at, "/");
        bool param = *at == '{';
        if (param) {
            assert(params < ROUTE_MAX_PARAMS);
            row->params[params++] = strndup(at + 1, len - 2);
        }
        node = child_add(node, param ? "{" : at, param ? 1 : len);
        at += len;
    }
    return node;
}

static void check_row(const struct route *route, const struct row *row)
{
    assert(route->access != ROUTE_REFUSED);
    assert(route->method || route->page != PAGE_NONE);
    if (!route->method) return;
    assert(row->method);
    assert(!(route->flags & ROUTE_EXISTING) ||
           protobuf_c_message_descriptor_get_field_by_name(row->method->reply, "existing"));
    for (size_t i = 0; row->params[i]; i++) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(row->method->request, row->params[i]);
        assert(field && field->type == PROTOBUF_C_TYPE_STRING && field->label != PROTOBUF_C_LABEL_REPEATED);
        (void)field;
    }
}

struct routes *routes_create(void)
{
    struct routes *routes = calloc(1, sizeof *routes);
    if (!routes) abort();
    routes->table = routes_table(&routes->count);
    routes->rows = calloc(routes->count, sizeof *routes->rows);
    if (!routes->rows) abort();
    for (size_t i = 0; i < routes->count; i++) {
        const struct route *route = &routes->table[i];
        struct node *node = routes_plant(routes, route, &routes->rows[i]);
        routes->rows[i].method = route->method ? schema_method(route->method) : NULL;
        check_row(route, &routes->rows[i]);
        assert(!node->rows[route->verb]);
        node->rows[route->verb] = route;
    }
    return routes;
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
        for (size_t p = 0; routes->rows[i].params[p]; p++) free((char *)routes->rows[i].params[p]);
    free(routes->rows);
    free(routes);
}

const struct schema_method *routes_method(const struct routes *routes, const struct route *route)
{
    return routes->rows[route - routes->table].method;
}

const char *const *routes_params(const struct routes *routes, const struct route *route)
{
    return routes->rows[route - routes->table].params;
}

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
        if (node->rows[i]) match.verbs |= 1U << i;
    if (match.verbs && verb_parse(verb, &wanted)) match.route = node->rows[wanted];
    return match;
}
