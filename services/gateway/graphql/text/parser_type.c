#include "services/gateway/graphql/text/parsing.h"

static bool type_item(struct gql_parser *parser, struct ast_type *type)
{
    if (!gql_parser_take(parser, '[')) return gql_parser_name(parser, &type->name);
    if (!gql_parser_enter(parser)) return false;
    type->item = gql_parser_type(parser);
    gql_parser_leave(parser);
    return type->item && gql_parser_expect(parser, ']', "\"]\"");
}

struct ast_type *gql_parser_type(struct gql_parser *parser)
{
    struct ast_type *type = gql_parser_node(parser, sizeof *type);
    if (!type) return NULL;
    *type = (struct ast_type){.at = parser->token.at, .name = GQL_NO_NAME};
    if (!type_item(parser, type)) return NULL;
    type->required = gql_parser_take(parser, '!');
    return parser->failed ? NULL : type;
}

static bool variable_preset(struct gql_parser *parser, struct ast_variable *variable)
{
    if (!gql_parser_take(parser, '=')) return !parser->failed;
    variable->preset = gql_parser_value(parser, true);
    return variable->preset != NULL;
}

static struct ast_variable *parser_variable(struct gql_parser *parser)
{
    struct ast_variable *variable = gql_parser_node(parser, sizeof *variable);
    if (!variable) return NULL;
    variable->description = gql_parser_description(parser);
    variable->at = parser->token.at;
    bool read = gql_parser_expect(parser, '$', "a variable") && gql_parser_name(parser, &variable->name) &&
                gql_parser_expect(parser, ':', "\":\"") && (variable->type = gql_parser_type(parser)) &&
                variable_preset(parser, variable) &&
                gql_parser_directives(parser, true, &variable->directives);
    return read ? variable : NULL;
}

bool gql_parser_variables(struct gql_parser *parser, struct ast_variable **first)
{
    if (!gql_parser_take(parser, '(')) return !parser->failed;
    do {
        struct ast_variable *variable = parser_variable(parser);
        if (!variable) return false;
        *first = variable;
        first = &variable->next;
    } while (!gql_parser_take(parser, ')') && !parser->failed);
    return !parser->failed;
}
