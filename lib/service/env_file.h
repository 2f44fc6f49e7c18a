// Settings from a file such as ./.env: lines NAME=value, put into the environment for names that are not set
// there. A value means what a shell would make of the same line; lines that a shell would expand are refused.
// Call it before threads start.
#ifndef LIB_SERVICE_ENV_FILE_H
#define LIB_SERVICE_ENV_FILE_H

#include "lib/base/err.h"

enum { ENV_FILE_MAX = 64 * 1024, ENV_FILE_LINE = 4096 };

// An absent file is fine. The error names file and line; what stood before that line is then already set.
MUST_CHECK bool env_file_load(const char *path, struct err *err);

// Takes one line, without its newline, apart in place. *name is NULL for a blank line or a comment; false
// with what is wrong about the line.
MUST_CHECK bool env_file_line(char *line, const char **name, const char **value, struct err *err);

#endif
