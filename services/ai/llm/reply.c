#include "services/ai/llm/reply.h"

#include <jansson.h>
#include <string.h>

enum { MOST_TOKENS = 100000000 };

struct reading {
    struct buf *text;
    int64_t *tokens;
    bool ended, stopped, refused;
};

static void take_usage(const json_t *object, int64_t *tokens)
{
    json_int_t total = json_integer_value(json_object_get(json_object_get(object, "usage"), "total_tokens"));
    if (total > 0 && total < MOST_TOKENS) *tokens = total;
}

// "stop" is the only end at which the model has said all.
static void take_choice(struct reading *reading, const json_t *object, const char *part)
{
    const json_t *choice = json_array_get(json_object_get(object, "choices"), 0);
    const json_t *content = json_object_get(json_object_get(choice, part), "content");
    const char *end = json_string_value(json_object_get(choice, "finish_reason"));
    if (content) buf_append(reading->text, json_string_value(content), json_string_length(content));
    if (!end) return;
    reading->ended = true;
    if (strcmp(end, "stop") != 0) reading->stopped = true;
}

static bool is_error(const json_t *object)
{
    const json_t *error = json_object_get(object, "error");
    return error && !json_is_null(error);
}

static void take_object(struct reading *reading, const char *bytes, size_t len, const char *part)
{
    json_t *object = json_loadb(bytes, len, 0, NULL);
    if (is_error(object)) reading->refused = true;
    take_choice(reading, object, part);
    take_usage(object, reading->tokens);
    json_decref(object);
}

static enum llm_outcome outcome_of(const struct reading *reading)
{
    if (reading->refused || !reading->ended) return LLM_CUT;
    return reading->stopped || reading->text->failed ? LLM_STOPPED : LLM_WHOLE;
}

// One line of a stream. Comments, names of events and blank lines say nothing.
static bool take_line(struct reading *reading, const char *line, size_t len)
{
    static const char data[] = "data:";
    if (len < strlen(data) || memcmp(line, data, strlen(data)) != 0) return true;
    line += strlen(data), len -= strlen(data);
    while (len && *line == ' ') line++, len--;
    while (len && line[len - 1] == '\r') len--;
    if (len == strlen("[DONE]") && memcmp(line, "[DONE]", len) == 0) return false;
    take_object(reading, line, len, "delta");
    return !reading->refused;
}

static enum llm_outcome read_stream(struct reading *reading, const char *bytes, size_t len)
{
    for (const char *end = bytes + len; bytes < end;) {
        const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
        if (!line_end) line_end = end;
        if (!take_line(reading, bytes, (size_t)(line_end - bytes))) return outcome_of(reading);
        bytes = line_end < end ? line_end + 1 : end;
    }
    return LLM_CUT; // without [DONE]
}

enum llm_outcome llm_reply_read(const char *bytes, size_t len, struct buf *text, int64_t *tokens)
{
    struct reading reading = {.text = text, .tokens = tokens};
    size_t blanks = 0;
    *tokens = 0;
    while (blanks < len && strchr(" \t\r\n", bytes[blanks])) blanks++;
    if (blanks == len || bytes[blanks] != '{') return read_stream(&reading, bytes, len);
    take_object(&reading, bytes, len, "message");
    return outcome_of(&reading);
}
