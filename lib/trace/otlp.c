#include "lib/trace/otlp.h"

#include <stdio.h>

#include "lib/base/ids.h"
#include "lib/base/version.h"
#include "lib/json/json.h"

enum { STATUS_ERROR = 2 };

static void write_attribute(struct buf *out, bool *first, const char *key, const char *value)
{
    buf_str(out, *first ? "" : ",");
    *first = false;
    buf_printf(out, "{\"key\":\"%s\",\"value\":{\"stringValue\":", key);
    json_write_text(out, value);
    buf_str(out, "}}");
}

static void write_status(struct buf *out, bool *first, int status)
{
    buf_printf(out, "%s{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":\"%d\"}}",
               *first ? "" : ",", status);
    *first = false;
}

void otlp_begin(struct buf *out, const char *service)
{
    bool first = true;
    buf_str(out, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
    write_attribute(out, &first, "service.name", service);
    write_attribute(out, &first, "service.version", CONSE_VERSION);
    buf_str(out, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"conse\"},\"spans\":[");
}

static void write_id(struct buf *out, const char *key, const uint8_t *bytes, size_t len)
{
    char hex[2 * TRACE_BYTES + 1];
    hex_encode(hex, bytes, len);
    buf_printf(out, "\"%s\":\"%s\",", key, hex);
}

static bool has_parent(const struct span *span)
{
    for (size_t i = 0; i < SPAN_BYTES; i++)
        if (span->parent[i]) return true;
    return false;
}

static void write_attributes(struct buf *out, const struct span *span)
{
    bool first = true;
    buf_str(out, ",\"attributes\":[");
    if (span->verb) write_attribute(out, &first, "http.request.method", span->verb);
    if (span->verb) write_attribute(out, &first, "http.route", span->name);
    if (span->status) write_status(out, &first, span->status);
    if (span->reason) write_attribute(out, &first, "conse.reason", span->reason);
    buf_str(out, "]");
}

void otlp_add(struct buf *out, const struct ended_span *ended, bool first)
{
    const struct span *span = &ended->span;
    char name[160];
    snprintf(name, sizeof name, "%s%s%s", span->verb ? span->verb : "", span->verb ? " " : "", span->name);
    buf_str(out, first ? "{" : ",{");
    write_id(out, "traceId", span->context.trace, TRACE_BYTES);
    write_id(out, "spanId", span->context.span, SPAN_BYTES);
    if (has_parent(span)) write_id(out, "parentSpanId", span->parent, SPAN_BYTES);
    buf_str(out, "\"name\":");
    json_write_text(out, name);
    buf_printf(out, ",\"kind\":%d,\"startTimeUnixNano\":\"%lld\",\"endTimeUnixNano\":\"%lld\"", span->kind,
               (long long)ended->begun_ns, (long long)ended->ended_ns);
    write_attributes(out, span);
    if (span->failed) buf_printf(out, ",\"status\":{\"code\":%d}", STATUS_ERROR);
    buf_str(out, "}");
}

void otlp_end(struct buf *out) { buf_str(out, "]}]}]}"); }
