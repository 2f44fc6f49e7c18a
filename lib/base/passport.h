// The rights of a method's passport: who may ask for it. Pure; nothing is allocated.
#ifndef LIB_BASE_PASSPORT_H
#define LIB_BASE_PASSPORT_H

#include "lib/base/schema.h"

enum { LEVEL_DEV = 1, LEVEL_GOD = 2, LEVEL_PLAYER = 3 }; // auth.Level; 0: nobody

// CALLER_REFUSED when the program is not among its callers.
MUST_CHECK bool passport_check_asker(const struct schema_method *method, Conse__Asker__Value asker,
                                     struct err *err);
// TOKEN_INVALID for nobody, LEVEL_TOO_LOW for others.
MUST_CHECK bool passport_check_level(const struct schema_method *method, uint32_t level, struct err *err);

#endif
