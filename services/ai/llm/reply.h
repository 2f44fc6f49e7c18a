// What a chat completion answered: one JSON object, or a stream of server-sent events that ends with [DONE].
// An error may come within a stream whose status was 200. Pure.
#ifndef AI_LLM_REPLY_H
#define AI_LLM_REPLY_H

#include "lib/base/buf.h"

enum llm_outcome {
    LLM_WHOLE,  // the text is all that the model wanted to say
    LLM_CUT,    // the answer ends before the model did, or is an error; another try may give all
    LLM_STOPPED // the model was stopped: at its bound, or by a filter
};

// Appends the model's text, and says how many tokens it cost; 0: not told.
enum llm_outcome llm_reply_read(const char *bytes, size_t len, struct buf *text, int64_t *tokens);

#endif
