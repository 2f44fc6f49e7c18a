// A folder of our own that is there while something is made or tried, and goes with all that is in it.
#ifndef CONSECTL_FOLDER_H
#define CONSECTL_FOLDER_H

#include "lib/base/err.h"

// Makes one of a new name, for its owner alone: path ends in XXXXXX, which are replaced.
MUST_CHECK bool folder_make(char *path, struct err *err);
// Removes it and what is in it; links are removed, not followed.
void folder_remove(const char *path);
// Gives a complete folder its name, durably. CONFLICT when that name is taken.
MUST_CHECK bool folder_keep(const char *from, const char *path, struct err *err);
// Copies the files, not the folders, of one folder into another; a folder that is not there has none.
MUST_CHECK bool folder_copy_files(const char *from, const char *to, struct err *err);

#endif
