// Fields whose bytes are another message, packed: what the option says of them is checked, and printed as the
// table behind schema_packed.
#ifndef TOOLS_SCHEMA_PACKED_H
#define TOOLS_SCHEMA_PACKED_H

#include "tools/schema/option.h"

// Ends the tool with the fault when there is one. Of messages that are in no other.
void packed_print(const FileSet *set);

#endif
