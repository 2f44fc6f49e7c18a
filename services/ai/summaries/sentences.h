// The sentences of a text, by Persian and English ends. Pure.
#ifndef AI_SUMMARIES_SENTENCES_H
#define AI_SUMMARIES_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

struct sentence {
    const char *text; // within what was split, not ended by a NUL
    size_t len;       // without blanks at both ends, not 0
};

// The next sentence of the UTF-8 text from *at on, and *at behind it; false when nothing is left but blanks.
bool sentence_next(const char **at, struct sentence *sentence);

#endif
