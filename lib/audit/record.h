// Entries of the audit as its stream has them: packed, salted, chained. Pure but for the salt.
#ifndef LIB_AUDIT_RECORD_H
#define LIB_AUDIT_RECORD_H

#include "audit.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/hash_chain.h"

// The stream's bytes of a packed entry that follows the chain, which moves to it; NULL data when the arena is
// full.
ProtobufCBinaryData audit_record_make(struct hash_chain *chain, ProtobufCBinaryData entry,
                                      struct arena *arena);
// The record of a stream's bytes, and its entry. STORE_CORRUPT, naming the entry's number.
MUST_CHECK bool audit_record_read(ProtobufCBinaryData bytes, uint64_t number, struct arena *arena,
                                  Audit__Record **record, Audit__Entry **entry, struct err *err);
// Moves the chain to the record. STORE_CORRUPT when it does not follow from those before.
MUST_CHECK bool audit_record_follow(struct hash_chain *chain, const Audit__Record *record, struct err *err);

// "LEVEL_SET"; "" for a kind that is not known.
const char *audit_kind_name(Audit__AuditKind__Value kind);

#endif
