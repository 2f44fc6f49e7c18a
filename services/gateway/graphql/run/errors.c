#include <string.h>

#include "lib/base/reason.h"
#include "lib/json/json.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/graphql/run/running.h"

enum { MOST_PATH = 8 * 1024 };

static void path_write(const struct gql_run *run, const struct run_path *path, struct buf *out)
{
    if (path->outer) {
        path_write(run, path->outer, out);
        buf_char(out, ',');
    }
    const struct gql_name *name = path->element ? NULL : gql_names_get(&run->document->names, path->key);
    if (name)
        buf_printf(out, "\"%.*s\"", (int)name->len, name->text);
    else
        buf_u64(out, path->index);
}

void run_fail(struct gql_run *run, const struct plan_field *field, const struct run_path *path,
              const struct err *err)
{
    bool more = err && run->errors_count < RUN_MOST_ERRORS;
    struct run_error *error = more ? run_alloc(run, sizeof *error) : NULL;
    struct buf text;
    if (!error) return;
    buf_init(&text, MOST_PATH);
    path_write(run, path, &text);
    *error = (struct run_error){.err = run_keep_err(run, err, field->field),
                                .path = arena_str(run->arena, text.bytes),
                                .at = field->selection->at};
    buf_finish(&text);
    if (!error->err || !error->path) return;
    *run->errors_end = error;
    run->errors_end = &error->next;
    run->errors_count++;
}

// ---- Writing

static void error_fields(const struct err *err, const char *detail, struct buf *out)
{
    buf_str(out, ",\"fields\":[{\"field\":");
    json_write_text(out, err->field);
    buf_str(out, ",\"detail\":");
    json_write_text(out, detail);
    buf_str(out, "}]");
}

static void error_extensions(const struct err *err, const char *detail, const char *rule,
                             const char *trace_id, struct buf *out)
{
    int status = problem_status(err->reason);
    buf_printf(out, ",\"extensions\":{\"code\":\"%s\",\"status\":%d", err_name(err), status);
    if (rule) buf_printf(out, ",\"rule\":\"%s\"", rule);
    buf_str(out, ",\"traceId\":");
    json_write_text(out, trace_id);
    if (err->retry_after_s || status == 429 || status == 503)
        buf_printf(out, ",\"retryAfter\":%u", err->retry_after_s ? err->retry_after_s : 1);
    if (*err->field) error_fields(err, detail, out);
    buf_char(out, '}');
}

static const char *error_detail(const struct err *err)
{
    return err_internal(err) ? "something went wrong on our side; quote the trace id" : err->message;
}

static void error_place(struct gql_place place, struct buf *out)
{
    buf_printf(out, ",\"locations\":[{\"line\":%u,\"column\":%u}]", place.line, place.column);
}

void run_write_errors(struct gql_run *run, const char *trace_id, struct buf *out)
{
    struct gql_places places;
    gql_places_init(&places, run->request->text, run->request->len, run->arena);
    buf_str(out, ",\"errors\":[");
    for (const struct run_error *each = run->errors; each; each = each->next) {
        const char *detail = error_detail(each->err);
        buf_str(out, each == run->errors ? "{\"message\":" : ",{\"message\":");
        json_write_text(out, detail);
        error_place(gql_places_find(&places, each->at), out);
        buf_printf(out, ",\"path\":[%s]", each->path);
        error_extensions(each->err, detail, NULL, trace_id, out);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void gql_refusal_list(const struct gql_refusal *refusal, const char *text, size_t len, const char *trace_id,
                      struct buf *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < refusal->faults.count; i++) {
        const struct gql_fault *fault = &refusal->faults.faults[i];
        struct err err = {.reason = fault->reason};
        buf_str(out, i ? ",{\"message\":" : "{\"message\":");
        json_write_text(out, fault->message);
        error_place(gql_place_of(text, len, fault->at), out);
        error_extensions(&err, fault->message, fault->rule, trace_id, out);
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

void gql_refusal_write(const struct gql_refusal *refusal, const char *text, size_t len, const char *trace_id,
                       struct buf *out)
{
    buf_str(out, "{\"errors\":");
    gql_refusal_list(refusal, text, len, trace_id, out);
    if (refusal->cost) buf_printf(out, ",\"extensions\":{\"cost\":%u}", refusal->cost);
    buf_char(out, '}');
}

void gql_error_list(const struct err *err, const char *trace_id, struct buf *out)
{
    const char *detail = error_detail(err);
    buf_str(out, "[{\"message\":");
    json_write_text(out, detail);
    error_extensions(err, detail, NULL, trace_id, out);
    buf_str(out, "}]");
}

void gql_error_write(const struct err *err, const char *trace_id, struct buf *out)
{
    buf_str(out, "{\"errors\":");
    gql_error_list(err, trace_id, out);
    buf_char(out, '}');
}
