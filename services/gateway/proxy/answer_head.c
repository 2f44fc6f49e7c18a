#include "services/gateway/proxy/answer_head.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "services/gateway/api/cookie.h"
#include "services/gateway/proxy/hops.h"

enum { LENGTH_DIGITS_MOST = 18, SWITCHING = 101 };

struct reading {
    struct answer_head *head;
    const struct answer_asked *asked;
    const char *fault;
    bool is_1_1, chunked;
    const char *transfer, *upgrade;
};

static bool answer_fault(struct reading *reading, const char *fault)
{
    reading->fault = fault;
    return false;
}

size_t answer_head_len(const char *bytes, size_t len)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    return end ? (size_t)(end - bytes) + 4 : 0;
}

// ---- Lines

static bool is_token(const char *text, size_t len)
{
    static const char marks[] = "!#$%&'*+.^_`|~-";
    for (size_t i = 0; i < len; i++) {
        char c = text[i], lower = (char)(c | 0x20);
        bool letter = lower >= 'a' && lower <= 'z', digit = c >= '0' && c <= '9';
        if (!letter && !digit && (!c || !strchr(marks, c))) return false;
    }
    return len > 0;
}

static bool has_controls(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t') || text[i] == 0x7f) return true;
    return false;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "HTTP/1.1 200 OK"
static bool read_status(struct reading *reading, const char *line, size_t len)
{
    struct answer_head *head = reading->head;
    bool known = len >= 12 && memcmp(line, "HTTP/1.", 7) == 0 && (line[7] == '0' || line[7] == '1');
    if (!known || line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) ||
        (len > 12 && line[12] != ' '))
        return answer_fault(reading, "its first line is not that of an answer");
    if (has_controls(line, len)) return answer_fault(reading, "its first line has a control character");
    reading->is_1_1 = line[7] == '1';
    head->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
    size_t reason = len > 13 ? len - 13 : 0;
    if (reason < ANSWER_REASON) snprintf(head->reason, ANSWER_REASON, "%.*s", (int)reason, line + 13);
    return (head->status >= 100 && head->status < 600) || answer_fault(reading, "its status is none");
}

static bool take_length(struct reading *reading, const char *value)
{
    int64_t length = 0;
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > LENGTH_DIGITS_MOST || value[digits])
        return answer_fault(reading, "its Content-Length is no number");
    if (reading->head->length >= 0) return answer_fault(reading, "it has Content-Length twice");
    for (; *value; value++) length = length * 10 + (*value - '0');
    reading->head->length = length;
    return true;
}

static bool take_transfer(struct reading *reading, const char *value)
{
    if (reading->transfer || strcasecmp(value, "chunked") != 0)
        return answer_fault(reading, "its Transfer-Encoding is another one than chunked");
    reading->transfer = value;
    return true;
}

static bool take_upgrade(struct reading *reading, const char *value)
{
    if (reading->upgrade) return answer_fault(reading, "it has Upgrade twice");
    reading->upgrade = value;
    return true;
}

static bool take_field(struct reading *reading, const char *name, const char *value)
{
    struct answer_head *head = reading->head;
    if (head->count == ANSWER_FIELDS_MOST) return answer_fault(reading, "it has too many headers");
    head->fields[head->count++] = (struct answer_field){name, value};
    if (strcasecmp(name, "content-length") == 0) return take_length(reading, value);
    if (strcasecmp(name, "transfer-encoding") == 0) return take_transfer(reading, value);
    return strcasecmp(name, "upgrade") != 0 || take_upgrade(reading, value);
}

// A line that goes on in the next one begins there with a blank, which no name has.
static bool read_field(struct reading *reading, char *line, size_t len)
{
    char *colon = memchr(line, ':', len);
    if (!colon || !is_token(line, (size_t)(colon - line)))
        return answer_fault(reading, "a line of its head is no header");
    char *value = colon + 1, *end = line + len;
    while (value < end && is_blank(*value)) value++;
    while (end > value && is_blank(end[-1])) end--;
    if (has_controls(value, (size_t)(end - value)))
        return answer_fault(reading, "a header of it has a control character");
    *colon = *end = 0;
    return take_field(reading, line, value);
}

// ---- What it means

static bool connection_says_upgrade(const struct answer_head *head)
{
    for (size_t i = 0; i < head->count; i++)
        if (strcasecmp(head->fields[i].name, "connection") == 0 &&
            hops_names(head->fields[i].value, "upgrade"))
            return true;
    return false;
}

static bool judge_switch(struct reading *reading)
{
    const struct answer_head *head = reading->head;
    if (!reading->asked->upgrade) return answer_fault(reading, "it switches to what nobody asked for");
    bool right = reading->upgrade && strcasecmp(reading->upgrade, "websocket") == 0;
    return (right && connection_says_upgrade(head) && !reading->transfer && head->length <= 0) ||
           answer_fault(reading, "it does not switch to a WebSocket");
}

static bool answer_judge(struct reading *reading)
{
    struct answer_head *head = reading->head;
    if (reading->transfer && head->length >= 0)
        return answer_fault(reading, "it has both Content-Length and Transfer-Encoding");
    if (reading->transfer && !reading->is_1_1)
        return answer_fault(reading, "it has Transfer-Encoding, which HTTP/1.0 knows not");
    bool bare = reading->asked->head || head->status < 200 || head->status == 204 || head->status == 304;
    head->body = bare                ? ANSWER_NONE
                 : reading->transfer ? ANSWER_CHUNKED
                 : head->length >= 0 ? ANSWER_LENGTH
                                     : ANSWER_TO_END;
    return head->status != SWITCHING || judge_switch(reading);
}

static bool read_lines(struct reading *reading, char *bytes, size_t len)
{
    bool first = true;
    for (char *line = bytes, *end = bytes + len - 2; line < end; first = false) {
        char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);
        size_t line_len = (size_t)(stop - line);
        if (memchr(line, '\n', line_len) || memchr(line, '\r', line_len) || memchr(line, 0, line_len))
            return answer_fault(reading, "a line of its head ends without CR LF");
        bool ok = first ? read_status(reading, line, line_len) : read_field(reading, line, line_len);
        if (!ok) return false;
        line = stop + 2;
    }
    return true;
}

bool answer_head_parse(struct answer_head *head, char *bytes, size_t len, const struct answer_asked *asked,
                       const char **fault)
{
    struct reading reading = {.head = head, .asked = asked};
    *head = (struct answer_head){.length = -1};
    bool ok = read_lines(&reading, bytes, len) && answer_judge(&reading);
    *fault = reading.fault;
    return ok;
}

// ---- For the client

static bool is_named(const struct answer_head *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++)
        if (strcasecmp(head->fields[i].name, "connection") == 0 && hops_names(head->fields[i].value, name))
            return true;
    return false;
}

// Conse's cookies are Conse's alone to set.
static bool goes_on(const struct answer_head *head, const struct answer_field *field)
{
    if (hops_ends(field->name) || strcasecmp(field->name, "content-length") == 0) return false;
    if (strcasecmp(field->name, "via") == 0 || is_named(head, field->name)) return false;
    return strcasecmp(field->name, "set-cookie") != 0 || !cookie_is_ours(field->value);
}

static void write_via(struct buf *out, const struct answer_head *head)
{
    buf_str(out, "Via: ");
    for (size_t i = 0; i < head->count; i++)
        if (strcasecmp(head->fields[i].name, "via") == 0) buf_printf(out, "%s, ", head->fields[i].value);
    buf_str(out, "1.1 conse\r\n");
}

void answer_head_write(struct buf *out, const struct answer_head *head, bool chunked)
{
    buf_printf(out, "HTTP/1.1 %d %s\r\n", head->status, head->reason);
    for (size_t i = 0; i < head->count; i++)
        if (goes_on(head, &head->fields[i]))
            buf_printf(out, "%s: %s\r\n", head->fields[i].name, head->fields[i].value);
    write_via(out, head);
    if (head->status == SWITCHING) return buf_str(out, "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    bool unsaid = head->body == ANSWER_CHUNKED || head->body == ANSWER_TO_END;
    if (!unsaid && head->length >= 0 && head->status >= 200 && head->status != 204)
        buf_printf(out, "Content-Length: %lld\r\n", (long long)head->length);
    if (unsaid && chunked) buf_str(out, "Transfer-Encoding: chunked\r\n");
    buf_str(out, "Connection: close\r\n\r\n");
}
