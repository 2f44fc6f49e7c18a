// The request of a question, from the arguments of its field.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/json.h"
#include "services/gateway/graphql/run/running.h"

enum { MOST_KEY = 64 };

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

static bool take_key(struct gql_run *run, struct plan_field *field, const json_t *value, struct err *err)
{
    if (!json_is_string(value)) return true;
    field->idempotency = arena_str(run->arena, json_string_value(value));
    return (field->idempotency && text_is_visible_ascii(field->idempotency, MOST_KEY)) ||
           err_field(err, MALFORMED, "idempotencyKey",
                     "idempotencyKey must be 1 to %d visible ASCII characters", MOST_KEY);
}

// An argument is a field of the request, the whole of it, or the key.
static bool take_argument(struct gql_run *run, struct plan_field *field, const struct gql_input *input,
                          json_t *request, struct err *err)
{
    json_t *value = run_argument(run, field, input);
    bool ok = true;
    if (input->of.wraps & GQL_REQUIRED && (!value || json_is_null(value)))
        ok = refuse_null(input, err);
    else if (value && input->into)
        json_object_set(request, input->into->name, value);
    else if (value && input->of.type->kind == GQL_INPUT)
        json_object_update(request, value);
    else if (value)
        ok = take_key(run, field, value, err);
    json_decref(value);
    return ok;
}

static bool take_arguments(struct gql_run *run, struct plan_field *field, json_t *request, struct err *err)
{
    for (size_t i = 0; i < field->field->args_count; i++)
        if (!take_argument(run, field, &field->field->args[i], request, err)) return false;
    return true;
}

static bool parse_request(struct gql_run *run, const json_t *request, ProtobufCMessage *message,
                          struct err *err)
{
    char *text = json_dumps(request, JSON_COMPACT);
    bool ok = text ? json_parse(text, strlen(text), message, NULL, run->arena, err)
                   : err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    free(text);
    if (ok) schema_lower_ids(message);
    return ok;
}

void run_fill_request(struct gql_run *run, struct plan_field *field)
{
    struct err err = {0};
    json_t *request = json_object();
    ProtobufCMessage *message = json_message_new(field->field->route->method->request, run->arena);
    bool ok =
        message && take_arguments(run, field, request, &err) && parse_request(run, request, message, &err);
    json_decref(request);
    if (ok)
        field->request = message;
    else if (message)
        field->refused = run_keep_err(run, &err, field->field);
}
