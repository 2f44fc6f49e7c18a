// The options of proto/options.proto in the output of protoc. Their messages are unpacked to the heap and
// stay there until the tool ends.
#ifndef TOOLS_SCHEMA_OPTION_H
#define TOOLS_SCHEMA_OPTION_H

#include <protobuf-c/protobuf-c.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "options.pb-c.h"

enum { MAX_NAME = 256, OPTION_NAMES = 50002, OPTION_SECRET = 50004 };

typedef Google__Protobuf__FileDescriptorSet FileSet;
typedef Google__Protobuf__FileDescriptorProto File;
typedef Google__Protobuf__DescriptorProto Message;
typedef Google__Protobuf__FieldDescriptorProto Field;
typedef Google__Protobuf__MethodDescriptorProto Method;
typedef Google__Protobuf__ServiceDescriptorProto Service;

// options: an element's options in protoc's form, or NULL. Absent: 0.
unsigned option_number(const void *options, uint32_t tag);
// Absent: NULL.
const Conse__Rule *option_rule(const Field *field);
const Conse__Packed *option_packed(const Field *field);
// i counts from 0. NULL: no more, or it can't be read.
const Conse__Link *option_link(const Field *field, size_t i);
// "" when there is none.
const char *option_title(const Message *message);
const char *option_titles(const File *file);
// The records of the method's passport: one, when it is written in one piece.
size_t option_passports(const Method *method);
// The last of them; NULL when there is none, or it can't be read.
const Conse__Method *option_passport(const Method *method);

// The streams that a service declares; i counts from 0. NULL: no more, or it can't be read.
const Conse__Stream *option_stream(const Service *service, size_t i);

#endif
