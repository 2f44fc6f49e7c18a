// A parsed document: nodes in one arena, in lists in the order of the text. Each node has the place where it
// begins, in bytes. Names are numbers (names.h). What validation finds out is kept in the nodes for the plan.
#ifndef GATEWAY_GRAPHQL_TEXT_AST_H
#define GATEWAY_GRAPHQL_TEXT_AST_H

#include "services/gateway/graphql/text/names.h"

struct gql_field;
struct gql_input;
struct gql_type;

enum ast_value_kind {
    AST_VARIABLE,
    AST_INT,
    AST_FLOAT,
    AST_STRING,
    AST_BLOCK, // a string between triple quotes
    AST_TRUE,
    AST_FALSE,
    AST_NULL,
    AST_ENUM,
    AST_LIST,
    AST_OBJECT,
};

struct ast_value {
    enum ast_value_kind kind;
    uint32_t at;
    uint32_t name;               // VARIABLE, ENUM
    uint32_t len;                // INT, FLOAT: as written; STRING, BLOCK: as meant, may hold NULs
    const char *text;            // the same
    struct ast_value *items;     // LIST: the first
    struct ast_argument *fields; // OBJECT: the first
    struct ast_value *next;      // of the same list
};

// An argument, or a field of an object.
struct ast_argument {
    uint32_t at, name;
    struct ast_value *value;
    const struct gql_input *input; // by validation
    struct ast_argument *next;
};

struct ast_directive {
    uint32_t at, name;
    struct ast_argument *arguments;
    struct ast_directive *next;
};

// From outside to inside: "[Int!]!" is a list that is required, of Int, required.
struct ast_type {
    uint32_t at, name;
    bool required;
    struct ast_type *item; // of a list; NULL: it has a name
};

struct ast_variable {
    uint32_t at, name;
    struct ast_value *description; // NULL: none
    struct ast_type *type;
    struct ast_value *preset; // the default; NULL: none
    struct ast_directive *directives;
    const struct gql_type *input; // what is in its lists, by validation
    struct ast_variable *next;
};

enum ast_selection_kind { AST_FIELD, AST_SPREAD, AST_INLINE };

struct ast_selection {
    enum ast_selection_kind kind;
    bool aliased; // FIELD
    uint32_t at;
    uint32_t place; // FIELD: among the document's fields
    uint32_t key;   // FIELD: its name in the answer
    uint32_t name; // of the field, of the fragment that is spread, or INLINE of the type, GQL_NO_NAME without
    struct ast_argument *arguments; // FIELD
    struct ast_directive *directives;
    struct ast_selection *inner; // FIELD, INLINE: the first
    struct ast_selection *next;
    // By validation:
    const struct gql_field *field;   // FIELD
    const struct gql_type *type;     // FIELD: its type without lists; INLINE: of what is in it
    struct ast_definition *fragment; // SPREAD
};

enum ast_definition_kind { AST_QUERY, AST_MUTATION, AST_SUBSCRIPTION, AST_FRAGMENT };

struct ast_definition {
    enum ast_definition_kind kind;
    uint32_t at;
    uint32_t name;                 // GQL_NO_NAME: an operation without
    struct ast_value *description; // NULL: none
    struct ast_variable *variables;
    uint32_t on; // FRAGMENT: the name of its type
    struct ast_directive *directives;
    struct ast_selection *selections;
    struct ast_definition *next;
    // By validation:
    const struct gql_type *type; // of what is selected from
    uint32_t place;              // FRAGMENT: among the fragments; else among the operations
};

struct ast_document {
    const char *text;
    uint32_t len;
    struct gql_names names;
    struct ast_definition *definitions;
    uint32_t tokens, operations, fragments, fields, aliases, directives; // how many of each
};

#endif
