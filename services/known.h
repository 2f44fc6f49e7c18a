// All programs of Conse, and the tables of their settings.
#ifndef SERVICES_KNOWN_H
#define SERVICES_KNOWN_H

#include "lib/service/known.h"

extern const struct known_program conse_programs[];

#endif
