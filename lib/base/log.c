#include "lib/base/log.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/log_level.h"
#include "lib/base/text.h"

enum { MAX_LINE = 8192, END_BYTES = 2, TRACE_LEN = 32 };

static struct {
    char service[16];
    _Atomic int level; // may change while threads log
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
    log_set_level(level);
    settings.json = json;
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&settings.level, (int)level, memory_order_relaxed);
}

enum log_level log_get_level(void)
{
    return (enum log_level)atomic_load_explicit(&settings.level, memory_order_relaxed);
}

const char *log_level_name(enum log_level level) { return level_names[level]; }

bool log_enabled(enum log_level level) { return level >= log_get_level(); }

void log_trace(const char *trace_id)
{
    size_t len = trace_id ? strnlen(trace_id, TRACE_LEN) : 0;
    memcpy(trace, trace_id ? trace_id : "", len);
    trace[len] = 0;
}

// ---- A line

// A longer line is cut, and still ends.
struct line {
    bool cut;
    size_t len;
    char bytes[MAX_LINE];
};

static void put_bytes(struct line *line, const char *bytes, size_t len)
{
    line->cut = line->cut || len > sizeof line->bytes - END_BYTES - line->len;
    if (line->cut) return;
    memcpy(line->bytes + line->len, bytes, len);
    line->len += len;
}

static void put_char(struct line *line, char c) { put_bytes(line, &c, 1); }

static void put_escape(struct line *line, unsigned char c)
{
    char escape[8];
    put_bytes(line, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
}

// A JSON string also serves logfmt: both escape quotes, backslashes and control characters. Broken UTF-8
// becomes '?'.
static void log_quote(struct line *line, const char *text)
{
    bool utf8 = text_is_utf8(text, strlen(text));
    put_char(line, '"');
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') put_char(line, '\\');
        if (c < 0x20 || c == 0x7F)
            put_escape(line, c);
        else
            put_char(line, c >= 0x80 && !utf8 ? '?' : *p);
    }
    put_char(line, '"');
}

// The length of a text that needs no quotes in logfmt, or 0.
static size_t bare_len(const char *text)
{
    static const bool bare[256] = {
        ['!'] = true, ['#' ... '<'] = true, ['>' ... '['] = true, [']' ... '~'] = true};
    const char *p = text;
    while (bare[(unsigned char)*p]) p++;
    return *p ? 0 : (size_t)(p - text);
}

static void put_name(struct line *line, const char *name)
{
    if (line->len > 1) put_char(line, settings.json ? ',' : ' ');
    if (settings.json) put_char(line, '"');
    put_bytes(line, name, strlen(name));
    put_bytes(line, settings.json ? "\":" : "=", settings.json ? 2 : 1);
}

static void put_text(struct line *line, const char *name, const char *text)
{
    size_t len = settings.json ? 0 : bare_len(text);
    put_name(line, name);
    if (len > 0)
        put_bytes(line, text, len);
    else
        log_quote(line, text);
}

static void put_number(struct line *line, const char *name, int64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
    put_name(line, name);
    if (number < 0) put_char(line, '-');
    do digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    put_bytes(line, digits + at, sizeof digits - at);
}

// The text of the second is kept for the following lines of that second.
static void put_time(struct line *line)
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

// ---- Lines

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

static void write_line(enum log_level level, const struct line *line)
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
    struct line line;
    line.len = 0;
    line.cut = false;
    if (settings.json) put_char(&line, '{');
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
    if (settings.json) line.bytes[line.len++] = '}';
    line.bytes[line.len++] = '\n';
    write_line(level, &line);
}

void log_err(enum log_level level, const char *event, const struct err *err)
{
    log_at(level, event, F_STR("reason", err_name(err)), F_STR("message", err->message));
}
