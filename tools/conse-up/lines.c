#include "tools/conse-up/lines.h"

#include <string.h>
#include <unistd.h>

void lines_open(struct lines *lines, int fd)
{
    lines->fd = fd;
    lines->len = 0;
}

static void lines_print(const struct lines *lines, const char *text, size_t len)
{
    voice_line(lines->voice, lines->name, lines->color, text, len);
}

static void print_complete(struct lines *lines)
{
    char *at = lines->text, *end = lines->text + lines->len;
    for (char *newline; (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
        lines_print(lines, at, (size_t)(newline - at));
    lines->len = (size_t)(end - at);
    memmove(lines->text, at, lines->len);
    if (lines->len < sizeof lines->text) return;
    lines_print(lines, lines->text, lines->len);
    lines->len = 0;
}

static ssize_t read_more(struct lines *lines)
{
    ssize_t n = read(lines->fd, lines->text + lines->len, sizeof lines->text - lines->len);
    if (n > 0) lines->len += (size_t)n;
    print_complete(lines);
    return n;
}

void lines_take(struct lines *lines) { read_more(lines); }

void lines_drain(struct lines *lines)
{
    while (read_more(lines) > 0) continue;
    if (lines->len) lines_print(lines, lines->text, lines->len);
    lines->len = 0;
}

void lines_close(struct lines *lines) { close(lines->fd); }
