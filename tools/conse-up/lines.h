// A child's output, printed line by line with its name in its colour.
#ifndef CONSE_UP_LINES_H
#define CONSE_UP_LINES_H

#include "tools/conse-up/voice.h"

struct lines {
    int fd;
    const struct voice *voice;
    const char *name;
    int color;
    size_t len;
    char text[16384]; // the line that is not complete yet
};

// Name, voice and color are set by the owner.
void lines_open(struct lines *lines, int fd);
// Reads once and prints what is complete. A line longer than the buffer is printed in parts.
void lines_take(struct lines *lines);
// Reads to the end and prints everything.
void lines_drain(struct lines *lines);
void lines_close(struct lines *lines);

#endif
