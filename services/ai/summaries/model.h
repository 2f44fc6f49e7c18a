// A summary by a language model: of a window that fits into a prompt by one question, of a longer one by a
// question for each part, and one about their bullets. Pure: who is asked is an argument.
#ifndef AI_SUMMARIES_MODEL_H
#define AI_SUMMARIES_MODEL_H

#include "lib/base/buf.h"
#include "services/ai/summaries/extract.h"

enum { MODEL_PARTS = 12 };

struct model {
    // Appends the answer to one prompt.
    bool (*ask)(void *arg, const char *system, const char *user, struct buf *answer, struct err *err);
    void *arg;
    size_t prompt_bytes; // of messages, at most
};

// CALL_TOO_LARGE when it is too long for so many parts; SERVICE_AWAY when an answer has no bullet that holds;
// as `ask` refuses.
MUST_CHECK bool model_bullets(const struct model *model, const struct window *window, struct bullets *bullets,
                              struct err *err);

#endif
