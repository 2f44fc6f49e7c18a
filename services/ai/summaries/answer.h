// Between a window and a language model: what it is asked, and what of its answer is taken. Whatever it
// answers, a bullet names messages that it was given, and has no links, no mentions and no more than its
// bytes. Pure.
#ifndef AI_SUMMARIES_ANSWER_H
#define AI_SUMMARIES_ANSWER_H

#include "lib/base/buf.h"
#include "services/ai/summaries/extract.h"

extern const char answer_system[];       // of messages
extern const char answer_system_again[]; // of bullets

// The messages from `first` up to but not with `end`, as JSON; they are numbered by their place.
void answer_list_messages(struct buf *prompt, const struct window *window, size_t first, size_t end);
void answer_list_bullets(struct buf *prompt, const struct bullet *bullets, size_t count);

// Appends the bullets of an answer about these messages; what does not hold is left out.
void answer_read(const char *text, size_t len, const struct window *window, size_t first, size_t end,
                 struct bullets *bullets);
// Of one about bullets: each names the messages of those that it was made of.
void answer_read_again(const char *text, size_t len, const struct bullet *from, size_t from_count,
                       struct bullets *bullets);

#endif
