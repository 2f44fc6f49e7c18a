// The version of the project; the build records the commit it was made from.
#ifndef LIB_BASE_VERSION_H
#define LIB_BASE_VERSION_H

#define CONSE_VERSION "0.1.0"
extern const char *const CONSE_COMMIT; // hex, or "unknown" outside a checkout

#endif
