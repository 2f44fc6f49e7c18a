// The request of a question, from the arguments of its field.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/json.h"
#include "services/gateway/graphql/run/running.h"

enum { MOST_KEY = 64, MOST_REQUESTS = 1 << 20 };

// ---- Refusals name fields as GraphQL's clients know them

static const char *argument_of(const struct gql_field *field, const char *name, size_t len)
{
    for (size_t i = 0; i < field->args_count; i++) {
        const ProtobufCFieldDescriptor *into = field->args[i].into;
        if (into && strlen(into->name) == len && memcmp(into->name, name, len) == 0)
            return field->args[i].name;
    }
    return NULL;
}

static void err_put(struct err *err, size_t *len, char c)
{
    if (*len < sizeof err->field - 1) err->field[(*len)++] = c;
}

// Sentences about a field begin with its name.
static void message_rename(struct err *kept, const struct err *err)
{
    size_t len = strlen(err->field);
    if (strncmp(err->message, err->field, len) == 0)
        snprintf(kept->message, sizeof kept->message, "%s%s", kept->field, err->message + len);
}

const struct err *run_keep_err(struct gql_run *run, const struct err *err, const struct gql_field *field)
{
    struct err *kept = arena_copy(run->arena, err, sizeof *err);
    size_t first = strcspn(err->field, ".["), len = 0;
    const char *argument = argument_of(field, err->field, first), *at = err->field;
    if (!kept || !*err->field) return kept;
    for (const char *c = argument; c && *c; c++) err_put(kept, &len, *c);
    if (argument) at += first;
    for (; *at; at++) {
        bool joint = *at == '_' && at[1];
        if (joint) at++;
        err_put(kept, &len, (char)(joint ? toupper((unsigned char)*at) : *at));
    }
    kept->field[len] = 0;
    message_rename(kept, err);
    return kept;
}

// ---- The request

static const struct ast_argument *find_argument(const struct ast_selection *selection,
                                                const struct gql_input *input)
{
    for (const struct ast_argument *each = selection->arguments; each; each = each->next)
        if (each->input == input) return each;
    return NULL;
}

json_t *run_argument(struct gql_run *run, const struct plan_field *field, const struct gql_input *input)
{
    const struct ast_argument *argument = find_argument(field->selection, input);
    json_t *value = argument ? value_of(run, argument->value, input->of) : NULL;
    if (!value && input->default_text) value = json_loads(input->default_text, JSON_DECODE_ANY, NULL);
    return value;
}

static bool refuse_null(const struct gql_input *input, struct err *err)
{
    return err_field(err, MALFORMED, input->name, "%s may not be null", input->name);
}

static bool take_key(struct gql_run *run, struct run_request *made, const json_t *value, struct err *err)
{
    if (!json_is_string(value)) return true;
    made->idempotency = arena_str(run->arena, json_string_value(value));
    return (made->idempotency && text_is_visible_ascii(made->idempotency, MOST_KEY)) ||
           err_field(err, MALFORMED, "idempotencyKey",
                     "idempotencyKey must be 1 to %d visible ASCII characters", MOST_KEY);
}

// A request that is being made.
struct making {
    struct gql_run *run;
    const struct plan_field *field;
    struct run_request *made;
    json_t *request;
};

// An argument is a field of the request, the whole of it, or the key.
static bool take_argument(const struct making *m, const struct gql_input *input, struct err *err)
{
    json_t *value = run_argument(m->run, m->field, input);
    bool ok = true;
    if (input->of.wraps & GQL_REQUIRED && (!value || json_is_null(value)))
        ok = refuse_null(input, err);
    else if (value && input->into)
        json_object_set(m->request, input->into->name, value);
    else if (value && input->of.type->kind == GQL_INPUT)
        json_object_update(m->request, value);
    else if (value)
        ok = take_key(m->run, m->made, value, err);
    json_decref(value);
    return ok;
}

static bool take_arguments(const struct making *m, struct err *err)
{
    const struct gql_field *of = m->made->of;
    for (size_t i = 0; i < of->args_count; i++)
        if (!take_argument(m, &of->args[i], err)) return false;
    return true;
}

// A long variable may stand in many places of a short document.
static bool parse_request(const struct making *m, struct err *err)
{
    struct gql_run *run = m->run;
    if (run->request_bytes >= MOST_REQUESTS)
        return err_fail(err, BODY_TOO_LARGE, "the document's requests are larger than %d bytes together",
                        MOST_REQUESTS);
    char *text = json_dumps(m->request, JSON_COMPACT);
    bool ok = text ? json_parse(text, strlen(text), m->made->message, NULL, run->arena, err)
                   : err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    if (text) run->request_bytes += strlen(text);
    free(text);
    if (ok) schema_lower_ids(m->made->message);
    return ok;
}

static void make_request(struct gql_run *run, const struct plan_field *field, struct run_request *made)
{
    struct err err = {0};
    const struct gql_field *of = field->field;
    *made = (struct run_request){of, json_message_new(of->route->method->request, run->arena), NULL, NULL};
    if (!made->message) return; // no memory
    const struct making m = {run, field, made, json_object()};
    bool ok = take_arguments(&m, &err) && parse_request(&m, &err);
    json_decref(m.request);
    if (ok) return;
    made->message = NULL;
    made->refused = run_keep_err(run, &err, of);
}

void run_fill_request(struct gql_run *run, struct plan_field *field)
{
    struct run_request *made = &run->requests[field->selection->place];
    if (made->of != field->field) make_request(run, field, made);
    field->request = made->message;
    field->refused = made->refused;
    field->idempotency = made->idempotency;
}
