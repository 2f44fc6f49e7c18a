// The file that this process runs.
#ifndef LIB_BASE_PROGRAM_H
#define LIB_BASE_PROGRAM_H

#include "lib/base/err.h"

enum { PROGRAM_HASH = 65 };

// SHA-256 of a file, in hex. Blocks.
MUST_CHECK bool program_hash(const char *path, char hex[PROGRAM_HASH], struct err *err);
// Of the running file itself, even if it was replaced on disk since. It is read once. Thread-safe.
MUST_CHECK bool program_hash_own(char hex[PROGRAM_HASH], struct err *err);

#endif
