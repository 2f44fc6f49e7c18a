// The parts of a guard, for its own files.
#ifndef LIB_GUARD_PARTS_H
#define LIB_GUARD_PARTS_H

#include "lib/guard/guard.h"

// Landlock. *fenced: whether this kernel has it.
MUST_CHECK bool guard_fence(const struct guard_options *options, bool *fenced, struct err *err);
// seccomp, for all threads.
MUST_CHECK bool guard_calls(const char *service, bool only_log, struct err *err);

#endif
