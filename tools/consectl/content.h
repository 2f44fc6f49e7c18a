// The commands over a service's whole data.
#ifndef CONSECTL_CONTENT_H
#define CONSECTL_CONTENT_H

#include "tools/consectl/consectl.h"
#include "tools/consectl/dump_sum.h"

#define CONTENT_HEADERLESS "--headerless"

int content_dump(struct ctl *ctl, int argc, char **argv);
int content_restore(struct ctl *ctl, int argc, char **argv);
int content_backup_all(struct ctl *ctl, int argc, char **argv);
int content_restore_all(struct ctl *ctl, int argc, char **argv);
int content_restore_verify(struct ctl *ctl, int argc, char **argv);
int content_redactions(struct ctl *ctl, int argc, char **argv);
int content_redact(struct ctl *ctl, int argc, char **argv);

// A service's dump into a new file; *sum has what is in it.
MUST_CHECK bool content_dump_file(struct ctl *ctl, const struct office *office, const char *path,
                                  struct dump_sum *sum, struct err *err);
// A dump into the service's empty store.
MUST_CHECK bool content_restore_file(struct ctl *ctl, const struct office *office, const char *path,
                                     size_t *items, struct err *err);

#endif
