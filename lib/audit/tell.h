// Tells auth what this service adds to its audit, so that one list has all. auth says how far it is, so
// nothing is remembered here; while auth is away, it waits. The same thread checks the chain.
#ifndef LIB_AUDIT_TELL_H
#define LIB_AUDIT_TELL_H

#include "lib/audit/audit.h"

struct audit_tell;
struct bus_keys;

struct audit_tell_options {
    struct audit *audit;
    Conse__Asker__Value self; // which program tells
    const char *auth;         // where it is asked
    struct bus_keys *bus_keys;
};

// Starts a thread. The audit must be open for as long.
MUST_CHECK bool audit_tell_start(struct audit_tell **tell, const struct audit_tell_options *options,
                                 struct err *err);
void audit_tell_stop(struct audit_tell *tell); // NULL is fine

#endif
