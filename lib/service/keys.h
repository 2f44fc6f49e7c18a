// Secret keys of the installation: 32 random bytes per file in CONSE_DATA/keys, mode 0600, made at first use.
// Processes that start at once agree on one key.
#ifndef LIB_SERVICE_KEYS_H
#define LIB_SERVICE_KEYS_H

#include <stdint.h>

#include "lib/base/err.h"

enum { KEY_BYTES = 32 };

// folder is made (0700) when absent. name: "identity", "token-1", "deal". A file of another size is
// STORE_CORRUPT; one that others may read is refused.
MUST_CHECK bool keys_load(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err);
// The same, without making one: false with NOT_FOUND when absent.
MUST_CHECK bool keys_read(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err);
// STORE_CORRUPT when it is absent although stored data needs it, as `what` says ("open sessions rest on it"):
// a new key in its place would hide the loss.
MUST_CHECK bool keys_expect(const char *folder, const char *name, const char *what, struct err *err);

#endif
