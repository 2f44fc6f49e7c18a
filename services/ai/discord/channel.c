#include "services/ai/discord/channel.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A page: a hundred of 4000 characters, each with the one that it answers.
enum { PAGE_BYTES = 16 << 20, TEXT_BYTES = 16 << 10, PERSONS = 0, REPLY = 19 };

struct reading {
    struct window *window;
    const char *channel_id;
    char before[SNOWFLAKE];
    int64_t since_ms;
    struct channel_told *told;
    bool over;
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static const char *name_of(const json_t *user)
{
    const char *global = text_of(user, "global_name");
    return *global ? global : text_of(user, "username");
}

// ---- One message

// Whoever is meant by <@id>.
static const char *mentioned_name(const json_t *message, const char *id, size_t len)
{
    const json_t *users = json_object_get(message, "mentions");
    for (size_t i = 0; i < json_array_size(users); i++) {
        const json_t *user = json_array_get(users, i);
        const char *its = text_of(user, "id");
        if (strlen(its) == len && strncmp(its, id, len) == 0) return name_of(user);
    }
    return "somebody";
}

// The length of a mention "<@123>", "<@!123>", "<@&123>", "<#123>"; 0: it is none.
static size_t mention_at(const char *text, const char **id, size_t *id_len)
{
    size_t mark = text[1] == '@' || text[1] == '#' ? 2 : 0;
    if (mark && (text[2] == '!' || text[2] == '&')) mark++;
    *id = text + mark;
    *id_len = mark ? strspn(*id, "0123456789") : 0;
    return *id_len && (*id)[*id_len] == '>' ? mark + *id_len + 1 : 0;
}

static void write_content(struct buf *text, const json_t *message)
{
    const char *content = text_of(message, "content"), *id;
    for (size_t id_len, len; *content; content += len) {
        len = *content == '<' ? mention_at(content, &id, &id_len) : 0;
        if (!len) {
            len = 1;
            buf_char(text, *content);
        } else if (content[1] == '#' || content[2] == '&') {
            buf_str(text, content[1] == '#' ? "(channel)" : "(role)");
        } else {
            buf_str(text, mentioned_name(message, id, id_len));
        }
    }
}

static void write_attachments(struct buf *text, const json_t *message)
{
    const json_t *list = json_object_get(message, "attachments");
    for (size_t i = 0; i < json_array_size(list); i++) {
        bool image = strncmp(text_of(json_array_get(list, i), "content_type"), "image/", 6) == 0;
        buf_printf(text, "%s[%s]", text->len ? " " : "", image ? "image" : "file");
    }
}

// Names in the place of mentions can make a text too long. Its last character may be a part of one.
static void end_whole(struct buf *text)
{
    if (!text->failed) return;
    while (text->len && (text->bytes[text->len - 1] & 0xC0) == 0x80) text->len--;
    if (text->len && text->bytes[text->len - 1] & 0x80) text->len--;
    text->bytes[text->len] = 0;
}

// With whom they answer.
static char *author_of(const json_t *message, struct arena *arena)
{
    const json_t *to = json_object_get(json_object_get(message, "referenced_message"), "author");
    const char *author = name_of(json_object_get(message, "author"));
    return to ? arena_printf(arena, "%s \xE2\x86\x92 %s", author, name_of(to)) : arena_str(arena, author);
}

static char *author_id_of(const json_t *message, struct arena *arena)
{
    const char *id = json_string_value(json_object_get(json_object_get(message, "author"), "id"));
    return arena_str(arena, id ? id : "");
}

static bool is_of_a_person(const json_t *message)
{
    json_int_t type = json_integer_value(json_object_get(message, "type"));
    return (type == PERSONS || type == REPLY) && !json_object_get(message, "webhook_id") &&
           !json_is_true(json_object_get(json_object_get(message, "author"), "bot"));
}

static bool keep_message(struct reading *reading, const char *id, const json_t *message, const char *text)
{
    struct window *window = reading->window;
    struct window_message *kept = &window->messages[window->count];
    if (window->count == WINDOW_MESSAGES || window->bytes + strlen(text) > WINDOW_BYTES)
        return window->older = reading->over = true;
    snprintf(kept->id.text, sizeof kept->id.text, "%s", id);
    kept->room_id = reading->channel_id;
    kept->author = author_of(message, &window->arena);
    kept->author_id = author_id_of(message, &window->arena);
    kept->text = arena_str(&window->arena, text);
    kept->time_ms = snowflake_ms(id);
    if (window->arena.failed) return false;
    window->bytes += strlen(text);
    window->count++;
    return true;
}

static bool take_message(struct reading *reading, const json_t *message)
{
    char id[SNOWFLAKE];
    struct buf text;
    if (!snowflake_read(id, text_of(message, "id"))) return true;
    snprintf(reading->before, sizeof reading->before, "%s", id);
    reading->over = snowflake_ms(id) < reading->since_ms;
    if (reading->over || !is_of_a_person(message)) return true;
    reading->told->people++;
    buf_init(&text, TEXT_BYTES);
    write_content(&text, message);
    write_attachments(&text, message);
    end_whole(&text);
    if (!text.len) reading->window->textless++;
    bool ok = !text.len || keep_message(reading, id, message, text.bytes);
    buf_finish(&text);
    return ok;
}

// ---- Pages

static bool take_page(struct reading *reading, const struct buf *json, struct err *err)
{
    json_t *list = json_loadb(json->bytes, json->len, 0, NULL);
    size_t count = json_array_size(list);
    bool ok = json_is_array(list) || err_fail(err, SERVICE_AWAY, "Discord's answer can't be read");
    for (size_t i = 0; i < count && ok && !reading->over; i++)
        ok = take_message(reading, json_array_get(list, i)) ||
             err_fail(err, CALL_TOO_LARGE, "the messages need too much memory");
    reading->over |= count < CHANNEL_PAGE;
    json_decref(list);
    return ok;
}

static bool read_page(struct reading *reading, const struct channel_source *source, struct err *err)
{
    struct buf json;
    buf_init(&json, PAGE_BYTES);
    bool ok = source->page(source->arg, reading->channel_id, reading->before, &json, err) &&
              take_page(reading, &json, err);
    buf_finish(&json);
    return ok;
}

static void turn_around(struct window *window)
{
    for (size_t i = 0, j = window->count; i + 1 < j; i++) {
        struct window_message first = window->messages[i];
        window->messages[i] = window->messages[--j];
        window->messages[j] = first;
    }
}

bool channel_read(struct window *window, const struct channel_source *source, const char *channel_id,
                  const char *before, int64_t since_ms, struct channel_told *told, struct err *err)
{
    struct reading reading = {.window = window, .channel_id = channel_id, .since_ms = since_ms, .told = told};
    *told = (struct channel_told){.people = 0};
    snprintf(reading.before, sizeof reading.before, "%s", before);
    for (int page = 0; page < CHANNEL_PAGES && !reading.over; page++) {
        if (read_page(&reading, source, err)) continue;
        if (page == 0) return false;
        told->cut = reading.over = true;
    }
    window->older |= !reading.over;
    turn_around(window);
    return true;
}
