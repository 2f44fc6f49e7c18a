// Which sentences have most in common with all the others: TextRank (Mihalcea and Tarau, EMNLP 2004), where
// two are as alike as the cosine of their words, each weighted by how rare it is. The graph is never made: a
// round costs a step for each word. The same sentences give the same ranks. Pure.
#ifndef AI_SUMMARIES_TEXTRANK_H
#define AI_SUMMARIES_TEXTRANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "services/ai/summaries/sentences.h"

enum { TEXTRANK_WORDS = 64 }; // of a sentence that count, its first

struct textrank_word {
    uint32_t number; // the same of all sentences that have it
    double weight;   // the squares of a sentence's are 1 together
};

struct textrank_sentence {
    struct textrank_word *words; // by number, none twice; without those that every sentence has
    size_t count;
    double rank; // of all sentences together 1
};

// In the arena; NULL when that is full.
struct textrank_sentence *textrank(const struct sentence *sentences, size_t count, struct arena *arena);
// From 0, nothing in common, to 1.
double textrank_likeness(const struct textrank_sentence *a, const struct textrank_sentence *b);

#endif
