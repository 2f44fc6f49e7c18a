// Sets from which level on lines are written while the program runs: log_init's level holds until then.
// Thread-safe; a line under way may still go by the level before.
#ifndef LIB_BASE_LOG_LEVEL_H
#define LIB_BASE_LOG_LEVEL_H

#include "lib/base/log.h"

void log_set_level(enum log_level level);
enum log_level log_get_level(void);
// "debug"
const char *log_level_name(enum log_level level);

#endif
