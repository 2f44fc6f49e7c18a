// Which answers of a model's server are worth another try, and after which pause. Pure.
#ifndef AI_LLM_RETRY_H
#define AI_LLM_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum { LLM_TRIES = 3, LLM_PAUSE_MS = 500, LLM_PAUSE_MOST_MS = 8000 };

// 408, 409, 429 and 5xx; 0: no complete reply came.
bool llm_status_passes(long status);
// Before the next try, from 1 on: as the server asked (0: it did not), else twice as long each time, less up
// to a quarter, by random from 0 to 1. -1: it asks for longer than is waited.
int64_t llm_pause_ms(int next, int64_t retry_after_s, double random);

#endif
