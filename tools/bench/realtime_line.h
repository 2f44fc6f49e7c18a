// Connections that follow a stream: many, on one epoll set, in one thread. What is said on them is the
// speech's; what they are told is counted by the tally.
#ifndef BENCH_REALTIME_LINE_H
#define BENCH_REALTIME_LINE_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/bench/realtime_tally.h"

struct speech;

enum { LINE_CURSOR = 64, LINE_CLOSES = 8, LINE_BUFFER = 256 << 10 };

enum line_state {
    LINE_AWAY,
    LINE_CONNECTING,
    LINE_SHAKING, // hands, for TLS
    LINE_ASKING,  // the request has been sent
    LINE_TALKING,
    LINE_READY, // it follows, and has what it had missed
};

struct line {
    int fd;
    enum line_state state;
    bool stalled; // nothing is read from it
    bool counted; // it must get every message
    gnutls_session_t tls;
    char *held; // the begin of what has not come whole
    size_t held_len;
    char cursor[LINE_CURSOR]; // "": none
};

struct lines {
    const struct speech *speech;
    const char *topic, *document;
    char **tokens; // by turns; NULL: none
    size_t tokens_count;
    uint16_t port;
    bool narrow;                          // small segments and windows, as over a network
    unsigned rounds;                      // so that addresses and ports are not used again at once
    gnutls_certificate_credentials_t tls; // NULL: plain
    int epoll_fd;
    struct line *all;
    size_t count, opening, ready;
    size_t refused, broken, resets, snapshots;
    int closes[LINE_CLOSES], refusal; // codes and the status that came last
    struct tally *tally;
    char *buffer;
};

void lines_init(struct lines *lines, size_t count);
void lines_finish(struct lines *lines);
void line_open(struct lines *lines, struct line *line);
void line_close(struct lines *lines, struct line *line);
void line_stall(struct lines *lines, struct line *line, bool stalled);
// What epoll tells of it.
void line_turn(struct lines *lines, struct line *line, uint32_t events);

// For speeches: a message in a frame, and that the line is ready.
void line_say(struct lines *lines, struct line *line, const char *text, size_t len);
void line_set_ready(struct lines *lines, struct line *line);

static inline size_t line_index(const struct lines *lines, const struct line *line)
{
    return (size_t)(line - lines->all);
}

#endif
