// What consectl alone reads of the environment; where services are, it takes from theirs.
#ifndef TOOLS_CONSECTL_SETTINGS_H
#define TOOLS_CONSECTL_SETTINGS_H

#include "lib/service/config.h"

extern const struct config_var consectl_vars[]; // for --help; each is read where it is used

#endif
