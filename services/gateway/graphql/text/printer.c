#include "services/gateway/graphql/text/printer.h"

#include <string.h>

enum { LONG_LINE = 80 };

struct printer {
    const struct ast_document *document;
    struct buf *out;
    size_t indent; // in spaces, after every line break
};

static void print_break(struct printer *printer)
{
    buf_char(printer->out, '\n');
    for (size_t i = 0; i < printer->indent; i++) buf_char(printer->out, ' ');
}

// Line breaks within are followed by the indent.
static void print_lines(struct printer *printer, const char *text, size_t len)
{
    for (const char *end = text + len; text < end;) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        buf_append(printer->out, text, (size_t)((stop ? stop : end) - text));
        if (!stop) return;
        print_break(printer);
        text = stop + 1;
    }
}

static void print_name(struct printer *printer, uint32_t id)
{
    const struct gql_name *name = gql_names_get(&printer->document->names, id);
    buf_append(printer->out, name->text, name->len);
}

static void print_block_string(struct printer *printer, const struct ast_value *value)
{
    struct buf block;
    buf_init(&block, printer->out->max);
    gql_print_block(value->text, value->len, &block);
    print_lines(printer, block.bytes, block.len);
    if (block.failed) printer->out->failed = true;
    buf_finish(&block);
}

static void print_value(struct printer *printer, const struct ast_value *value);

static void print_list(struct printer *printer, const struct ast_value *list)
{
    buf_char(printer->out, '[');
    for (const struct ast_value *item = list->items; item; item = item->next) {
        print_value(printer, item);
        if (item->next) buf_str(printer->out, ", ");
    }
    buf_char(printer->out, ']');
}

static void print_argument(struct printer *printer, const struct ast_argument *argument)
{
    print_name(printer, argument->name);
    buf_str(printer->out, ": ");
    print_value(printer, argument->value);
}

static void print_arguments(struct printer *printer, const struct ast_argument *argument)
{
    for (; argument; argument = argument->next) {
        print_argument(printer, argument);
        if (argument->next) buf_str(printer->out, ", ");
    }
}

static void print_value(struct printer *printer, const struct ast_value *value)
{
    switch (value->kind) {
    case AST_VARIABLE:
        buf_char(printer->out, '$');
        print_name(printer, value->name);
        return;
    case AST_INT:
    case AST_FLOAT:
        buf_append(printer->out, value->text, value->len);
        return;
    case AST_STRING:
        gql_print_string(value->text, value->len, printer->out);
        return;
    case AST_BLOCK:
        print_block_string(printer, value);
        return;
    case AST_TRUE:
    case AST_FALSE:
    case AST_NULL:
    case AST_ENUM:
        print_name(printer, value->name);
        return;
    case AST_LIST:
        print_list(printer, value);
        return;
    case AST_OBJECT:
        buf_char(printer->out, '{');
        print_arguments(printer, value->fields);
        buf_char(printer->out, '}');
        return;
    }
}

static void print_directives(struct printer *printer, const struct ast_directive *directive)
{
    for (; directive; directive = directive->next) {
        buf_str(printer->out, " @");
        print_name(printer, directive->name);
        if (!directive->arguments) continue;
        buf_char(printer->out, '(');
        print_arguments(printer, directive->arguments);
        buf_char(printer->out, ')');
    }
}

static void print_type(struct printer *printer, const struct ast_type *type)
{
    if (type->item) {
        buf_char(printer->out, '[');
        print_type(printer, type->item);
        buf_char(printer->out, ']');
    } else {
        print_name(printer, type->name);
    }
    if (type->required) buf_char(printer->out, '!');
}

// The arguments stand one to a line when the field's line would be too long with them.
static void print_field_arguments(struct printer *printer, const struct ast_argument *argument, size_t begin)
{
    struct buf line;
    struct printer flat = {printer->document, &line, 0};
    if (!argument) return;
    buf_init(&line, printer->out->max);
    print_arguments(&flat, argument);
    size_t units = gql_print_units(printer->out->bytes + begin, printer->out->len - begin);
    bool wraps = units + gql_print_units(line.bytes, line.len) + 2 > LONG_LINE;
    if (!wraps) {
        buf_char(printer->out, '(');
        print_lines(printer, line.bytes, line.len);
        buf_char(printer->out, ')');
    }
    if (line.failed) printer->out->failed = true;
    buf_finish(&line);
    if (!wraps) return;
    buf_char(printer->out, '(');
    printer->indent += 2;
    for (; argument; argument = argument->next) {
        print_break(printer);
        print_argument(printer, argument);
    }
    printer->indent -= 2;
    print_break(printer);
    buf_char(printer->out, ')');
}

static void print_selections(struct printer *printer, const struct ast_selection *selection);

static void print_field(struct printer *printer, const struct ast_selection *field)
{
    size_t begin = printer->out->len;
    if (field->aliased) {
        print_name(printer, field->key);
        buf_str(printer->out, ": ");
    }
    print_name(printer, field->name);
    print_field_arguments(printer, field->arguments, begin);
}

static void print_selection(struct printer *printer, const struct ast_selection *selection)
{
    if (selection->kind == AST_FIELD) {
        print_field(printer, selection);
    } else {
        buf_str(printer->out, "...");
        if (selection->kind == AST_INLINE && selection->name != GQL_NO_NAME) buf_str(printer->out, " on ");
        if (selection->name != GQL_NO_NAME) print_name(printer, selection->name);
    }
    print_directives(printer, selection->directives);
    if (!selection->inner) return;
    buf_char(printer->out, ' ');
    print_selections(printer, selection->inner);
}

static void print_selections(struct printer *printer, const struct ast_selection *selection)
{
    buf_char(printer->out, '{');
    printer->indent += 2;
    for (; selection; selection = selection->next) {
        print_break(printer);
        print_selection(printer, selection);
    }
    printer->indent -= 2;
    print_break(printer);
    buf_char(printer->out, '}');
}

static void print_description(struct printer *printer, const struct ast_value *description)
{
    if (!description) return;
    print_value(printer, description);
    print_break(printer);
}

static void print_variable(struct printer *printer, const struct ast_variable *variable)
{
    print_description(printer, variable->description);
    buf_char(printer->out, '$');
    print_name(printer, variable->name);
    buf_str(printer->out, ": ");
    print_type(printer, variable->type);
    if (variable->preset) {
        buf_str(printer->out, " = ");
        print_value(printer, variable->preset);
    }
    print_directives(printer, variable->directives);
}

static void print_variable_list(struct printer *printer, const struct ast_variable *variable,
                                const char *between)
{
    for (; variable; variable = variable->next) {
        print_variable(printer, variable);
        if (variable->next) buf_str(printer->out, between);
    }
}

// One to a line when one of them has several lines.
static void print_variables(struct printer *printer, const struct ast_variable *variables)
{
    size_t begin = printer->out->len;
    if (!variables) return;
    buf_char(printer->out, '(');
    print_variable_list(printer, variables, ", ");
    if (memchr(printer->out->bytes + begin, '\n', printer->out->len - begin)) {
        printer->out->len = begin;
        buf_str(printer->out, "(\n");
        print_variable_list(printer, variables, "\n");
        buf_char(printer->out, '\n');
    }
    buf_char(printer->out, ')');
}

static void print_operation_head(struct printer *printer, const struct ast_definition *operation)
{
    static const char *const words[] = {"query", "mutation", "subscription"};
    bool bare = operation->kind == AST_QUERY && operation->name == GQL_NO_NAME && !operation->variables &&
                !operation->directives && !operation->description;
    if (bare) return;
    buf_str(printer->out, words[operation->kind]);
    if (operation->name != GQL_NO_NAME || operation->variables) buf_char(printer->out, ' ');
    if (operation->name != GQL_NO_NAME) print_name(printer, operation->name);
    print_variables(printer, operation->variables);
    print_directives(printer, operation->directives);
    buf_char(printer->out, ' ');
}

static void print_fragment_head(struct printer *printer, const struct ast_definition *fragment)
{
    buf_str(printer->out, "fragment ");
    print_name(printer, fragment->name);
    buf_str(printer->out, " on ");
    print_name(printer, fragment->on);
    print_directives(printer, fragment->directives);
    buf_char(printer->out, ' ');
}

void gql_print(const struct ast_document *document, struct buf *out)
{
    struct printer printer = {document, out, 0};
    for (const struct ast_definition *each = document->definitions; each; each = each->next) {
        print_description(&printer, each->description);
        if (each->kind == AST_FRAGMENT)
            print_fragment_head(&printer, each);
        else
            print_operation_head(&printer, each);
        print_selections(&printer, each->selections);
        if (each->next) buf_str(out, "\n\n");
    }
}
