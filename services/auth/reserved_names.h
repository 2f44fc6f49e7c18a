// Usernames that nobody may take: those that sound like the operator or the program, also when letters are
// written as digits or set apart. Whole names are compared, so "goddess" is free. Pure.
#ifndef AUTH_RESERVED_NAMES_H
#define AUTH_RESERVED_NAMES_H

#include "lib/base/err.h"

#define DELETED_PREFIX "deleted-" // of deleted accounts; nobody else's name begins so

// USERNAME_RESERVED. more: further names, parted by commas; "" for none.
MUST_CHECK bool reserved_names_check(const char *more, const char *username, struct err *err);
// Whether `more` is a list of what could be usernames.
MUST_CHECK bool reserved_names_check_list(const char *more, struct err *err);

#endif
