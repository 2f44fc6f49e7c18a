// A file that is there whole or not at all: written beside its place under a name of its own, unreadable to
// others, and linked to its place once it is on the disk. It never replaces another.
#ifndef LIB_BASE_NEW_FILE_H
#define LIB_BASE_NEW_FILE_H

#include "lib/base/err.h"

struct new_file {
    char *path, *part; // its place, and where it is written
    int fd;            // to be written to; closed by the end
};

MUST_CHECK bool new_file_begin(struct new_file *file, const char *path, struct err *err);
// Ends it: the file is there. CONFLICT when another one is in its place, which stays; nothing is left then.
MUST_CHECK bool new_file_keep(struct new_file *file, struct err *err);
// Ends it: nothing is left.
void new_file_drop(struct new_file *file);

// Makes the names in the folder of this path durable.
MUST_CHECK bool sync_folder_of(const char *path, struct err *err);

#endif
