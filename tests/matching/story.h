// What became of a workload, by what was answered and by the ledger's entries, which have the trades.
#ifndef TESTS_MATCHING_STORY_H
#define TESTS_MATCHING_STORY_H

#include "tests/matching/service.h"

void story_report(const struct service *service, struct reports *reports);

#endif
