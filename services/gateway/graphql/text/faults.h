// What is wrong with a document. Messages tell places and names of the schema, never a word of the document
// itself, where people put their passwords by mistake.
#ifndef GATEWAY_GRAPHQL_TEXT_FAULTS_H
#define GATEWAY_GRAPHQL_TEXT_FAULTS_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

enum { GQL_FAULTS_MOST = 5 };

struct gql_fault {
    Conse__Reason__Value reason;
    const char *rule; // "FieldsOnCorrectType", of GRAPHQL_INVALID; else NULL
    uint32_t at;      // in bytes
    const char *message;
};

struct gql_faults {
    struct arena *arena; // of the messages
    struct gql_fault faults[GQL_FAULTS_MOST];
    size_t count; // those beyond are not kept
};

// `return gql_fault(faults, GRAPHQL_SYNTAX, NULL, at, "...")`: false.
#define gql_fault(faults, reason, rule, at, ...)                                                             \
    (gql_faults_add(faults, CONSE__REASON__VALUE__##reason, rule, at, __VA_ARGS__), err_false())
void gql_faults_add(struct gql_faults *faults, Conse__Reason__Value reason, const char *rule, uint32_t at,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

// From 1, in UTF-16 units as GraphQL's tools count.
struct gql_place {
    uint32_t line, column;
};
struct gql_place gql_place_of(const char *text, size_t len, uint32_t at);

// Many places of one text: they are looked for from the nearest of some that are known.
struct gql_places {
    const char *text;
    size_t len;
    struct gql_place *known; // NULL: none
};
void gql_places_init(struct gql_places *places, const char *text, size_t len, struct arena *arena);
struct gql_place gql_places_find(const struct gql_places *places, uint32_t at);

#endif
