// Whether a file may hold a secret: it belongs to us or to root, and nobody reads it but us and a group of
// ours, as Kubernetes mounts secrets.
#ifndef LIB_BASE_PRIVATE_FILE_H
#define LIB_BASE_PRIVATE_FILE_H

#include "lib/base/err.h"

// path is for the error.
MUST_CHECK bool private_file_check(int fd, const char *path, struct err *err);

#endif
