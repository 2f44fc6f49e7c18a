// A summary made of what was said, word for word: the sentences that have most in common with all others,
// none twice. The same messages give the same bullets. Pure.
#ifndef AI_SUMMARIES_EXTRACT_H
#define AI_SUMMARIES_EXTRACT_H

#include "services/ai/summaries/window.h"

enum { BULLETS_MOST = 8, BULLET_MESSAGES = 3, BULLET_BYTES = 320 };

struct bullet {
    char text[BULLET_BYTES]; // "mira: The doctor was right."
    const char *room_id;
    size_t messages[BULLET_MESSAGES]; // places in the window, ascending: those that say it
    size_t messages_count;
};

struct bullets {
    struct bullet all[BULLETS_MOST]; // by their first message
    size_t count;
};

// False when there is no memory.
MUST_CHECK bool extract_bullets(const struct window *window, struct bullets *bullets, struct err *err);

#endif
