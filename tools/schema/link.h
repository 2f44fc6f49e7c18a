// Questions that the values of fields answer: what the option says of them is checked, and printed as the
// table behind schema_links.
#ifndef TOOLS_SCHEMA_LINK_H
#define TOOLS_SCHEMA_LINK_H

#include "tools/schema/option.h"

// Ends the tool with the fault when there is one. Of messages that are in no other.
void link_print(const FileSet *set);

#endif
