#include "lib/base/log.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/text.h"

enum { MAX_LINE = 8192, TRACE_LEN = 32 };

static struct {
    char service[16];
    enum log_level level;
    bool json;
} settings = {.service = "conse", .level = LOG_INFO};

static _Thread_local char trace[TRACE_LEN + 1];

static _Thread_local struct {
    bool on;
    size_t len;
    char lines[PIPE_BUF]; // no more, so that other threads' lines do not come between in a pipe
} held;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_init(const char *service, enum log_level level, bool json)
{
    snprintf(settings.service, sizeof settings.service, "%s", service);
    settings.level = level;
    settings.json = json;
}

bool log_enabled(enum log_level level) { return level >= settings.level; }

void log_trace(const char *trace_id)
{
    size_t len = trace_id ? strnlen(trace_id, TRACE_LEN) : 0;
    memcpy(trace, trace_id ? trace_id : "", len);
    trace[len] = 0;
}

// A JSON string also serves logfmt: both escape quotes, backslashes and control characters. Broken UTF-8
// becomes '?'.
static void log_quote(struct buf *line, const char *text)
{
    bool utf8 = text_is_utf8(text, strlen(text));
    buf_char(line, '"');
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') buf_char(line, '\\');
        if (c < 0x20 || c == 0x7F)
            buf_printf(line, "\\u%04x", c);
        else
            buf_char(line, c >= 0x80 && !utf8 ? '?' : *p);
    }
    buf_char(line, '"');
}

static bool is_bare(const char *text)
{
    for (const char *p = text; *p; p++)
        if (*p <= ' ' || *p == '"' || *p == '=' || *p == '\\' || *p > '~') return false;
    return *text != 0;
}

static void put_name(struct buf *line, const char *name)
{
    if (line->len > 1) buf_char(line, settings.json ? ',' : ' ');
    if (settings.json) buf_char(line, '"');
    buf_str(line, name);
    buf_str(line, settings.json ? "\":" : "=");
}

static void put_text(struct buf *line, const char *name, const char *text)
{
    put_name(line, name);
    if (!settings.json && is_bare(text))
        buf_str(line, text);
    else
        log_quote(line, text);
}

static void put_number(struct buf *line, const char *name, int64_t number)
{
    put_name(line, name);
    buf_i64(line, number);
}

// The text of the second is kept for the lines that follow in it.
static void put_time(struct buf *line)
{
    static _Thread_local time_t second;
    static _Thread_local char text[] = "1970-01-01T00:00:00.000Z";
    enum { FRACTION = 20 };
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != second) {
        strftime(text, FRACTION, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &utc));
        text[FRACTION - 1] = '.';
        second = now.tv_sec;
    }
    long ms = now.tv_nsec / 1000000;
    for (int i = 2; i >= 0; i--, ms /= 10) text[FRACTION + i] = (char)('0' + ms % 10);
    put_text(line, "time", text);
}

static void write_out(const char *bytes, size_t len)
{
    ssize_t written = write(STDERR_FILENO, bytes, len);
    (void)written; // there is nowhere left to complain
}

void log_hold(void) { held.on = true; }

void log_flush(void)
{
    if (held.len > 0) write_out(held.lines, held.len);
    held.len = 0;
}

void log_release(void)
{
    log_flush();
    held.on = false;
}

static void write_line(enum log_level level, const struct buf *line)
{
    if (line->len > sizeof held.lines - held.len) log_flush();
    if (!held.on || line->len > sizeof held.lines) return write_out(line->bytes, line->len);
    memcpy(held.lines + held.len, line->bytes, line->len);
    held.len += line->len;
    if (level >= LOG_WARN) log_flush();
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
    if (!log_enabled(level)) return;
    struct buf line;
    buf_init(&line, MAX_LINE - 2);
    if (settings.json) buf_char(&line, '{');
    put_time(&line);
    put_text(&line, "level", level_names[level]);
    put_text(&line, "service", settings.service);
    put_text(&line, "event", event);
    put_text(&line, "trace", trace[0] ? trace : "-");
    for (; fields->name; fields++) {
        if (fields->text)
            put_text(&line, fields->name, fields->text);
        else
            put_number(&line, fields->name, fields->number);
    }
    line.failed = false; // a cut line still ends
    line.max = MAX_LINE;
    buf_str(&line, settings.json ? "}\n" : "\n");
    write_line(level, &line);
    buf_finish(&line);
}

void log_err(enum log_level level, const char *event, const struct err *err)
{
    log_at(level, event, F_STR("reason", err_name(err)), F_STR("message", err->message));
}
