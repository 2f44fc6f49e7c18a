// The version of the project and of what it stores; the build records the commit it was made from.
#ifndef LIB_BASE_VERSION_H
#define LIB_BASE_VERSION_H

#define CONSE_VERSION "0.1.0"
// Grows with every kind of entry, form of snapshot and field of a row that older programs do not know. See
// replica_all_know.
enum { CONSE_FORMAT = 23 };
extern const char *const CONSE_COMMIT; // hex, or "unknown" outside a checkout

#endif
