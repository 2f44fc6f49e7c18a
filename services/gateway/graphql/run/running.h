// What the parts of a run share.
#ifndef GATEWAY_GRAPHQL_RUN_RUNNING_H
#define GATEWAY_GRAPHQL_RUN_RUNNING_H

#include "lib/schema/schema.h"
#include "services/gateway/graphql/check/check.h"
#include "services/gateway/graphql/run/run.h"

enum { RUN_MOST_QUESTIONS = 2000, RUN_AT_ONCE = 256, RUN_BUCKETS = 256, RUN_MOST_ERRORS = 1000 };

// ---- The plan: what is selected, with fragments in their places and conditions decided

struct plan_part { // fields of one name are one field: each brings its own selections
    const struct ast_selection *inner;
    struct plan_part *next;
};

struct plan_object { // of one type of objects
    const struct gql_type *type;
    struct plan_field *fields, **fields_end;
    struct plan_object *next;
};

struct plan_field {
    uint32_t key; // its name in the answer
    const struct gql_field *field;
    const struct ast_selection *selection; // the first of them: its arguments and its place
    struct plan_part *parts, **parts_end;
    struct plan_object *objects; // made when they are needed
    struct plan_field *next;
    // ROOT and LINK:
    ProtobufCMessage *request; // without what a link fills; NULL: refused
    const struct err *refused;
    const char *idempotency;
    struct question *question; // ROOT
    // SCHEMA:
    const struct gql_type *named; // by __type
};

// What a field of the text asks by its arguments: made once, however often it is spread.
struct run_request {
    const struct gql_field *of; // NULL: not made
    ProtobufCMessage *message;
    const struct err *refused;
    const char *idempotency;
};

// ---- Questions

struct question_use { // a field that its reply is the value of
    struct plan_field *field;
    struct question_use *next;
};

enum question_state { QUESTION_WAITS, QUESTION_OUT, QUESTION_GOOD, QUESTION_FAILED };

struct question {
    struct gql_run *run;
    struct gql_ask ask;
    enum question_state state;
    uint64_t id; // of the host
    const ProtobufCMessage *reply;
    const struct err *err;
    struct question_use *uses;
    struct question *same_bucket, *next; // next: that waits to be asked, or that was asked
};

struct run_error {
    const struct err *err;
    const char *path; // JSON
    uint32_t at;
    struct run_error *next;
};

struct gql_run {
    const struct gql_schema *schema;
    const struct gql_request *request;
    struct gql_host host;
    struct arena *arena;
    struct gql_faults *faults; // of the refusal, while it is created
    struct ast_document *document;
    const struct ast_definition *operation;
    json_t **variables; // by the id of their name; NULL: not given
    uint32_t variables_count;
    uint32_t *seen, stamp; // by the id of a key or the place of a fragment: when it was last seen
    struct plan_field **seen_field;
    struct run_request *requests; // by the place of a field in the text
    uint32_t *seen_fragment;
    struct plan_object *plan;
    struct plan_field *root; // of a mutation: the one that runs
    uint32_t cost;
    size_t request_bytes; // of all requests, as texts

    struct question *buckets[RUN_BUCKETS];
    struct question *waiting, **waiting_end, *all;
    size_t questions, out, asked;
    bool started, asking;
    const void *unpacked_of; // the message whose packed bytes were unpacked last
    const ProtobufCMessage *unpacked;

    struct run_error *errors, **errors_end;
    size_t errors_count;

    const struct gql_tell *told;
    bool asks[GQL_MEMBERS];  // a link is selected of it
    bool wants[GQL_MEMBERS]; // more than the name of its type is
};

void *run_alloc(struct gql_run *run, size_t size); // zeroed; NULL when the arena is full

// values.c: what literals and variables stand for, with the names that requests have. NULL: not given.
json_t *value_of(struct gql_run *run, const struct ast_value *value, struct gql_ref of);
bool value_is_true(struct gql_run *run, const struct ast_value *value);
bool run_coerce_variables(struct gql_run *run); // variables.c
// arguments.c: NULL: it is not given, and has no default; and the request, or why not.
json_t *run_argument(struct gql_run *run, const struct plan_field *field, const struct gql_input *input);
void run_fill_request(struct gql_run *run, struct plan_field *field);
// In the words of GraphQL's clients.
const struct err *run_keep_err(struct gql_run *run, const struct err *err, const struct gql_field *field);

// plan.c; objects of another type of the field's own when it may be several.
struct plan_object *plan_below(struct gql_run *run, struct plan_field *field, const struct gql_type *type);
bool run_plan(struct gql_run *run);
bool run_judge_cost(struct gql_run *run);                                   // cost.c
uint64_t cost_introspection(struct gql_run *run, struct plan_field *field); // introspection_cost.c
// told.c: makes all that any telling needs of the plan.
bool run_plan_tellings(struct gql_run *run);

// questions.c
bool run_advance(struct gql_run *run); // true: there is nothing more to be asked
// Looks for links in a message.
void run_discover(struct gql_run *run, const struct plan_object *object, const ProtobufCMessage *message);
void run_discover_told(struct gql_run *run, struct plan_field *field); // told.c
// What a link's value is: NULL when the id is empty, or the arena full.
struct question *run_link(struct gql_run *run, const struct plan_field *field, const ProtobufCMessage *of);
const ProtobufCMessage *run_unpack(struct gql_run *run,
                                   const ProtobufCMessage *of); // NULL: nothing is packed
// The member of a oneof that is set; NULL: none.
const ProtobufCFieldDescriptor *run_member(const ProtobufCMessage *message);

// ---- Messages

static inline const void *message_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->offset;
}
static inline const char *message_text(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return *(const char *const *)message_at(message, field);
}
static inline size_t message_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return *(const size_t *)((const char *)message + field->quantifier_offset);
}
bool message_has(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field); // write.c

// ---- Writing

struct run_path { // of the value that is written
    const struct run_path *outer;
    uint32_t key;
    size_t index;
    bool element;
};

void run_fail(struct gql_run *run, const struct plan_field *field, const struct run_path *path,
              const struct err *err); // errors.c
void run_write_errors(struct gql_run *run, const char *trace_id, struct buf *out);
// False: null, where null may not stand. write.c
bool write_object(struct gql_run *run, const struct plan_object *object, const ProtobufCMessage *message,
                  const struct run_path *path, struct buf *out);
void write_key(struct gql_run *run, uint32_t key, bool first, struct buf *out);
// The data, the errors, and the end; only an error when the memory did not suffice. run.c
void run_write_answer(struct gql_run *run, const char *trace_id, const char *end, struct buf *out);
// What a stream tells, and a part of it. told.c
bool write_stream(struct gql_run *run, struct plan_field *field, const struct run_path *path,
                  struct buf *out);
bool write_told(struct gql_run *run, struct plan_field *field, const struct run_path *path, struct buf *out);

// introspection.c: the value of __schema and __type, with what is below.
void write_meta_root(struct gql_run *run, struct plan_field *field, struct buf *out);

#endif
