#include "tools/conse-up/voice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BOLD = 1 };

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

void voice_init(struct voice *voice)
{
    const char *terminal = getenv("TERM");
    voice->colored =
        isatty(STDERR_FILENO) && !is_set("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
}

void voice_line(const struct voice *voice, const char *name, int color, const char *text, size_t len)
{
    if (voice->colored)
        fprintf(stderr, "\033[%dm%-8s\033[0m | %.*s\n", color, name, (int)len, text);
    else
        fprintf(stderr, "%-8s | %.*s\n", name, (int)len, text);
}

void voice_say(const struct voice *voice, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    voice_line(voice, "conse", BOLD, text, strlen(text));
}
