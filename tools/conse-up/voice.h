// The output of conse-up: every line starts with its speaker's name, in that program's colour on a terminal.
#ifndef CONSE_UP_VOICE_H
#define CONSE_UP_VOICE_H

#include <stdbool.h>
#include <stddef.h>

struct voice {
    bool colored;
};

// Colours when stderr is a terminal that has them and NO_COLOR is not set.
void voice_init(struct voice *voice);
// color: ANSI, 30 to 37
void voice_line(const struct voice *voice, const char *name, int color, const char *text, size_t len);
// Prints a line of conse-up itself.
void voice_say(const struct voice *voice, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
