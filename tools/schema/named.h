// What names of the contract stand for: messages and fields in protoc's output, and symbols in protobuf-c's.
#ifndef TOOLS_SCHEMA_NAMED_H
#define TOOLS_SCHEMA_NAMED_H

#include "tools/schema/option.h"

// ".events.LogEntry", of messages that are in no other; NULL when there is none.
const Message *named_message(const FileSet *set, const char *full_name);
const Field *named_field(const Message *message, const char *name); // NULL when there is none
// The field's place in protobuf-c's descriptor, which has them by number, from 1; 0 when it has none.
unsigned named_place(const Message *message, const char *name);
// "events__reveal_request__redeal" from ".events.RevealRequest.Redeal"; the first dot may be absent.
void named_symbol(char out[MAX_NAME * 2], const char *full_name);

#endif
