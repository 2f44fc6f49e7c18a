#include "services/gateway/graphql/run/run.h"

#include <stdio.h>
#include <string.h>

#include "services/gateway/graphql/run/running.h"
#include "services/gateway/graphql/text/parser.h"

void *run_alloc(struct gql_run *run, size_t size) { return arena_alloc(run->arena, size); }

static bool run_read(struct gql_run *run)
{
    const struct gql_request *request = run->request;
    const struct gql_reading reading = {&run->schema->names, request->limits, run->arena, run->faults};
    run->document = gql_parse(request->text, request->len, &reading);
    return run->document && gql_check(run->document, run->schema, request->limits, run->arena, run->faults);
}

static bool run_refuse_operation(struct gql_run *run, const char *why)
{
    return gql_fault(run->faults, GRAPHQL_OPERATION, NULL, 0, "%s", why);
}

static bool run_choose(struct gql_run *run)
{
    const char *name = run->request->operation;
    uint32_t id = name ? gql_names_find(&run->document->names, name, strlen(name)) : GQL_NO_NAME;
    if (!name && run->document->operations > 1)
        return run_refuse_operation(run, "the document has several operations: operationName says which one");
    for (const struct ast_definition *each = run->document->definitions; each; each = each->next)
        if (each->kind != AST_FRAGMENT && (!name || (id != GQL_NO_NAME && each->name == id)))
            run->operation = each;
    if (!run->operation) return run_refuse_operation(run, "the document has no such operation");
    if (run->operation->kind == AST_SUBSCRIPTION && !run->request->follows)
        return run_refuse_operation(
            run, "a subscription is told over a WebSocket, or as events (Accept: text/event-stream)");
    return !run->request->reads || run->operation->kind != AST_MUTATION ||
           gql_fault(run->faults, METHOD_NOT_ALLOWED, NULL, run->operation->at, "a mutation needs POST");
}

static bool run_prepare(struct gql_run *run)
{
    return run_read(run) && run_choose(run) && run_coerce_variables(run) && run_plan(run) &&
           run_judge_cost(run) && (!gql_run_follows(run) || run_plan_tellings(run));
}

struct gql_run *gql_run_create(const struct gql_schema *schema, const struct gql_request *request,
                               const struct gql_host *host, struct arena *arena, struct gql_refusal *refusal)
{
    struct gql_run *run = arena_new(arena, struct gql_run);
    *refusal = (struct gql_refusal){.faults = {.arena = arena}};
    if (run) {
        *run = (struct gql_run){
            .schema = schema, .request = request, .host = *host, .arena = arena, .faults = &refusal->faults};
        run->waiting_end = &run->waiting;
        run->errors_end = &run->errors;
        bool ready = run_prepare(run);
        refusal->cost = run->cost;
        if (ready && !arena->failed) return run;
        gql_run_finish(run);
    }
    if (refusal->faults.count == 0)
        gql_faults_add(&refusal->faults, CONSE__REASON__VALUE__CALL_TOO_LARGE, NULL, 0,
                       "the document takes too much memory");
    return NULL;
}

void gql_run_finish(struct gql_run *run)
{
    if (!run) return;
    for (struct question *each = run->all; each; each = each->next)
        if (each->state == QUESTION_OUT) run->host.cancel(run->host.arg, each->id);
    for (uint32_t i = 0; run->variables && i < run->variables_count; i++) json_decref(run->variables[i]);
    run->variables = NULL;
}

bool gql_run_start(struct gql_run *run) { return run_advance(run); }
bool gql_run_writes(const struct gql_run *run) { return run->operation->kind == AST_MUTATION; }
size_t gql_run_asked(const struct gql_run *run) { return run->asked; }
void *gql_question_host(const struct question *question) { return question->run->host.arg; }

static void write_data(struct gql_run *run, const char *trace_id, struct buf *out)
{
    size_t from;
    buf_str(out, "{\"data\":");
    from = out->len;
    if (!write_object(run, run->plan, NULL, NULL, out)) {
        out->len = from;
        buf_str(out, "null");
    }
    if (run->errors) run_write_errors(run, trace_id, out);
}

void run_write_answer(struct gql_run *run, const char *trace_id, const char *end, struct buf *out)
{
    struct err err;
    if (!run->arena->failed) write_data(run, trace_id, out);
    if (!run->arena->failed) return buf_str(out, end);
    err_fail(&err, CALL_TOO_LARGE, "the answer needs too much memory");
    buf_reset(out);
    gql_error_write(&err, trace_id, out);
}

void gql_run_write(struct gql_run *run, const char *trace_id, struct buf *out)
{
    char end[48];
    snprintf(end, sizeof end, gql_run_follows(run) ? "}" : ",\"extensions\":{\"cost\":%u}}", run->cost);
    run_write_answer(run, trace_id, end, out);
}
