#include "services/gateway/graphql/text/parser.h"

#include <string.h>

#include "lib/base/text.h"
#include "services/gateway/graphql/text/parsing.h"

bool gql_parser_advance(struct gql_parser *parser)
{
    if (parser->failed) return false;
    parser->failed = !gql_lexer_next(&parser->lexer, &parser->token);
    return !parser->failed;
}

bool gql_parser_refuse(struct gql_parser *parser, const char *wanted)
{
    if (!parser->failed)
        gql_fault(parser->lexer.faults, GRAPHQL_SYNTAX, NULL, parser->token.at, "%s should stand here",
                  wanted);
    parser->failed = true;
    return false;
}

bool gql_parser_expect(struct gql_parser *parser, int kind, const char *wanted)
{
    if (parser->failed || parser->token.kind != kind) return gql_parser_refuse(parser, wanted);
    return gql_parser_advance(parser);
}

bool gql_parser_take(struct gql_parser *parser, int kind)
{
    return !parser->failed && parser->token.kind == kind && gql_parser_advance(parser);
}

bool gql_parser_is_word(const struct gql_parser *parser, const char *word)
{
    const struct gql_token *token = &parser->token;
    return token->kind == GQL_TOKEN_NAME && token->len == strlen(word) &&
           memcmp(token->text, word, token->len) == 0;
}

static bool parser_no_memory(struct gql_parser *parser)
{
    if (!parser->failed)
        gql_fault(parser->lexer.faults, CALL_TOO_LARGE, NULL, parser->token.at,
                  "the document takes too much memory");
    parser->failed = true;
    return false;
}

bool gql_parser_name(struct gql_parser *parser, uint32_t *name)
{
    if (parser->failed || parser->token.kind != GQL_TOKEN_NAME) return gql_parser_refuse(parser, "a name");
    *name = gql_names_add(&parser->document->names, parser->token.text, parser->token.len);
    return *name == GQL_NO_NAME ? parser_no_memory(parser) : gql_parser_advance(parser);
}

void *gql_parser_node(struct gql_parser *parser, size_t size)
{
    void *node = parser->failed ? NULL : arena_alloc(parser->arena, size);
    if (!node) parser_no_memory(parser);
    return node;
}

bool gql_parser_enter(struct gql_parser *parser)
{
    if (parser->failed) return false;
    if (++parser->nested <= parser->nested_most) return true;
    parser->failed = true;
    return gql_fault(parser->lexer.faults, GRAPHQL_TOO_DEEP, NULL, parser->token.at,
                     "braces, lists and types are more than %u deep", parser->nested_most);
}

void gql_parser_leave(struct gql_parser *parser) { parser->nested--; }

static bool parser_selections(struct gql_parser *parser, struct ast_selection **first);

static bool parser_field(struct gql_parser *parser, struct ast_selection *field)
{
    field->kind = AST_FIELD;
    field->place = parser->document->fields++;
    if (!gql_parser_name(parser, &field->key)) return false;
    field->name = field->key;
    field->aliased = gql_parser_take(parser, ':');
    parser->document->aliases += field->aliased;
    if (field->aliased && !gql_parser_name(parser, &field->name)) return false;
    return gql_parser_arguments(parser, false, &field->arguments) &&
           gql_parser_directives(parser, false, &field->directives) &&
           (parser->token.kind != '{' || parser_selections(parser, &field->inner));
}

// After the dots.
static bool parser_fragment(struct gql_parser *parser, struct ast_selection *selection)
{
    bool on = gql_parser_is_word(parser, "on");
    selection->name = selection->key = GQL_NO_NAME;
    selection->kind = on || parser->token.kind != GQL_TOKEN_NAME ? AST_INLINE : AST_SPREAD;
    if (on && !gql_parser_advance(parser)) return false;
    if ((on || selection->kind == AST_SPREAD) && !gql_parser_name(parser, &selection->name)) return false;
    return gql_parser_directives(parser, false, &selection->directives) &&
           (selection->kind == AST_SPREAD || parser_selections(parser, &selection->inner));
}

static struct ast_selection *parser_selection(struct gql_parser *parser)
{
    struct ast_selection *selection = gql_parser_node(parser, sizeof *selection);
    if (!selection) return NULL;
    selection->at = parser->token.at;
    bool read = gql_parser_take(parser, GQL_TOKEN_SPREAD) ? parser_fragment(parser, selection)
                                                          : parser_field(parser, selection);
    return read ? selection : NULL;
}

static bool parser_selections(struct gql_parser *parser, struct ast_selection **first)
{
    if (!gql_parser_expect(parser, '{', "\"{\"") || !gql_parser_enter(parser)) return false;
    do {
        struct ast_selection *selection = parser_selection(parser);
        if (!selection) return false;
        *first = selection;
        first = &selection->next;
    } while (!gql_parser_take(parser, '}') && !parser->failed);
    gql_parser_leave(parser);
    return !parser->failed;
}

static bool parser_keyword(struct gql_parser *parser, struct ast_definition *definition)
{
    static const char *const words[] = {"query", "mutation", "subscription", "fragment"};
    for (int i = AST_QUERY; i <= AST_FRAGMENT; i++) {
        if (!gql_parser_is_word(parser, words[i])) continue;
        definition->kind = (enum ast_definition_kind)i;
        return gql_parser_advance(parser);
    }
    return gql_parser_refuse(parser, "an operation or a fragment");
}

static bool parser_operation_head(struct gql_parser *parser, struct ast_definition *operation)
{
    if (parser->token.kind == GQL_TOKEN_NAME && !gql_parser_name(parser, &operation->name)) return false;
    return gql_parser_variables(parser, &operation->variables);
}

static bool parser_fragment_head(struct gql_parser *parser, struct ast_definition *fragment)
{
    if (gql_parser_is_word(parser, "on")) return gql_parser_refuse(parser, "a fragment's name");
    if (!gql_parser_name(parser, &fragment->name)) return false;
    if (!gql_parser_is_word(parser, "on")) return gql_parser_refuse(parser, "\"on\"");
    return gql_parser_advance(parser) && gql_parser_name(parser, &fragment->on);
}

static bool parser_head(struct gql_parser *parser, struct ast_definition *definition)
{
    definition->description = gql_parser_description(parser);
    if (!parser_keyword(parser, definition)) return false;
    bool read = definition->kind == AST_FRAGMENT ? parser_fragment_head(parser, definition)
                                                 : parser_operation_head(parser, definition);
    return read && gql_parser_directives(parser, false, &definition->directives);
}

static struct ast_definition *parser_definition(struct gql_parser *parser)
{
    struct ast_definition *definition = gql_parser_node(parser, sizeof *definition);
    if (!definition) return NULL;
    *definition = (struct ast_definition){.at = parser->token.at, .name = GQL_NO_NAME, .on = GQL_NO_NAME};
    if (parser->token.kind != '{' && !parser_head(parser, definition)) return NULL;
    if (!parser_selections(parser, &definition->selections)) return NULL;
    definition->place =
        definition->kind == AST_FRAGMENT ? parser->document->fragments++ : parser->document->operations++;
    return definition;
}

static bool parser_document(struct gql_parser *parser)
{
    struct ast_definition **next = &parser->document->definitions;
    if (!gql_parser_advance(parser)) return false;
    do {
        *next = parser_definition(parser);
        if (!*next) return false;
        next = &(*next)->next;
    } while (parser->token.kind != GQL_TOKEN_END);
    parser->document->tokens = parser->lexer.tokens;
    return true;
}

static bool parser_check_text(const char *text, size_t len, const struct gql_reading *reading)
{
    if (len > reading->limits->bytes)
        return gql_fault(reading->faults, GRAPHQL_TOO_LONG, NULL, reading->limits->bytes,
                         "there are more than %u bytes", reading->limits->bytes);
    return text_is_utf8(text, len) ||
           gql_fault(reading->faults, GRAPHQL_SYNTAX, NULL, 0, "the text is not UTF-8, or has a NUL");
}

struct ast_document *gql_parse(const char *text, size_t len, const struct gql_reading *reading)
{
    if (!parser_check_text(text, len, reading)) return NULL;
    struct gql_parser parser = {.lexer = {.text = text,
                                          .at = text,
                                          .end = text + len,
                                          .most = reading->limits->tokens,
                                          .arena = reading->arena,
                                          .faults = reading->faults},
                                .arena = reading->arena,
                                .nested_most = reading->limits->nesting};
    parser.document = gql_parser_node(&parser, sizeof *parser.document);
    if (!parser.document) return NULL;
    parser.document->text = text;
    parser.document->len = (uint32_t)len;
    gql_names_init(&parser.document->names, reading->under, reading->arena);
    return parser_document(&parser) ? parser.document : NULL;
}
