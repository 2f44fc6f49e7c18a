// Secret keys in files: 32 random bytes each, in CONSE_DATA/keys, mode 0600, made at first use. Processes
// that start at once agree on one key.
#ifndef LIB_KEYS_KEY_FILE_H
#define LIB_KEYS_KEY_FILE_H

#include <stdint.h>

#include "lib/base/err.h"

enum { KEY_BYTES = 32, KEY_FILE_PATH = 1024 };

// folder is made (0700) when absent. name: "identity", "token/1" (token-1.key). A file of another size is
// STORE_CORRUPT; one that others may read is refused.
MUST_CHECK bool key_file_load(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err);
// The same, without making one: false with NOT_FOUND when absent.
MUST_CHECK bool key_file_read(const char *folder, const char *name, uint8_t key[KEY_BYTES], struct err *err);
// Of any path; the file may also have the key as 64 hex digits, with a line end.
MUST_CHECK bool key_file_read_at(const char *path, uint8_t key[KEY_BYTES], struct err *err);
// Durably; absent is fine.
MUST_CHECK bool key_file_remove(const char *folder, const char *name, struct err *err);
MUST_CHECK bool key_file_path(char path[KEY_FILE_PATH], const char *folder, const char *name,
                              struct err *err);

#endif
