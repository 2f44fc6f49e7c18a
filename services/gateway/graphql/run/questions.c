// Questions: made from fields, asked once however many fields need them, and looked through for further ones
// when they are answered.
#include <sodium.h>
#include <string.h>

#include "services/gateway/graphql/run/running.h"

// ---- Making

static size_t bucket_of(const struct gql_run *run, const struct gql_ask *ask)
{
    uint64_t hash;
    crypto_shorthash((unsigned char *)&hash, ask->payload.data, ask->payload.len, run->schema->names_key);
    return (hash ^ (uintptr_t)ask->route >> 4) % RUN_BUCKETS;
}

static bool is_same(const struct gql_ask *one, const struct gql_ask *two)
{
    return one->route == two->route && one->payload.len == two->payload.len &&
           memcmp(one->payload.data, two->payload.data, one->payload.len) == 0;
}

static struct question *question_find(const struct gql_run *run, const struct gql_ask *ask)
{
    struct question *each = run->buckets[bucket_of(run, ask)];
    while (each && !is_same(&each->ask, ask)) each = each->same_bucket;
    return each;
}

static void question_fail(struct question *question, const struct err *err, const struct gql_field *field)
{
    question->state = QUESTION_FAILED;
    question->err = run_keep_err(question->run, err, field);
}

static void question_queue(struct question *question, const struct gql_field *field)
{
    struct gql_run *run = question->run;
    struct err err = {0};
    if (++run->questions > RUN_MOST_QUESTIONS) {
        err_fail(&err, CALL_TOO_LARGE, "there are more than %d questions", RUN_MOST_QUESTIONS);
        return question_fail(question, &err, field);
    }
    if (!run->host.may(run->host.arg, question->ask.route, &err)) return question_fail(question, &err, field);
    *run->waiting_end = question;
    run->waiting_end = &question->next;
}

static struct question *question_make(struct gql_run *run, struct plan_field *field,
                                      const struct gql_ask *ask)
{
    struct question *question = run_alloc(run, sizeof *question);
    if (!question) return NULL;
    question->run = run;
    question->ask = *ask;
    question_queue(question, field->field);
    return question;
}

// Of reads: equal questions are one.
static struct question *question_share(struct gql_run *run, struct plan_field *field,
                                       const struct gql_ask *ask)
{
    struct question *question = question_find(run, ask);
    if (question) return question;
    question = question_make(run, field, ask);
    if (!question) return NULL;
    size_t bucket = bucket_of(run, ask);
    question->same_bucket = run->buckets[bucket];
    return run->buckets[bucket] = question;
}

static const char *stream_of(struct gql_run *run, const struct route *route, const ProtobufCMessage *request)
{
    uint8_t key = route->method->route_key;
    const char *id = key ? schema_text(request, key) : "";
    return *id ? arena_str(run->arena, id) : NULL;
}

static bool ask_of(struct gql_run *run, const struct plan_field *field, struct gql_ask *ask)
{
    const struct route *route = field->field->route;
    *ask = (struct gql_ask){
        .route = route, .key = field->idempotency, .stream = stream_of(run, route, field->request)};
    ask->payload.len = protobuf_c_message_get_packed_size(field->request);
    ask->payload.data = run_alloc(run, ask->payload.len);
    if (!ask->payload.data) return false;
    protobuf_c_message_pack(field->request, ask->payload.data);
    return true;
}

// ---- Links

// The request with the ids of the message; false when there is nothing to ask.
static bool link_ask(struct gql_run *run, const struct plan_field *field, const ProtobufCMessage *of,
                     struct gql_ask *ask)
{
    const struct schema_link *link = field->field->link;
    if (!field->request || !*schema_text(of, link->field)) return false;
    for (const struct schema_fill *fill = link->fills; fill->to; fill++) {
        const ProtobufCFieldDescriptor *to = &field->request->descriptor->fields[fill->to - 1];
        *(const char **)((char *)field->request + to->offset) = schema_text(of, fill->from);
    }
    return ask_of(run, field, ask);
}

struct question *run_link(struct gql_run *run, const struct plan_field *field, const ProtobufCMessage *of)
{
    struct gql_ask ask;
    return link_ask(run, field, of, &ask) ? question_find(run, &ask) : NULL;
}

// ---- Looking through replies

static void look_into(struct question *question, struct plan_field *field);

// What a field selects is looked for once in each reply.
static void question_use(struct question *question, struct plan_field *field)
{
    for (struct question_use *use = question->uses; use; use = use->next)
        if (use->field == field) return;
    struct question_use *use = run_alloc(question->run, sizeof *use);
    if (!use) return;
    *use = (struct question_use){field, question->uses};
    question->uses = use;
    if (question->state == QUESTION_GOOD) look_into(question, field);
}

const ProtobufCMessage *run_unpack(struct gql_run *run, const ProtobufCMessage *of)
{
    const struct schema_packed *packed = schema_packed(of->descriptor);
    ProtobufCBinaryData bytes = schema_bytes(of, packed->field);
    if (run->unpacked_of == of) return run->unpacked;
    run->unpacked_of = of;
    run->unpacked =
        bytes.len ? protobuf_c_message_unpack(packed->packed, &run->arena->allocator, bytes.len, bytes.data)
                  : NULL;
    return run->unpacked;
}

const ProtobufCFieldDescriptor *run_member(const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF && message_has(message, field)) return field;
    }
    return NULL;
}

// Each message that the field of the message has.
static void discover_values(struct gql_run *run, struct plan_field *field, const ProtobufCMessage *message,
                            const ProtobufCFieldDescriptor *values)
{
    const struct plan_object *below = plan_below(run, field, field->field->of.type);
    if (!below || !message_has(message, values)) return;
    if (values->label != PROTOBUF_C_LABEL_REPEATED)
        return run_discover(run, below, *(ProtobufCMessage *const *)message_at(message, values));
    ProtobufCMessage *const *items = *(ProtobufCMessage *const *const *)message_at(message, values);
    for (size_t i = 0; i < message_count(message, values); i++) run_discover(run, below, items[i]);
}

static void discover_field(struct gql_run *run, struct plan_field *field, const ProtobufCMessage *message)
{
    const struct gql_field *of = field->field;
    struct gql_ask ask;
    if (of->source == GQL_LINK && link_ask(run, field, message, &ask)) {
        struct question *question = question_share(run, field, &ask);
        if (question) question_use(question, field);
    }
    if (of->source == GQL_FIELD && !gql_type_is_leaf(of->of.type))
        discover_values(run, field, message, of->field);
}

void run_discover(struct gql_run *run, const struct plan_object *object, const ProtobufCMessage *message)
{
    for (struct plan_field *field = object->fields; field; field = field->next)
        discover_field(run, field, message);
}

static void look_into(struct question *question, struct plan_field *field)
{
    const struct gql_field *of = field->field;
    if (gql_type_is_leaf(of->of.type)) return;
    if (of->field) return discover_values(question->run, field, question->reply, of->field);
    const struct plan_object *below = plan_below(question->run, field, of->of.type);
    if (below) run_discover(question->run, below, question->reply);
}

// ---- Asking

static void root_ask(struct gql_run *run, struct plan_field *field)
{
    struct gql_ask ask;
    if (field->field->source != GQL_ROOT || !field->request || !ask_of(run, field, &ask)) return;
    bool writes = run->operation->kind == AST_MUTATION;
    field->question = writes ? question_make(run, field, &ask) : question_share(run, field, &ask);
    if (field->question) question_use(field->question, field);
}

// All of a query at once, those of a mutation one by one. False: there are no more.
static bool next_roots(struct gql_run *run)
{
    bool begins = !run->started && !run->arena->failed;
    run->started = true;
    if (run->operation->kind == AST_MUTATION && !run->arena->failed) {
        run->root = begins ? run->plan->fields : run->root ? run->root->next : NULL;
        if (run->root) root_ask(run, run->root);
        return run->root;
    }
    for (struct plan_field *field = begins ? run->plan->fields : NULL; field; field = field->next)
        field->field->source == GQL_STREAM ? run_discover_told(run, field) : root_ask(run, field);
    return begins;
}

static void ask_waiting(struct gql_run *run)
{
    while (run->waiting && run->out < RUN_AT_ONCE && !run->arena->failed) {
        struct question *question = run->waiting;
        run->waiting = question->next;
        if (!run->waiting) run->waiting_end = &run->waiting;
        question->next = run->all;
        run->all = question;
        question->state = QUESTION_OUT;
        run->out++;
        run->asked++;
        run->asking = true;
        question->id = run->host.ask(run->host.arg, &question->ask, question);
        run->asking = false;
    }
}

bool run_advance(struct gql_run *run)
{
    do {
        ask_waiting(run);
        if (run->out) return false;
    } while (next_roots(run));
    return true;
}

static void question_take(struct question *question, const uint8_t *payload, size_t len)
{
    struct gql_run *run = question->run;
    const struct schema_method *method = question->ask.route->method;
    const struct gql_field *field = question->uses->field->field;
    struct err err;
    question->reply = protobuf_c_message_unpack(method->reply, &run->arena->allocator, len, payload);
    if (!question->reply) {
        if (run->arena->failed)
            err_fail(&err, CALL_TOO_LARGE, "the answer needs too much memory");
        else
            err_fail(&err, INTERNAL_ERROR, "a reply of %s cannot be read", method->name);
        return question_fail(question, &err, field);
    }
    question->state = QUESTION_GOOD;
    for (struct question_use *use = question->uses; use; use = use->next) look_into(question, use->field);
}

void gql_run_answer(struct question *question, const struct err *err, const uint8_t *payload, size_t len)
{
    struct gql_run *run = question->run;
    run->out--;
    question->id = 0;
    if (err)
        question_fail(question, err, question->uses->field->field);
    else
        question_take(question, payload, len);
    run->host.took(run->host.arg);
    if (!run->asking && run_advance(run)) run->host.done(run->host.arg); // else who asks goes on
}
