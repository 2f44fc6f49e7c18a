// A file that exists whole or not at all. It is written beside its place under a name of its own, unreadable
// to others, and linked to its place once it is on the disk. It never replaces another file.
#ifndef LIB_BASE_NEW_FILE_H
#define LIB_BASE_NEW_FILE_H

#include "lib/base/err.h"

struct new_file {
    char *path, *part; // its place, and where it is written
    int fd;            // to write to; closed at the end
};

MUST_CHECK bool new_file_begin(struct new_file *file, const char *path, struct err *err);
// Completes it: the file is in its place. CONFLICT when another one is there, which stays; nothing else is
// left then.
MUST_CHECK bool new_file_keep(struct new_file *file, struct err *err);
// Abandons it: nothing is left.
void new_file_drop(struct new_file *file);

// Makes the names in this path's folder durable.
MUST_CHECK bool sync_folder_of(const char *path, struct err *err);

#endif
