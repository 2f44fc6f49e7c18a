// What conse-up alone reads of the environment.
#ifndef TOOLS_CONSE_UP_SETTINGS_H
#define TOOLS_CONSE_UP_SETTINGS_H

#include "lib/service/config.h"

extern const struct config_var conse_up_vars[]; // for --help; each is read where it is used

#endif
