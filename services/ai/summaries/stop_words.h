// Words of English and Persian that say nothing of what a sentence is about. Pure.
#ifndef AI_SUMMARIES_STOP_WORDS_H
#define AI_SUMMARIES_STOP_WORDS_H

#include <stdbool.h>

bool stop_word_is(const char *word); // in the form of text_fold

#endif
