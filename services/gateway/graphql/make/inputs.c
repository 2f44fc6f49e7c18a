// What is taken: arguments and input types, from requests.
#include <inttypes.h>
#include <string.h>

#include "services/gateway/graphql/make/making.h"

static const struct schema_rule no_rule;

static const struct schema_rule *input_rule(const ProtobufCMessageDescriptor *type, unsigned field)
{
    const struct schema_message *known = schema_message(type);
    return known ? &known->fields[field].rule : &no_rule;
}

static bool input_is_required(const ProtobufCMessageDescriptor *type, unsigned field)
{
    const struct schema_rule *rule = input_rule(type, field);
    return rule->present || (rule->required && !(type->fields[field].flags & PROTOBUF_C_FIELD_FLAG_ONEOF));
}

static struct gql_input input_of(struct making *making, const ProtobufCMessageDescriptor *type,
                                 unsigned place)
{
    const ProtobufCFieldDescriptor *field = &type->fields[place];
    struct gql_input input = {.name = name_camel(making, field->name),
                              .doc = making_doc(type, place),
                              .of = making_value(making, field, true),
                              .into = field};
    bool list = field->label == PROTOBUF_C_LABEL_REPEATED;
    input.of.wraps = list ? GQL_LIST | GQL_ITEM_REQUIRED : 0;
    if (input_is_required(type, place)) input.of.wraps |= GQL_REQUIRED;
    return input;
}

// A oneof of one member says only that it may be absent, which null says too.
static void input_check(struct making *making, const ProtobufCMessageDescriptor *type)
{
    for (unsigned i = 0; i < type->n_fields; i++)
        for (unsigned k = 0; k < i; k++)
            if (type->fields[i].flags & type->fields[k].flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
                type->fields[i].quantifier_offset == type->fields[k].quantifier_offset)
                making_refuse(making, "a request that chooses has no form here", type->name);
}

const struct gql_type *making_input(struct making *making, const ProtobufCMessageDescriptor *message)
{
    const struct schema_message *known = schema_message(message);
    struct gql_type *type = making_find(making, GQL_INPUT, message);
    if (type) return type;
    char *name = arena_printf(making->arena, "%sInput", name_message(making, message));
    type = making_add(making, GQL_INPUT, name, message);
    type->message = message;
    type->doc = known && *known->doc ? known->doc : NULL;
    type->inputs = making_alloc(making, message->n_fields, sizeof *type->inputs);
    input_check(making, message);
    for (unsigned i = 0; i < message->n_fields; i++)
        type->inputs[type->inputs_count++] = input_of(making, message, i);
    return type;
}

// ---- Arguments

static bool is_filled(const struct schema_link *link, unsigned place)
{
    for (const struct schema_fill *fill = link ? link->fills : NULL; fill && fill->to; fill++)
        if (fill->to == place + 1) return true;
    return false;
}

// How lists are cut, in the words that GraphQL's clients know.
static void argument_page(struct making *making, struct gql_input *input, const struct schema_rule *rule)
{
    if (strcmp(input->into->name, "page_size") == 0) {
        input->name = "first";
        input->doc = arena_printf(making->arena, "At most so many, up to %" PRIu64 ".", rule->max);
        input->default_text = "20";
    } else if (strcmp(input->into->name, "page_token") == 0) {
        input->name = "after";
        input->doc = "The endCursor of the page before.";
    }
}

// The id of what the query is named after.
static void argument_id(struct gql_input *input, const char *noun)
{
    size_t len = noun ? strlen(noun) : 0;
    if (noun && strncmp(input->name, noun, len) == 0 && strcmp(input->name + len, "Id") == 0)
        input->name = "id";
}

void making_arguments(struct making *making, struct gql_field *field, const struct schema_method *method,
                      const struct schema_link *link, const char *noun)
{
    const ProtobufCMessageDescriptor *request = method->request;
    struct gql_input *inputs = making_alloc(making, request->n_fields + 1, sizeof *inputs);
    bool pages = protobuf_c_message_descriptor_get_field_by_name(request, "page_token");
    input_check(making, request);
    for (unsigned i = 0; i < request->n_fields; i++) {
        if (is_filled(link, i) || method->wait == i + 1) continue;
        struct gql_input *input = &inputs[field->args_count++];
        *input = input_of(making, request, i);
        if (pages) argument_page(making, input, input_rule(request, i));
        argument_id(input, noun);
    }
    field->args = inputs;
}
