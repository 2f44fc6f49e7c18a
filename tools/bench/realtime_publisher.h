// Requests over HTTP at a held rate, on a few connections that stay: each has its time, and counts from then,
// whether a connection was free or not. With a body that has "%s" in it they publish what the tally counts.
#ifndef BENCH_REALTIME_PUBLISHER_H
#define BENCH_REALTIME_PUBLISHER_H

#include "tools/bench/realtime_tally.h"

enum { POSTS = 32, POST_ANSWER = 64 << 10, POST_TEXT = 4096 };

struct post { // a connection
    int fd;
    bool out;
    size_t message;
    char *answer;
    size_t got;
};

struct publisher {
    uint16_t port;
    const char *method, *path, *headers, *body; // headers: lines with their ends
    int epoll_fd;
    struct post posts[POSTS];
    struct tally *tally;
    size_t size; // of a message's text
    int64_t begin_ns, between_ns;
    size_t count, sent, answered, refused;
    struct latencies answers;
};

void publisher_open(struct publisher *publisher);
void publisher_close(struct publisher *publisher);
// Begins a run of so many, after tally_begin.
void publisher_begin(struct publisher *publisher, size_t count, int64_t between_ns);
// Sends what is due. Gives when the next one is; INT64_MAX: all are sent.
int64_t publisher_turn(struct publisher *publisher);
// Whether this is of one of its connections.
bool publisher_take(struct publisher *publisher, void *of);

#endif
