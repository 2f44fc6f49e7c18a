// How each peer is asked to let a line follow, and how it says that it does. A peer's speech is found by its
// name.
#ifndef BENCH_REALTIME_SPEECH_H
#define BENCH_REALTIME_SPEECH_H

#include "tools/bench/realtime_line.h"

enum { SPEECH_MOST = 8192 };

struct speech {
    const char *name;
    bool events;          // by server-sent events; else WebSockets
    const char *protocol; // of the socket; NULL: none
    // The target of the request.
    void (*target)(const struct lines *lines, const struct line *line, char *text, size_t size);
    void (*begin)(struct lines *lines, struct line *line); // it is open; NULL: nothing is to be said
    // A whole message.
    void (*take)(struct lines *lines, struct line *line, const char *text, size_t len);
};

const struct speech *speech_find(const char *name); // NULL: there is none

#endif
