// What a process says of itself as a process: its start, memory, open files, version.
#ifndef LIB_SERVICE_MEASURES_H
#define LIB_SERVICE_MEASURES_H

#include "lib/base/metrics.h"

void measures_add(struct metrics *metrics);

#endif
