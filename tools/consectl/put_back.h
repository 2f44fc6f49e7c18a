// Puts a backup of all services back, into stores that are not there or empty.
#ifndef CONSECTL_PUT_BACK_H
#define CONSECTL_PUT_BACK_H

#include "tools/consectl/manifest.h"

// Whether all files are as they were made.
MUST_CHECK bool put_back_check(const struct manifest *manifest, const char *folder, struct err *err);
// One part to where the settings say that the service stores. CONFLICT when something is there.
MUST_CHECK bool put_back(struct ctl *ctl, const struct manifest_part *part, const char *folder,
                         struct err *err);

#endif
