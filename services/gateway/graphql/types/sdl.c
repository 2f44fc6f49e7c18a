#include "services/gateway/graphql/types/sdl.h"

#include <string.h>

#include "services/gateway/graphql/text/printer.h"

enum { MOST_DOC = 64 * 1024 };

static void sdl_indent(int indent, struct buf *out)
{
    while (indent-- > 0) buf_char(out, ' ');
}

static void sdl_doc(const char *doc, int indent, bool first, struct buf *out)
{
    struct buf block;
    if (!doc) return;
    if (indent && !first) buf_char(out, '\n');
    sdl_indent(indent, out);
    buf_init(&block, MOST_DOC);
    gql_print_block(doc, strlen(doc), &block);
    for (size_t i = 0; i < block.len; i++) {
        buf_char(out, block.bytes[i]);
        if (block.bytes[i] == '\n') sdl_indent(indent, out);
    }
    buf_char(out, '\n');
    out->failed = out->failed || block.failed;
    buf_finish(&block);
}

static void sdl_ref(struct gql_ref ref, struct buf *out)
{
    if (ref.wraps & GQL_LIST) buf_char(out, '[');
    buf_str(out, ref.type->name);
    if (ref.wraps & GQL_ITEM_REQUIRED) buf_char(out, '!');
    if (ref.wraps & GQL_LIST) buf_char(out, ']');
    if (ref.wraps & GQL_REQUIRED) buf_char(out, '!');
}

static void sdl_input(const struct gql_input *input, struct buf *out)
{
    buf_printf(out, "%s: ", input->name);
    sdl_ref(input->of, out);
    if (input->default_text) buf_printf(out, " = %s", input->default_text);
}

static bool inputs_have_docs(const struct gql_input *inputs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (inputs[i].doc) return true;
    return false;
}

static void sdl_args(const struct gql_field *field, struct buf *out)
{
    bool lines = inputs_have_docs(field->args, field->args_count);
    if (field->args_count == 0) return;
    buf_str(out, lines ? "(\n" : "(");
    for (size_t i = 0; i < field->args_count; i++) {
        if (i) buf_str(out, lines ? "\n" : ", ");
        if (lines) sdl_doc(field->args[i].doc, 4, i == 0, out);
        if (lines) sdl_indent(4, out);
        sdl_input(&field->args[i], out);
    }
    buf_str(out, lines ? "\n  )" : ")");
}

static void sdl_fields(const struct gql_type *type, struct buf *out)
{
    for (size_t i = 0; i < type->fields_count; i++) {
        const struct gql_field *field = &type->fields[i];
        sdl_doc(field->doc, 2, i == 0, out);
        buf_printf(out, "  %s", field->name);
        sdl_args(field, out);
        buf_str(out, ": ");
        sdl_ref(field->of, out);
        buf_char(out, '\n');
    }
}

static void sdl_inputs(const struct gql_type *type, struct buf *out)
{
    for (size_t i = 0; i < type->inputs_count; i++) {
        sdl_doc(type->inputs[i].doc, 2, i == 0, out);
        sdl_indent(2, out);
        sdl_input(&type->inputs[i], out);
        buf_char(out, '\n');
    }
}

static void sdl_values(const struct gql_type *type, struct buf *out)
{
    for (size_t i = 0; i < type->values_count; i++) {
        sdl_doc(type->values[i].doc, 2, i == 0, out);
        buf_printf(out, "  %s\n", type->values[i].name);
    }
}

static void sdl_members(const struct gql_type *type, struct buf *out)
{
    for (size_t i = 0; i < type->members_count; i++)
        buf_printf(out, "%s%s", i ? " | " : " = ", type->members[i]->name);
}

static void sdl_interfaces(const struct gql_type *type, struct buf *out)
{
    for (size_t i = 0; i < type->interfaces_count; i++)
        buf_printf(out, "%s%s", i ? " & " : " implements ", type->interfaces[i]->name);
}

static void sdl_type(const struct gql_type *type, struct buf *out)
{
    static const char *const words[] = {
        [GQL_SCALAR] = "scalar", [GQL_OBJECT] = "type", [GQL_INTERFACE] = "interface",
        [GQL_UNION] = "union",   [GQL_ENUM] = "enum",   [GQL_INPUT] = "input"};
    sdl_doc(type->doc, 0, true, out);
    buf_printf(out, "%s %s", words[type->kind], type->name);
    if (type->kind == GQL_SCALAR) return;
    if (type->kind == GQL_UNION) return sdl_members(type, out);
    sdl_interfaces(type, out);
    buf_str(out, type->one_of ? " @oneOf {\n" : " {\n");
    sdl_fields(type, out);
    sdl_inputs(type, out);
    sdl_values(type, out);
    buf_char(out, '}');
}

// What GraphQL defines itself is not printed.
static bool sdl_is_own(const struct gql_type *type)
{
    bool defined = type->kind == GQL_SCALAR && type->literals != GQL_ANY;
    return !defined && strncmp(type->name, "__", 2) != 0;
}

void gql_sdl_print(const struct gql_schema *schema, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < schema->types_count; i++) {
        if (!sdl_is_own(schema->types[i])) continue;
        if (!first) buf_str(out, "\n\n");
        first = false;
        sdl_type(schema->types[i], out);
    }
}
