// Subscriptions: what is selected of that which a stream tells. The plan is made whole beforehand, so that
// one run, which many viewers share, tells all that needs no question.
#include <string.h>

#include "lib/base/ids.h"
#include "lib/json/json.h"
#include "lib/json/time.h"
#include "services/gateway/api/streams.h"
#include "services/gateway/graphql/run/running.h"

bool gql_run_follows(const struct gql_run *run) { return run->operation->kind == AST_SUBSCRIPTION; }

// ---- The plan

// Returns whether there is a link below.
static bool plan_walk(struct gql_run *run, const struct plan_object *object)
{
    bool asks = false;
    for (struct plan_field *field = object ? object->fields : NULL; field; field = field->next) {
        const struct gql_type *type = field->field->of.type;
        asks |= field->field->source == GQL_LINK;
        if (gql_type_is_leaf(type) || field->field->source == GQL_LINK) continue;
        for (size_t i = 0; i < type->members_count; i++)
            asks |= plan_walk(run, plan_below(run, field, type->members[i]));
        if (type->members_count == 0) asks |= plan_walk(run, plan_below(run, field, type));
    }
    return asks;
}

static bool plan_wants(const struct plan_object *object)
{
    for (const struct plan_field *field = object ? object->fields : NULL; field; field = field->next)
        if (field->field->source != GQL_TYPENAME) return true;
    return false;
}

bool run_plan_tellings(struct gql_run *run)
{
    struct plan_field *root = run->plan->fields;
    if (!root)
        return gql_fault(run->faults, GRAPHQL_OPERATION, NULL, run->operation->at, "nothing is selected");
    for (int what = 0; what < GQL_MEMBERS; what++) {
        const struct gql_type *type = root->field->tells[what];
        const struct plan_object *object = type ? plan_below(run, root, type) : NULL;
        run->asks[what] = plan_walk(run, object);
        run->wants[what] = plan_wants(object);
    }
    return true;
}

bool gql_run_asks(const struct gql_run *run, enum gql_member what) { return run->asks[what]; }

bool gql_run_wants(const struct gql_run *run, enum gql_member what) { return run->wants[what]; }

// ---- What is followed

static char *text_of(struct gql_run *run, const struct plan_field *root, const struct gql_input *input)
{
    json_t *value = run_argument(run, root, input);
    char *text = arena_str(run->arena, json_is_string(value) ? json_string_value(value) : "");
    json_decref(value);
    return text;
}

bool gql_run_followed(struct gql_run *run, struct gql_followed *followed, struct err *err)
{
    const struct plan_field *root = run->plan->fields;
    const struct stream_kind *kind = root->field->stream;
    const struct gql_input *args = root->field->args;
    *followed = (struct gql_followed){.topic = kind->topic, .about = kind->about ? args[0].name : NULL};
    if (kind->about) {
        char *id = text_of(run, root, &args[0]);
        if (id) uuid_lower(id);
        followed->topic = arena_printf(run->arena, "%s:%s", kind->topic, id ? id : "");
    }
    followed->after = text_of(run, root, &args[root->field->args_count - 1]);
    return (followed->topic && followed->after) ||
           err_fail(err, CALL_TOO_LARGE, "the document takes too much memory");
}

// ---- Telling

void gql_run_tell(struct gql_run *run, const struct gql_tell *tell, struct arena *scratch,
                  const char *trace_id, struct buf *out)
{
    struct arena *own = run->arena;
    run->arena = scratch;
    run->told = tell;
    run_write_answer(run, trace_id, "}", out);
    run->arena = own;
    run->told = NULL;
    run->errors = NULL;
    run->errors_end = &run->errors;
    run->errors_count = 0;
    run->unpacked_of = NULL;
}

bool gql_run_start_telling(struct gql_run *run, const struct gql_tell *tell)
{
    run->told = tell;
    return gql_run_start(run);
}

// The part's message; NULL: it has none.
static const ProtobufCMessage *message_told(const struct gql_tell *tell, const struct gql_field *field)
{
    if (field->source != GQL_TOLD) return NULL;
    return field->told == GQL_TOLD_STATE ? tell->state : field->told == GQL_TOLD_MINE ? tell->mine : NULL;
}

static struct plan_object *plan_told(struct gql_run *run, struct plan_field *root)
{
    return plan_below(run, root, root->field->tells[run->told->what]);
}

void run_discover_told(struct gql_run *run, struct plan_field *root)
{
    const struct plan_object *object = plan_told(run, root);
    if (object && run->told->entry) return run_discover(run, object, run->told->entry);
    for (struct plan_field *field = object ? object->fields : NULL; field; field = field->next) {
        const ProtobufCMessage *message = message_told(run->told, field->field);
        const struct plan_object *below = message ? plan_below(run, field, field->field->of.type) : NULL;
        if (below) run_discover(run, below, message);
    }
}

// ---- Writing

bool write_stream(struct gql_run *run, struct plan_field *field, const struct run_path *path, struct buf *out)
{
    const struct plan_object *object = plan_told(run, field);
    return object && write_object(run, object, run->told->entry, path, out);
}

static void write_time(int64_t time_ms, struct buf *out)
{
    const struct json_time time = {time_ms / 1000, (int32_t)(time_ms % 1000) * 1000000};
    char text[JSON_TIME_SIZE];
    if (json_timestamp_print(&time, text)) json_write_text(out, text);
}

// One of a newer program is null.
static void write_reason(const struct gql_type *type, const char *reason, struct buf *out)
{
    for (size_t i = 0; i < type->values_count; i++)
        if (strcmp(type->values[i].name, reason) == 0) return json_write_text(out, reason);
    buf_str(out, "null");
}

bool write_told(struct gql_run *run, struct plan_field *field, const struct run_path *path, struct buf *out)
{
    const struct gql_type *type = field->field->of.type;
    const ProtobufCMessage *message = message_told(run->told, field->field);
    switch (field->field->told) {
    case GQL_TOLD_CURSOR:
        return json_write_text(out, run->told->cursor), true;
    case GQL_TOLD_TIME:
        return write_time(run->told->time_ms, out), true;
    case GQL_TOLD_REASON:
        return write_reason(type, run->told->reason, out), true;
    default:
        break;
    }
    if (!message) return buf_str(out, "null"), true;
    const struct plan_object *below = plan_below(run, field, type);
    return below && write_object(run, below, message, path, out);
}
