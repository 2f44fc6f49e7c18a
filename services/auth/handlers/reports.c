// Reports about people, and how operators resolve them.
#include "services/auth/handlers/handlers.h"

#include <string.h>

#include "services/auth/accounts.h"
#include "services/auth/handlers/acts.h"
#include "services/auth/handlers/shown.h"
#include "services/auth/reports.h"

enum { DEFAULT_PAGE = 20 };

static bool person_fill(struct rpc_call *call, const char *user_id, Auth__Person **person, struct err *err)
{
    return !*user_id || account_person(call->service, user_id, call->arena, person, err);
}

bool report_shown(struct rpc_call *call, const Accounts__Report *row, Auth__Report **out, struct err *err)
{
    Auth__Report *report = *out = arena_new(call->arena, Auth__Report);
    if (!report) return err_fail(err, INTERNAL_ERROR, "out of memory");
    auth__report__init(report);
    report->id = row->id;
    report->event_id = row->event_id;
    report->reason = row->reason;
    report->text = row->text;
    report->created_at = row->created_at;
    report->state = row->state;
    return person_fill(call, row->user_id, &report->user, err);
}

static bool report_fill(struct rpc_call *call, const Accounts__Report *row, Auth__Report **out,
                        struct err *err)
{
    if (!report_shown(call, row, out, err)) return false;
    Auth__Report *report = *out;
    report->resolution = row->resolution;
    report->note = row->note;
    report->resolved_at = row->resolved_at;
    return person_fill(call, row->reporter_id, &report->reporter, err) &&
           person_fill(call, row->resolved_by, &report->resolved_by, err);
}

static bool check_report(struct rpc_call *call, const Auth__ReportRequest *request, struct err *err)
{
    struct account account;
    if (strcmp(request->user_id, call->caller->user_id) == 0)
        return err_field(err, INVALID_FIELD, "user_id", "nobody reports themselves");
    if (request->reason == AUTH__REPORT_REASON__VALUE__OTHER && !*request->text)
        return err_field(err, INVALID_FIELD, "text", "say in text what OTHER is");
    return account_get(call->service, request->user_id, call->arena, &account, err);
}

HANDLER(create_report, Auth__ReportRequest, Auth__ReportReply)
{
    Accounts__Report row = ACCOUNTS__REPORT__INIT;
    if (!check_report(call, request, err)) return false;
    row.reporter_id = call->caller->user_id;
    row.user_id = request->user_id;
    row.event_id = request->event_id;
    row.reason = request->reason;
    row.text = request->text;
    return report_create(call->service, &row, call->arena, call->now_ms, err) &&
           report_fill(call, &row, &reply->report, err);
}

HANDLER(list_reports, Auth__ListReportsRequest, Auth__ListReportsReply)
{
    struct store_rows rows;
    const struct reports_query query = {request->state,
                                        request->page_size ? (uint32_t)request->page_size : DEFAULT_PAGE,
                                        request->page_token};
    if (!reports_find(call->service, &query, call->arena, &rows, err)) return false;
    reply->reports = arena_array(call->arena, rows.count, sizeof *reply->reports);
    if (!reply->reports) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (; reply->n_reports < rows.count; reply->n_reports++)
        if (!report_fill(call, (const Accounts__Report *)rows.messages[reply->n_reports],
                         &reply->reports[reply->n_reports], err))
            return false;
    reply->next_page_token = rows.next_page_token;
    return true;
}

HANDLER(resolve_report, Auth__ResolveReportRequest, Auth__ReportReply)
{
    Accounts__Report *row;
    Audit__Entry *act = act_report_resolved(call, request->id, request->resolution);
    const struct report_verdict verdict = {request->resolution, request->note, call->caller->user_id, act};
    if (!act) return err_fail(err, INTERNAL_ERROR, "out of memory");
    return report_resolve(call->service, request->id, &verdict, call->arena, call->now_ms, &row, err) &&
           report_fill(call, row, &reply->report, err);
}

const struct rpc_method report_methods[] = {
    RPC_METHOD("auth.CreateReport", create_report),
    RPC_METHOD("auth.ListReports", list_reports),
    RPC_METHOD("auth.ResolveReport", resolve_report),
    {0},
};
