// The streams that services declare. They are checked, so that an incomplete declaration does not build; then
// they are printed as rows of the table of streams.
#ifndef TOOLS_SCHEMA_STREAM_H
#define TOOLS_SCHEMA_STREAM_H

#include "tools/schema/option.h"

// Programs as bits by their number.
unsigned stream_bits(const Conse__Asker__Value *programs, size_t count);
// Programs that read any stream.
unsigned stream_readers(const FileSet *set);
// The stream of that name, or one that has more words behind it; or NULL.
const Conse__Stream *stream_find(const FileSet *set, const char *name);
// Ends the tool with the fault when there is one.
void stream_print(const FileSet *set);

#endif
