#include "services/gateway/graph/request.h"

bool request_refuse(struct err *err, const char *name, const char *what)
{
    return err_field(err, MALFORMED, name, "%s must be %s", name, what);
}

static bool take_text(const json_t *object, const char *name, const char **text, size_t *len, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) return true;
    if (!json_is_string(value)) return request_refuse(err, name, "a string");
    *text = json_string_value(value);
    *len = json_string_length(value);
    return true;
}

static bool take_object(const json_t *object, const char *name, const json_t **taken, struct err *err)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) return true;
    if (!json_is_object(value)) return request_refuse(err, name, "an object");
    *taken = value;
    return true;
}

bool request_read(struct gql_request *request, const json_t *object, const struct graphs *graphs,
                  struct err *err)
{
    const json_t *extensions = NULL;
    const char *id = NULL, *name = NULL;
    size_t id_len, name_len;
    bool read = take_text(object, "query", &request->text, &request->len, err) &&
                take_text(object, "documentId", &id, &id_len, err) &&
                take_text(object, "operationName", &name, &name_len, err) &&
                take_object(object, "variables", &request->variables, err) &&
                take_object(object, "extensions", &extensions, err);
    if (name && *name) request->operation = name;
    return read && request_choose(request, id, graphs, err);
}

bool request_choose(struct gql_request *request, const char *id, const struct graphs *graphs, struct err *err)
{
    bool trusted = id != NULL;
    if (id && request->text) return request_refuse(err, "documentId", "given in place of query");
    if (id) {
        struct gql_trusted found = gql_trust_find(graphs->lent.trust, id);
        if (!found.text) return err_fail(err, GRAPHQL_UNTRUSTED, "there is no trusted document of this id");
        request->text = found.text;
        request->len = found.len;
    }
    if (!request->text) return request_refuse(err, "query", "given");
    if (!trusted) trusted = gql_trust_has(graphs->lent.trust, request->text, request->len);
    request->limits = trusted ? &gql_limits_trusted : &gql_limits_open;
    return trusted || !graphs->lent.trusted_only ||
           err_fail(err, GRAPHQL_UNTRUSTED, "only documents that this installation trusts run here");
}
