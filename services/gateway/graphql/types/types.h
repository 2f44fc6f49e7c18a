// The types that GraphQL shows, as data: made once at start, then constant and shared by all loops.
// Validation, plans, introspection and the printed schema all read these structs, so they cannot differ. The
// builder fills them in the order in which the schema shows them; gql_schema_finish makes what is looked up
// by name.
#ifndef GATEWAY_GRAPHQL_TYPES_TYPES_H
#define GATEWAY_GRAPHQL_TYPES_TYPES_H

#include <protobuf-c/protobuf-c.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "services/gateway/graphql/text/names.h"

struct gql_type;
struct route;
struct schema_link;

enum gql_kind { GQL_SCALAR, GQL_OBJECT, GQL_INTERFACE, GQL_UNION, GQL_ENUM, GQL_INPUT };

// The literals that a scalar takes in a document. Those of a scalar of our own (ANY) are judged when they are
// coerced, as with every scalar that GraphQL does not define.
enum gql_literals { GQL_ANY, GQL_STRINGS, GQL_IDS, GQL_INTS, GQL_FLOATS, GQL_BOOLEANS };

// A type as a field, argument or variable has it: T, T!, [T], [T!], [T]! or [T!]!. There are no lists of
// lists.
enum { GQL_REQUIRED = 1, GQL_LIST = 2, GQL_ITEM_REQUIRED = 4 };
struct gql_ref {
    const struct gql_type *type;
    uint8_t wraps; // bits: of the whole, a list, of its items
};

// An argument, or a field of an input type.
struct gql_input {
    const char *name, *doc; // doc: NULL when there is none
    struct gql_ref of;
    const char *default_text;             // as the schema shows it: "20"; NULL: none
    const ProtobufCFieldDescriptor *into; // the field of the request; NULL when it goes elsewhere
    uint32_t id;                          // of its name
};

struct gql_enum_value {
    const char *name, *doc;
    int32_t number;
    uint32_t id; // of its name
};

// Where a field's value comes from.
enum gql_source {
    GQL_FIELD,     // a field of the message
    GQL_LINK,      // what an id names: another question
    GQL_BESIDE,    // what packed bytes hold: a field of that message, or the member of its oneof
    GQL_PAGE_INFO, // the page of a reply: below it are these two
    GQL_END_CURSOR,
    GQL_HAS_NEXT,
    GQL_ROOT,     // a method's reply
    GQL_DONE,     // true
    GQL_TYPENAME, // the name of the object's type
    GQL_SCHEMA,   // __schema and __type, and what is below them
    GQL_STREAM,   // what a stream tells
    GQL_TOLD,     // a part of that
};

// What a stream tells at a time: those that it does tell are the members of the union, in this order.
enum gql_member { GQL_SNAPSHOT, GQL_ENTRY, GQL_LIVE, GQL_RESET, GQL_TYPING, GQL_MEMBERS };

// A part of it.
enum gql_told { GQL_TOLD_CURSOR, GQL_TOLD_STATE, GQL_TOLD_MINE, GQL_TOLD_TIME, GQL_TOLD_REASON };

// Of introspection: what of a thing in the schema is asked for.
enum gql_meta {
    GQL_META_SCHEMA, // the schema itself
    GQL_META_TYPE,   // the type that is named
    GQL_META_NAME,
    GQL_META_DOC,
    GQL_META_KIND,
    GQL_META_FIELDS,
    GQL_META_INTERFACES,
    GQL_META_MEMBERS,
    GQL_META_VALUES,
    GQL_META_INPUTS, // of an input type, of a field, of a directive
    GQL_META_OF,     // what is within a list, or what is not null
    GQL_META_ONE_OF,
    GQL_META_TYPE_OF, // of a field or an input
    GQL_META_DEFAULT,
    GQL_META_TYPES,
    GQL_META_QUERY,
    GQL_META_MUTATION,
    GQL_META_SUBSCRIPTION,
    GQL_META_DIRECTIVES,
    GQL_META_PLACES,
    GQL_META_NULL,  // we have none of it: null
    GQL_META_FALSE, // nothing is
};

struct gql_field {
    const char *name, *doc;
    struct gql_ref of;
    const struct gql_input *args;
    enum gql_source source;
    enum gql_meta meta; // SCHEMA
    enum gql_told told; // TOLD
    // FIELD; BESIDE: of the packed message, NULL: the member of its oneof; PAGE_INFO: the token; ROOT, LINK:
    // the one of the reply that is meant, NULL: the whole reply.
    const ProtobufCFieldDescriptor *field;
    const struct schema_link *link;   // LINK
    const struct route *route;        // ROOT, LINK: the method's
    const struct stream_kind *stream; // STREAM
    const struct gql_type **tells;    // STREAM: what it tells, by enum gql_member; NULL: not that
    uint32_t id;                      // of its name
    uint16_t args_count;
    uint16_t size; // how many a list without pages counts for; 0: the usual
    uint16_t cost; // of asking for it, beside what it gives
};

struct gql_type {
    enum gql_kind kind;
    const char *name, *doc;
    enum gql_literals literals;         // SCALAR
    struct gql_field *fields;           // OBJECT, INTERFACE
    struct gql_input *inputs;           // INPUT
    struct gql_enum_value *values;      // ENUM
    const struct gql_type **interfaces; // OBJECT, INTERFACE: that it implements
    struct gql_type **members;          // UNION, INTERFACE: the objects that it may be
    uint16_t fields_count, inputs_count, values_count, interfaces_count, members_count;
    bool one_of;                               // INPUT: exactly one of its fields
    const ProtobufCMessageDescriptor *message; // of objects and inputs; NULL when it has none
    const ProtobufCEnumDescriptor *enumeration;

    // By gql_schema_finish:
    uint32_t id;                // of its name
    uint16_t place;             // among the schema's types
    uint16_t *slots, slot_mask; // fields, inputs or values by the id of their name; 0: free, else from 1
    uint64_t *may_be;           // bits of the places of the objects that it may be: itself, or its members
};

// Where a directive may stand in a document; the other places are the schema's own.
enum {
    GQL_ON_QUERY = 1,
    GQL_ON_MUTATION = 2,
    GQL_ON_SUBSCRIPTION = 4,
    GQL_ON_FIELD = 8,
    GQL_ON_FRAGMENT = 16,
    GQL_ON_SPREAD = 32,
    GQL_ON_INLINE = 64,
    GQL_ON_VARIABLE = 128,
};

struct gql_directive {
    const char *name, *doc;
    struct gql_input *args;
    const char *const *type_places; // "FIELD_DEFINITION", ...; ends with NULL; NULL: none
    uint32_t id;                    // of its name
    uint16_t args_count;
    uint16_t places; // bits of GQL_ON_...
};

struct gql_schema {
    struct gql_type **types; // in the order that is shown
    uint16_t types_count;
    const struct gql_type *query, *mutation, *subscription; // NULL: there is none
    struct gql_directive *directives;
    uint16_t directives_count;
    struct gql_field *typename_field, *schema_field, *type_field; // __typename, __schema, __type

    // By gql_schema_finish:
    struct gql_names names;
    uint8_t names_key[GQL_NAMES_KEY];
    const struct gql_type **by_name; // by the id of the name; NULL: no type
    uint32_t skip, include, if_;     // ids of these words
};

// Makes what is looked up, in the arena, which lives as long as the schema. Refuses (INTERNAL_ERROR) a name
// that is there twice, and a member that is no object. The key is of random bytes.
MUST_CHECK bool gql_schema_finish(struct gql_schema *schema, const uint8_t key[GQL_NAMES_KEY],
                                  struct arena *arena, struct err *err);

// By the id of the name; NULL: there is none. Of a document's names too.
const struct gql_type *gql_schema_type(const struct gql_schema *schema, uint32_t name);
const struct gql_directive *gql_schema_directive(const struct gql_schema *schema, uint32_t name);
// Also __typename of any type, and __schema and __type of the query.
const struct gql_field *gql_schema_field(const struct gql_schema *schema, const struct gql_type *type,
                                         uint32_t name);
const struct gql_input *gql_type_input(const struct gql_type *type, uint32_t name);
const struct gql_enum_value *gql_type_value(const struct gql_type *type, uint32_t name);
const struct gql_input *gql_input_find(const struct gql_input *inputs, size_t count, uint32_t name);

bool gql_type_is_leaf(const struct gql_type *type);      // scalar or enum
bool gql_type_is_composite(const struct gql_type *type); // object, interface or union
bool gql_type_is_input(const struct gql_type *type);     // scalar, enum or input
// An object may be both.
bool gql_types_overlap(const struct gql_schema *schema, const struct gql_type *one,
                       const struct gql_type *two);
bool gql_type_may_be(const struct gql_type *type, const struct gql_type *object);

// "[ID!]!"
char *gql_ref_print(struct gql_ref ref, struct arena *arena);
// The caller must give it: not null, and no default.
bool gql_input_is_required(const struct gql_input *input);

#endif
