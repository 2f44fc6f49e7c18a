#include "services/gateway/graphql/text/parsing.h"

static bool value_take(struct gql_parser *parser, struct ast_value *value, enum ast_value_kind kind)
{
    value->kind = kind;
    value->text = parser->token.text;
    value->len = parser->token.len;
    return gql_parser_advance(parser);
}

static bool value_variable(struct gql_parser *parser, struct ast_value *value, bool constant)
{
    if (constant) return gql_parser_refuse(parser, "a value without variables");
    value->kind = AST_VARIABLE;
    return gql_parser_advance(parser) && gql_parser_name(parser, &value->name);
}

static bool value_word(struct gql_parser *parser, struct ast_value *value)
{
    value->kind = gql_parser_is_word(parser, "true")    ? AST_TRUE
                  : gql_parser_is_word(parser, "false") ? AST_FALSE
                  : gql_parser_is_word(parser, "null")  ? AST_NULL
                                                        : AST_ENUM;
    return gql_parser_name(parser, &value->name);
}

static bool value_list(struct gql_parser *parser, struct ast_value *list, bool constant)
{
    struct ast_value **next = &list->items;
    list->kind = AST_LIST;
    if (!gql_parser_advance(parser)) return false;
    while (!gql_parser_take(parser, ']')) {
        if (parser->failed || !(*next = gql_parser_value(parser, constant))) return false;
        next = &(*next)->next;
    }
    return true;
}

static struct ast_argument *value_argument(struct gql_parser *parser, bool constant)
{
    struct ast_argument *argument = gql_parser_node(parser, sizeof *argument);
    if (!argument) return NULL;
    argument->at = parser->token.at;
    if (!gql_parser_name(parser, &argument->name) || !gql_parser_expect(parser, ':', "\":\"")) return NULL;
    argument->value = gql_parser_value(parser, constant);
    return argument->value ? argument : NULL;
}

static bool value_object(struct gql_parser *parser, struct ast_value *object, bool constant)
{
    struct ast_argument **next = &object->fields;
    object->kind = AST_OBJECT;
    if (!gql_parser_advance(parser)) return false;
    while (!gql_parser_take(parser, '}')) {
        if (parser->failed || !(*next = value_argument(parser, constant))) return false;
        next = &(*next)->next;
    }
    return true;
}

static bool value_read(struct gql_parser *parser, struct ast_value *value, bool constant)
{
    switch (parser->token.kind) {
    case '[':
        return value_list(parser, value, constant);
    case '{':
        return value_object(parser, value, constant);
    case '$':
        return value_variable(parser, value, constant);
    case GQL_TOKEN_INT:
        return value_take(parser, value, AST_INT);
    case GQL_TOKEN_FLOAT:
        return value_take(parser, value, AST_FLOAT);
    case GQL_TOKEN_STRING:
        return value_take(parser, value, AST_STRING);
    case GQL_TOKEN_BLOCK:
        return value_take(parser, value, AST_BLOCK);
    case GQL_TOKEN_NAME:
        return value_word(parser, value);
    default:
        return gql_parser_refuse(parser, "a value");
    }
}

struct ast_value *gql_parser_value(struct gql_parser *parser, bool constant)
{
    struct ast_value *value = gql_parser_node(parser, sizeof *value);
    if (!value) return NULL;
    value->at = parser->token.at;
    value->name = GQL_NO_NAME;
    bool nests = parser->token.kind == '[' || parser->token.kind == '{';
    if (nests && !gql_parser_enter(parser)) return NULL;
    bool read = value_read(parser, value, constant);
    if (nests) gql_parser_leave(parser);
    return read ? value : NULL;
}

struct ast_value *gql_parser_description(struct gql_parser *parser)
{
    bool is_there = parser->token.kind == GQL_TOKEN_STRING || parser->token.kind == GQL_TOKEN_BLOCK;
    return is_there ? gql_parser_value(parser, true) : NULL;
}

bool gql_parser_arguments(struct gql_parser *parser, bool constant, struct ast_argument **first)
{
    if (!gql_parser_take(parser, '(')) return !parser->failed;
    do {
        struct ast_argument *argument = value_argument(parser, constant);
        if (!argument) return false;
        *first = argument;
        first = &argument->next;
    } while (!gql_parser_take(parser, ')') && !parser->failed);
    return !parser->failed;
}

static bool parser_directive(struct gql_parser *parser, bool constant, struct ast_directive *directive)
{
    directive->at = parser->token.at;
    parser->document->directives++;
    return gql_parser_advance(parser) && gql_parser_name(parser, &directive->name) &&
           gql_parser_arguments(parser, constant, &directive->arguments);
}

bool gql_parser_directives(struct gql_parser *parser, bool constant, struct ast_directive **first)
{
    for (; parser->token.kind == '@'; first = &(*first)->next) {
        *first = gql_parser_node(parser, sizeof **first);
        if (!*first || !parser_directive(parser, constant, *first)) return false;
    }
    return !parser->failed;
}
