#include "lib/audit/record.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

ProtobufCBinaryData audit_record_make(struct hash_chain *chain, ProtobufCBinaryData entry,
                                      struct arena *arena)
{
    uint8_t salt[HASH_CHAIN_SALT], leaf[HASH_CHAIN_HASH];
    randombytes_buf(salt, sizeof salt);
    hash_chain_leaf(leaf, salt, entry.data, entry.len);
    hash_chain_advance(chain, leaf);
    Audit__Record record = AUDIT__RECORD__INIT;
    record.entry = entry;
    record.salt = (ProtobufCBinaryData){sizeof salt, salt};
    record.hash = (ProtobufCBinaryData){HASH_CHAIN_HASH, chain->head};
    ProtobufCBinaryData bytes = {audit__record__get_packed_size(&record), NULL};
    bytes.data = arena_alloc(arena, bytes.len);
    if (bytes.data) audit__record__pack(&record, bytes.data);
    return bytes;
}

bool audit_record_read(ProtobufCBinaryData bytes, uint64_t number, struct arena *arena,
                       Audit__Record **record, Audit__Entry **entry, struct err *err)
{
    *record = audit__record__unpack(&arena->allocator, bytes.len, bytes.data);
    *entry =
        *record ? audit__entry__unpack(&arena->allocator, (*record)->entry.len, (*record)->entry.data) : NULL;
    if (arena->failed) return err_fail(err, CALL_TOO_LARGE, "the page needs too much memory");
    bool whole = *entry && (*record)->salt.len == HASH_CHAIN_SALT && (*record)->hash.len == HASH_CHAIN_HASH;
    return whole || err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the audit can't be read", number);
}

bool audit_record_follow(struct hash_chain *chain, const Audit__Record *record, struct err *err)
{
    uint8_t leaf[HASH_CHAIN_HASH];
    hash_chain_leaf(leaf, record->salt.data, record->entry.data, record->entry.len);
    hash_chain_advance(chain, leaf);
    return memcmp(chain->head, record->hash.data, HASH_CHAIN_HASH) == 0 ||
           err_fail(err, STORE_CORRUPT, "entry %" PRIu64 " of the audit does not follow from those before",
                    chain->seq);
}

const char *audit_kind_name(Audit__AuditKind__Value kind)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&audit__audit_kind__value__descriptor, (int)kind);
    return value ? value->name : "";
}
