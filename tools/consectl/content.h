// The commands over a service's whole data.
#ifndef CONSECTL_CONTENT_H
#define CONSECTL_CONTENT_H

#include "tools/consectl/consectl.h"

#define CONTENT_HEADERLESS "--headerless"

int content_dump(struct ctl *ctl, int argc, char **argv);
int content_restore(struct ctl *ctl, int argc, char **argv);
int content_redactions(struct ctl *ctl, int argc, char **argv);
int content_redact(struct ctl *ctl, int argc, char **argv);

#endif
