// What the commands of consectl audit share: walking a service's audit, and the file that it is exported to.
#ifndef CONSECTL_AUDIT_H
#define CONSECTL_AUDIT_H

#include "audit.pb-c.h"
#include "lib/base/hash_chain.h"
#include "tools/consectl/consectl.h"

enum { AUDIT_KEEPERS = 3 };
extern const char *const audit_keepers[AUDIT_KEEPERS]; // the services that keep one
// Its number among them; -1.
int audit_keeper(const char *service);

// One entry, which lives until the next page.
struct audit_item {
    const char *service;
    uint64_t number;
    const Audit__Record *record;
    const Audit__Entry *entry;
};
typedef bool audit_visit(void *arg, const struct audit_item *item, struct err *err);

// Visits what follows the chain, up to the newest entry, and moves the chain along. STORE_CORRUPT when an
// entry does not follow from those before, or the chain is longer than the audit.
MUST_CHECK bool audit_walk(struct ctl *ctl, const char *service, struct hash_chain *chain, audit_visit *visit,
                           void *arg, struct err *err);

void audit_export_line(const struct audit_item *item, Audit__Exported *line);

// ---- The file: JSON lines of all services, each service's in order, from its first.

struct audit_file {
    struct hash_chain chains[AUDIT_KEEPERS]; // to the last entry of each that it has
    long long whole;                         // bytes of whole lines
};

// Reads it and checks its chains; an empty one when there is none. A last line that is not whole is left out.
MUST_CHECK bool audit_file_read(const char *path, struct audit_file *file, struct err *err);

extern const struct ctl_command audit_commands[];

#endif
