#include "services/gateway/api/problem.h"

#include <stddef.h>

#include "lib/json/json.h"
#include "lib/base/reason.h"

static const int status_by_code[] = {
    [CONSE__CODE__OK] = 200,
    [CONSE__CODE__CANCELLED] = 499,
    [CONSE__CODE__UNKNOWN] = 500,
    [CONSE__CODE__INVALID_ARGUMENT] = 400,
    [CONSE__CODE__DEADLINE_EXCEEDED] = 504,
    [CONSE__CODE__NOT_FOUND] = 404,
    [CONSE__CODE__ALREADY_EXISTS] = 409,
    [CONSE__CODE__PERMISSION_DENIED] = 403,
    [CONSE__CODE__RESOURCE_EXHAUSTED] = 429,
    [CONSE__CODE__FAILED_PRECONDITION] = 409,
    [CONSE__CODE__ABORTED] = 409,
    [CONSE__CODE__OUT_OF_RANGE] = 422,
    [CONSE__CODE__UNIMPLEMENTED] = 501,
    [CONSE__CODE__INTERNAL] = 500,
    [CONSE__CODE__UNAVAILABLE] = 503,
    [CONSE__CODE__DATA_LOSS] = 500,
    [CONSE__CODE__UNAUTHENTICATED] = 401,
};

static const struct {
    int status;
    const char *title;
} titles[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

int problem_status(Conse__Reason__Value reason)
{
    const struct reason *known = reason_find(reason);
    return known->status ? known->status : status_by_code[known->code];
}

const char *problem_title(int status)
{
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status) return titles[i].title;
    return "Error";
}

static void write_member(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, ",\"%s\":", name);
    json_write_text(out, value);
}

void problem_write(struct buf *out, const struct problem *problem)
{
    const struct err *err = problem->err;
    const struct reason *reason = reason_find(err->reason);
    int status = problem_status(err->reason);
    const char *detail =
        err_internal(err) ? "something went wrong on our side; quote the trace id" : err->message;
    buf_printf(out, "{\"type\":\"/docs#%s\"", reason->name);
    write_member(out, "title", problem_title(status));
    buf_printf(out, ",\"status\":%d", status);
    write_member(out, "detail", detail);
    write_member(out, "instance", problem->instance);
    write_member(out, "code", reason->name);
    write_member(out, "trace_id", problem->trace_id);
    if (err->field[0]) {
        buf_str(out, ",\"errors\":[{\"field\":");
        json_write_text(out, err->field);
        write_member(out, "detail", detail);
        buf_str(out, "}]");
    }
    if (problem->stamp)
        buf_printf(out, ",\"proof\":{\"stamp\":\"%s\",\"bits\":%u}", problem->stamp, problem->bits);
    buf_char(out, '}');
}
