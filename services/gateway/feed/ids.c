#include "services/gateway/feed/ids.h"

#include <stdio.h>
#include <string.h>

static bool is_secret(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz234567");
    return len == IDS_SECRET && !text[len];
}

size_t ids_split(const char *text, const char **secret)
{
    const char *dot = strrchr(text, '.');
    *secret = dot && is_secret(dot + 1) ? dot + 1 : NULL;
    return *secret ? (size_t)(dot - text) : strlen(text);
}

static bool take_cursor(const char *text, size_t len, char after[CURSOR_TEXT])
{
    struct cursor cursor;
    if (len >= CURSOR_TEXT) return false;
    memcpy(after, text, len);
    after[len] = 0;
    return cursor_parse(after, &cursor);
}

static bool is_topic(const char *text, size_t len, const char *topic)
{
    return strlen(topic) == len && memcmp(text, topic, len) == 0;
}

static bool take_pairs(const char *text, const char *end, const char *const *topics, size_t count,
                       struct ids *ids)
{
    for (size_t topic = 0; text < end; topic++) {
        const char *comma = memchr(text, ',', (size_t)(end - text)), *stop = comma ? comma : end;
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        if (!equals || (comma && comma + 1 == end)) return false;
        while (topic < count && !is_topic(text, (size_t)(equals - text), topics[topic])) topic++;
        if (topic == count || !take_cursor(equals + 1, (size_t)(stop - equals - 1), ids->after[topic]))
            return false;
        text = comma ? comma + 1 : end;
    }
    return true;
}

bool ids_parse(const char *text, const char *const *topics, size_t count, struct ids *ids)
{
    const char *secret;
    memset(ids, 0, sizeof *ids);
    if (!*text || strnlen(text, IDS_MOST + 1) > IDS_MOST) return false;
    size_t len = ids_split(text, &secret);
    if (secret) memcpy(ids->secret, secret, sizeof ids->secret);
    if (len == 0) return false;
    return count == 1 ? take_cursor(text, len, ids->after[0])
                      : take_pairs(text, text + len, topics, count, ids);
}

size_t ids_write(const struct ids *ids, const char *const *topics, size_t count, char out[IDS_MOST + 1])
{
    size_t len = 0;
    for (size_t i = 0; i < count && len <= IDS_MOST; i++) {
        size_t room = IDS_MOST + 1 - len;
        if (!ids->after[i][0]) continue;
        len += (size_t)(count == 1
                            ? snprintf(out + len, room, "%s", ids->after[i])
                            : snprintf(out + len, room, "%s%s=%s", len ? "," : "", topics[i], ids->after[i]));
    }
    if (len && len <= IDS_MOST && ids->secret[0])
        len += (size_t)snprintf(out + len, IDS_MOST + 1 - len, ".%s", ids->secret);
    return len <= IDS_MOST ? len : 0;
}
