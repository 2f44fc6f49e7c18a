// A workload played by the order book alone.
#ifndef TESTS_MATCHING_ENGINE_H
#define TESTS_MATCHING_ENGINE_H

#include "tests/matching/reports.h"

// books: whether the book is reported after each message.
void engine_play(const struct workload *workload, bool books, struct reports *reports);

#endif
