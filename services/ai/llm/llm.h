// A language model behind any endpoint that speaks OpenAI's chat completions. It gets a text and gives one:
// no tools, no memory. It blocks: for SLOW handlers.
#ifndef AI_LLM_LLM_H
#define AI_LLM_LLM_H

#include "lib/base/buf.h"
#include "lib/base/err.h"

struct llm_settings {
    const char *url; // "https://api.example.org/v1"; "": there is no model
    const char *key; // bearer token, or ""
    const char *model;
    int64_t timeout_ms;              // of all of one summary's calls
    int64_t window_tokens;           // of one prompt, at most
    int64_t user_tokens, all_tokens; // in a day (UTC)
};

struct llm_prompt {
    const char *system, *user;
};

enum { LLM_ANSWER_TOKENS = 1200, LLM_ANSWER_BYTES = 32 << 10 };

// What a text costs, taken high: three bytes are a token at least.
int64_t llm_tokens_of(size_t bytes);
size_t llm_bytes_of(int64_t tokens); // of so many tokens, taken low
// Appends the model's answer. When it is not whole by then (monotonic) it is refused: SERVICE_AWAY, or
// DEADLINE_PASSED. *tokens: what the tries have cost, as far as that was told.
MUST_CHECK bool llm_ask(const struct llm_settings *settings, const struct llm_prompt *prompt,
                        int64_t until_ms, struct buf *answer, int64_t *tokens, struct err *err);

#endif
