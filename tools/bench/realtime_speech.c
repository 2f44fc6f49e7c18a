#include "tools/bench/realtime_speech.h"

#include <stdio.h>
#include <string.h>

static bool has_word(const char *text, size_t len, const char *word)
{
    return memmem(text, len, word, strlen(word)) != NULL;
}

static void say_line(struct lines *lines, struct line *line, const char *text)
{
    line_say(lines, line, text, strlen(text));
}

// What stands between the last `before` in a text, and `end`.
static bool copy_last(const char *text, size_t len, const char *before, const char *ends, char *out,
                      size_t size)
{
    const char *found = NULL, *at = text, *end = text + len;
    while ((at = memmem(at, (size_t)(end - at), before, strlen(before))) != NULL)
        found = at += strlen(before);
    if (!found) return false;
    for (size_t i = 0; i + 1 < size && found + i < end; i++) {
        if (strchr(ends, found[i])) return out[i] = 0, true;
        out[i] = found[i];
    }
    return false;
}

// Whether it tells messages, which are counted.
static bool speech_count(struct lines *lines, struct line *line, const char *text, size_t len)
{
    return tally_take(lines->tally, line_index(lines, line), text, len, tally_now());
}

static void target_socket(const struct lines *lines, const struct line *line, char *text, size_t size)
{
    (void)line;
    snprintf(text, size, "%s", lines->speech->events ? "/" : "/graphql");
}

// ---- graphql-transport-ws: Conse, and graphql-ws

static void begin_graphql(struct lines *lines, struct line *line)
{
    say_line(lines, line, "{\"type\":\"connection_init\"}");
}

static void subscribe_graphql(struct lines *lines, struct line *line)
{
    char text[SPEECH_MOST];
    int len = snprintf(text, sizeof text,
                       "{\"id\":\"1\",\"type\":\"subscribe\",\"payload\":{\"query\":\"%s\",\"variables\":{"
                       "\"id\":\"%s\"%s%s%s}}}",
                       lines->document, lines->topic, *line->cursor ? ",\"after\":\"" : "", line->cursor,
                       *line->cursor ? "\"" : "");
    line_say(lines, line, text, (size_t)len);
}

static void take_told(struct lines *lines, struct line *line, const char *text, size_t len)
{
    if (has_word(text, len, "StreamReset")) {
        lines->resets++;
        return;
    }
    if (has_word(text, len, "EventSnapshot")) lines->snapshots++;
    line_set_ready(lines, line);
}

static void refuse_line(struct lines *lines, struct line *line, const char *text, size_t len)
{
    if (!lines->refused++) fprintf(stderr, "refused: %.*s\n", (int)(len < 500 ? len : 500), text);
    line_close(lines, line);
}

static void take_graphql(struct lines *lines, struct line *line, const char *text, size_t len)
{
    bool counted = speech_count(lines, line, text, len);
    copy_last(text, len, "\"cursor\":\"", "\"", line->cursor, sizeof line->cursor);
    if (counted) return;
    if (has_word(text, len, "\"next\"") && !has_word(text, len, "\"errors\""))
        return take_told(lines, line, text, len);
    if (has_word(text, len, "\"connection_ack\"")) return subscribe_graphql(lines, line);
    if (has_word(text, len, "\"ping\"")) return say_line(lines, line, "{\"type\":\"pong\"}");
    if (!has_word(text, len, "\"pong\"")) refuse_line(lines, line, text, len);
}

// ---- Conse's events

static void target_events(const struct lines *lines, const struct line *line, char *text, size_t size)
{
    snprintf(text, size, "/events/%s/stream%s%s", lines->topic, *line->cursor ? "?after=" : "", line->cursor);
}

static void take_conse_event(struct lines *lines, struct line *line, const char *text, size_t len)
{
    copy_last(text, len, "\nid: ", "\n", line->cursor, sizeof line->cursor);
    if (has_word(text, len, "event: entry\n")) {
        speech_count(lines, line, text, len);
        return;
    }
    if (has_word(text, len, "event: reset\n")) lines->resets++;
    if (has_word(text, len, "event: snapshot\n")) lines->snapshots++;
    if (has_word(text, len, "event: snapshot\n") || has_word(text, len, "event: live\n"))
        line_set_ready(lines, line);
    if (has_word(text, len, "event: error\n")) refuse_line(lines, line, text, len);
}

// ---- Centrifugo: its cursor here is "<epoch>:<offset>"

static void begin_centrifugo(struct lines *lines, struct line *line)
{
    char text[512], epoch[LINE_CURSOR];
    snprintf(epoch, sizeof epoch, "%s", line->cursor);
    char *offset = strchr(epoch, ':');
    if (offset) *offset++ = 0;
    int len = snprintf(text, sizeof text,
                       "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"%s\"%s%s%s%s%s}}",
                       lines->topic, offset ? ",\"recover\":true,\"epoch\":\"" : "", offset ? epoch : "",
                       offset ? "\",\"offset\":" : "", offset ? offset : "", "");
    line_say(lines, line, text, (size_t)len);
}

static void keep_place(struct line *line, const char *text, size_t len)
{
    char epoch[24], offset[24] = "0", *end = strchr(line->cursor, ':');
    if (!copy_last(text, len, "\"epoch\":\"", "\"", epoch, sizeof epoch))
        snprintf(epoch, sizeof epoch, "%.*s", end ? (int)(end - line->cursor) : 0, line->cursor);
    if (!*epoch) return;
    if (!copy_last(text, len, "\"offset\":", ",}", offset, sizeof offset) && end) return;
    snprintf(line->cursor, sizeof line->cursor, "%s:%s", epoch, offset);
}

static void take_centrifugo(struct lines *lines, struct line *line, const char *text, size_t len)
{
    if (len == 2) return say_line(lines, line, "{}"); // a ping
    bool counted = speech_count(lines, line, text, len), asked = *line->cursor;
    keep_place(line, text, len);
    if (line->state == LINE_READY) return;
    if (has_word(text, len, "\"error\":")) return refuse_line(lines, line, text, len);
    if (!has_word(text, len, "\"subscribe\":")) return;
    if (asked && !has_word(text, len, "\"recovered\":true")) lines->resets++;
    if (!counted && !asked) lines->snapshots++;
    line_set_ready(lines, line);
}

static void target_centrifugo(const struct lines *lines, const struct line *line, char *text, size_t size)
{
    (void)line;
    if (!lines->speech->events)
        snprintf(text, size, "/connection/websocket");
    else
        snprintf(text, size,
                 "/connection/uni_sse?cf_connect=%%7B%%22subs%%22%%3A%%7B%%22%s%%22%%3A%%7B%%7D%%7D%%7D",
                 lines->topic);
}

static void take_centrifugo_event(struct lines *lines, struct line *line, const char *text, size_t len)
{
    speech_count(lines, line, text, len);
    if (has_word(text, len, "\"connect\":") || has_word(text, len, "\"subs\":")) line_set_ready(lines, line);
}

// ---- socket.io

static void target_socketio(const struct lines *lines, const struct line *line, char *text, size_t size)
{
    (void)lines, (void)line;
    snprintf(text, size, "/socket.io/?EIO=4&transport=websocket");
}

static void take_socketio(struct lines *lines, struct line *line, const char *text, size_t len)
{
    if (len && text[0] == '0') return say_line(lines, line, "40");
    if (len && text[0] == '2') return say_line(lines, line, "3");
    if (!speech_count(lines, line, text, len) && has_word(text, len, "42[\"ready\""))
        line_set_ready(lines, line);
}

static const struct speech speeches[] = {
    {"conse", false, "graphql-transport-ws", target_socket, begin_graphql, take_graphql},
    {"conse-events", true, NULL, target_events, NULL, take_conse_event},
    {"graphql-ws", false, "graphql-transport-ws", target_socket, begin_graphql, take_graphql},
    {"centrifugo", false, NULL, target_centrifugo, begin_centrifugo, take_centrifugo},
    {"centrifugo-events", true, NULL, target_centrifugo, NULL, take_centrifugo_event},
    {"socket.io", false, NULL, target_socketio, NULL, take_socketio},
};

const struct speech *speech_find(const char *name)
{
    for (size_t i = 0; i < sizeof speeches / sizeof *speeches; i++)
        if (strcmp(speeches[i].name, name) == 0) return &speeches[i];
    return NULL;
}
