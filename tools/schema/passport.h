// The passport of a method. It is checked, so that a method with an incomplete or contradictory one does not
// build; then it is printed as the designators of its row in the table of methods.
#ifndef TOOLS_SCHEMA_PASSPORT_H
#define TOOLS_SCHEMA_PASSPORT_H

#include <stdbool.h>

#include "tools/schema/option.h"

struct method {
    const FileSet *set;
    const char *package;
    const Method *proto;
    bool commented;
};

// Ends the tool with the fault when there is one.
void passport_print(const struct method *method);

#endif
