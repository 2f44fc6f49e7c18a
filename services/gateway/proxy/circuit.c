#include "services/gateway/proxy/circuit.h"

bool circuit_enter(struct circuit *circuit, int64_t now_ms)
{
    if (circuit->state == CIRCUIT_CLOSED) return true;
    if (now_ms < circuit->until_ms) return false;
    circuit->state = CIRCUIT_TRIED;
    circuit->until_ms = now_ms + CIRCUIT_LONGEST_MS; // the next try, should this one never be told of
    return true;
}

void circuit_good(struct circuit *circuit) { *circuit = (struct circuit){.state = CIRCUIT_CLOSED}; }

// Failures of requests that were on their way before count once.
void circuit_bad(struct circuit *circuit, int64_t now_ms)
{
    if (circuit->state == CIRCUIT_OPEN) return;
    if (circuit->state == CIRCUIT_CLOSED && ++circuit->failures < CIRCUIT_FAILURES) return;
    int64_t pause_ms = circuit->pause_ms ? circuit->pause_ms * 2 : CIRCUIT_FIRST_MS;
    circuit->pause_ms = pause_ms < CIRCUIT_LONGEST_MS ? pause_ms : CIRCUIT_LONGEST_MS;
    circuit->until_ms = now_ms + circuit->pause_ms;
    circuit->state = CIRCUIT_OPEN;
}

void circuit_leave(struct circuit *circuit, int64_t now_ms)
{
    if (circuit->state != CIRCUIT_TRIED) return;
    circuit->state = CIRCUIT_OPEN;
    circuit->until_ms = now_ms;
}

int64_t circuit_left_ms(const struct circuit *circuit, int64_t now_ms)
{
    if (circuit->state == CIRCUIT_CLOSED || now_ms >= circuit->until_ms) return 0;
    return circuit->until_ms - now_ms;
}
