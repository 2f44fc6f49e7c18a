// Whether an upstream is asked: after failures in a row it is left alone for a while, which doubles, and then
// one request tries. Pure: the clock is an argument, monotonic.
#ifndef GATEWAY_PROXY_CIRCUIT_H
#define GATEWAY_PROXY_CIRCUIT_H

#include <stdbool.h>
#include <stdint.h>

enum { CIRCUIT_FAILURES = 5, CIRCUIT_FIRST_MS = 1000, CIRCUIT_LONGEST_MS = 30000 };

enum circuit_state { CIRCUIT_CLOSED, CIRCUIT_TRIED, CIRCUIT_OPEN }; // TRIED: one request is on its way

struct circuit {
    enum circuit_state state;
    unsigned failures; // in a row
    int64_t pause_ms, until_ms;
};

// Whether a request may go; then it ends with one of those below. Begins as {0}.
bool circuit_enter(struct circuit *circuit, int64_t now_ms);
void circuit_good(struct circuit *circuit);
void circuit_bad(struct circuit *circuit, int64_t now_ms);
void circuit_leave(struct circuit *circuit, int64_t now_ms); // nothing was learnt: the client went away
int64_t circuit_left_ms(const struct circuit *circuit, int64_t now_ms); // until one may try

#endif
