// What the rules share while one document is checked. Each rule's function is true when nothing was wrong so
// far, and later ones rest on what earlier ones found out; check.c has the order.
#ifndef GATEWAY_GRAPHQL_CHECK_CHECKING_H
#define GATEWAY_GRAPHQL_CHECK_CHECKING_H

#include "services/gateway/graphql/check/check.h"

// A type that a value is wanted of, in a place of the schema or as a variable is declared.
struct check_wanted {
    struct gql_ref of;               // type NULL: not known
    const struct ast_type *declared; // of a variable's default; NULL: `of` says all
    bool has_default;                // of the place, so a variable may be null
    bool within_one_of;
    bool silent; // within a literal that was judged as a whole
};

// A variable in a definition.
struct check_use {
    uint32_t name, at;
    struct check_wanted wanted;
    struct check_use *next;
};

struct check_spread {
    struct ast_definition *fragment;
    struct check_spread *next;
};

// What a definition uses itself.
struct check_uses {
    struct check_use *variables, **variables_end;
    struct check_spread *spreads, **spreads_end;
};

// Of a selection with its fragments in their places; all stay at CHECK_MOST.
struct check_measure {
    uint32_t fields, roots, schemas;     // all, those it begins with, and __schema among these
    uint32_t depth, schema_depth, below; // without introspection, of introspection, of both
    uint32_t lists;                      // of types' fields within one another, as introspection names them
};

enum { CHECK_MOST = 1 << 30 };

struct checking {
    const struct gql_schema *schema;
    const struct gql_limits *limits;
    struct ast_document *document;
    struct arena *arena;
    struct gql_faults *faults;

    struct ast_definition **fragments;                 // by their place
    struct ast_definition **by_name;                   // fragments by the id of their name
    struct ast_definition **inner_first;               // fragments, each after those that it spreads
    struct check_uses *fragment_uses, *operation_uses; // by their place
    struct check_uses *uses;                           // of the definition that is walked
    struct check_measure *measures;                    // of fragments

    uint32_t *seen, stamp;                 // by the id of a name: when it was last seen
    const struct ast_variable **variables; // by the id of their name; right where seen has the stamp
};

#define check_fault(checking, rule, at, ...)                                                                 \
    gql_fault((checking)->faults, GRAPHQL_INVALID, rule, at, __VA_ARGS__)
bool check_is_good(const struct checking *checking);                     // nothing was wrong so far
void *check_alloc(struct checking *checking, size_t count, size_t size); // NULL with a fault
const char *check_type_name(const struct checking *checking, struct gql_ref ref);

bool check_text_limits(struct checking *checking);    // limits.c
bool check_measures(struct checking *checking);       // limits.c
bool check_definitions(struct checking *checking);    // definitions.c
bool check_fields(struct checking *checking);         // fields.c
bool check_cycles(struct checking *checking);         // cycles.c: orders inner_first
bool check_used_fragments(struct checking *checking); // definitions.c
bool check_variables(struct checking *checking);      // variables.c
bool check_subscriptions(struct checking *checking);  // subscription.c
bool check_overlap(struct checking *checking);        // overlap.c

// A new stamp, and each name of the list has it afterwards; a name that is there twice is a fault of the
// rule.
void check_unique_arguments(struct checking *checking, const struct ast_argument *first, const char *rule);
bool check_has(const struct checking *checking, uint32_t name); // among those with the newest stamp
// Names, values and what is missing. `owner` names what has these inputs.
void check_arguments(struct checking *checking, struct ast_argument *first, const struct gql_input *inputs,
                     size_t count, const char *owner, uint32_t at); // values.c
void check_value(struct checking *checking, const struct ast_value *value, struct check_wanted wanted);
void check_directives(struct checking *checking, const struct ast_directive *first, unsigned place);
// The variables of an operation by name, under a new stamp.
void check_declare(struct checking *checking, const struct ast_definition *operation);
void check_declarations(struct checking *checking, const struct ast_definition *operation);
// Which fragments an operation reaches, by their place; adds to what is there.
void check_reach(const struct checking *checking, const struct ast_definition *operation, bool *reached);

#endif
