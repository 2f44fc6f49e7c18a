// The variables of a request, judged by their types before anything is asked. What is wrong is told by the
// place of the declaration and names of the schema.
#include <stdint.h>
#include <string.h>

#include "lib/json/time.h"
#include "services/gateway/graphql/run/running.h"

struct coercion {
    struct gql_run *run;
    const struct ast_variable *variable;
};

static json_t *coerce_refuse(const struct coercion *c, const char *what, const char *name)
{
    gql_faults_add(c->run->faults, CONSE__REASON__VALUE__GRAPHQL_VARIABLE, NULL, c->variable->at, what, name);
    return NULL;
}

static bool is_digits(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len > 0 && text[len] == 0;
}

static bool is_own(const struct gql_type *type, const json_t *value)
{
    struct json_time time;
    const char *text = json_string_value(value);
    if (strcmp(type->name, "UInt64") == 0)
        return json_is_integer(value) ? json_integer_value(value) >= 0 : text && is_digits(text);
    if (strcmp(type->name, "Int64") == 0)
        return json_is_integer(value) || (text && is_digits(text + (*text == '-')));
    if (strcmp(type->name, "DateTime") == 0) return text && json_timestamp_parse(text, &time);
    if (strcmp(type->name, "Duration") == 0) return text && json_duration_parse(text, &time);
    return text;
}

static json_t *coerce_int(const struct coercion *c, const json_t *value)
{
    double real = json_number_value(value);
    bool whole =
        json_is_number(value) && real >= INT32_MIN && real <= INT32_MAX && (double)(int64_t)real == real;
    return whole ? json_integer((json_int_t)real) : coerce_refuse(c, "it must be an %s", "Int");
}

static json_t *coerce_scalar(const struct coercion *c, const struct gql_type *type, json_t *value)
{
    switch (type->literals) {
    case GQL_INTS:
        return coerce_int(c, value);
    case GQL_FLOATS:
        return json_is_number(value) ? json_incref(value) : coerce_refuse(c, "it must be a %s", type->name);
    case GQL_BOOLEANS:
        return json_is_boolean(value) ? json_incref(value) : coerce_refuse(c, "it must be a %s", type->name);
    case GQL_STRINGS:
        return json_is_string(value) ? json_incref(value) : coerce_refuse(c, "it must be a %s", type->name);
    case GQL_IDS:
        if (json_is_integer(value)) return json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return json_is_string(value) ? json_incref(value) : coerce_refuse(c, "it must be an %s", type->name);
    default:
        return is_own(type, value) ? json_incref(value) : coerce_refuse(c, "it must be a %s", type->name);
    }
}

static json_t *coerce_enum(const struct coercion *c, const struct gql_type *type, json_t *value)
{
    const char *text = json_string_value(value);
    for (size_t i = 0; text && i < type->values_count; i++)
        if (strcmp(type->values[i].name, text) == 0) return json_incref(value);
    return coerce_refuse(c, "it must be the name of a value of %s", type->name);
}

static json_t *coerce_ref(const struct coercion *c, struct gql_ref of, json_t *value);

static const struct gql_input *find_input(const struct gql_type *type, const char *name)
{
    for (size_t i = 0; i < type->inputs_count; i++)
        if (strcmp(type->inputs[i].name, name) == 0) return &type->inputs[i];
    return NULL;
}

static bool coerce_fields(const struct coercion *c, const struct gql_type *type, json_t *value,
                          json_t *object)
{
    const char *name;
    json_t *member;
    json_object_foreach(value, name, member)
    {
        const struct gql_input *input = find_input(type, name);
        if (!input) return coerce_refuse(c, "%s has no such field", type->name), false;
        json_t *inner = coerce_ref(c, input->of, member);
        if (!inner) return false;
        json_object_set_new(object, input->into->name, inner);
    }
    for (size_t i = 0; i < type->inputs_count; i++)
        if (gql_input_is_required(&type->inputs[i]) && !json_object_get(value, type->inputs[i].name))
            return coerce_refuse(c, "%s is missing", type->inputs[i].name), false;
    return true;
}

static json_t *coerce_object(const struct coercion *c, const struct gql_type *type, json_t *value)
{
    if (!json_is_object(value)) return coerce_refuse(c, "it must be a %s", type->name);
    json_t *object = json_object();
    if (coerce_fields(c, type, value, object)) return object;
    json_decref(object);
    return NULL;
}

static json_t *coerce_alone(const struct coercion *c, const struct gql_type *type, json_t *value)
{
    if (type->kind == GQL_INPUT) return coerce_object(c, type, value);
    return type->kind == GQL_ENUM ? coerce_enum(c, type, value) : coerce_scalar(c, type, value);
}

// One value where a list is wanted is a list of it.
static json_t *coerce_list(const struct coercion *c, struct gql_ref of, json_t *value)
{
    struct gql_ref item = {of.type, of.wraps & GQL_ITEM_REQUIRED ? GQL_REQUIRED : 0};
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *inner = coerce_ref(c, item, json_is_array(value) ? json_array_get(value, i) : value);
        if (!inner) return json_decref(list), NULL;
        json_array_append_new(list, inner);
    }
    return list;
}

static json_t *coerce_ref(const struct coercion *c, struct gql_ref of, json_t *value)
{
    if (json_is_null(value))
        return of.wraps & GQL_REQUIRED ? coerce_refuse(c, "a %s may not be null here", of.type->name)
                                       : json_incref(value);
    return of.wraps & GQL_LIST ? coerce_list(c, of, value) : coerce_alone(c, of.type, value);
}

// Validation left no lists of lists.
static struct gql_ref ref_of(const struct ast_variable *variable)
{
    const struct ast_type *type = variable->type;
    struct gql_ref ref = {variable->input, type->required ? GQL_REQUIRED : 0};
    if (type->item) ref.wraps |= GQL_LIST | (type->item->required ? GQL_ITEM_REQUIRED : 0);
    return ref;
}

static bool coerce_variable(struct gql_run *run, const struct ast_variable *variable)
{
    const struct gql_name *name = gql_names_get(&run->document->names, variable->name);
    const struct coercion c = {run, variable};
    struct gql_ref of = ref_of(variable);
    json_t *given = json_object_getn(run->request->variables, name->text, name->len);
    if (!given && variable->preset)
        return run->variables[variable->name] = value_of(run, variable->preset, of), true;
    if (!given && !(of.wraps & GQL_REQUIRED)) return true;
    json_t *value = given ? coerce_ref(&c, of, given) : coerce_refuse(&c, "a %s is missing", of.type->name);
    run->variables[variable->name] = value;
    return value;
}

bool run_coerce_variables(struct gql_run *run)
{
    bool good = true;
    run->variables_count = gql_names_count(&run->document->names);
    run->variables = run_alloc(run, run->variables_count * sizeof *run->variables);
    if (!run->variables) return false;
    for (const struct ast_variable *each = run->operation->variables; each; each = each->next)
        good = coerce_variable(run, each) && good;
    return good;
}
